// find Company (supplies "ACME" or partner_of "Bolt")
CALL () {
  MATCH (e2:Entity) WHERE e2._state IS NULL AND e2._number = $a0
  WITH DISTINCT e2
  MATCH (e2)<-[r0:`SUPPLIES`]-(e1) WHERE ((r0.since IS NULL OR r0.since <= $p0) AND (r0.until IS NULL OR r0.until > $p0)) AND e1._state IS NULL AND e2 <> e1
  WITH DISTINCT e1
  RETURN collect(DISTINCT e1) AS s0
}
CALL (s0) {
  MATCH (e4:Entity) WHERE e4._state IS NULL AND e4._number = $a1
  WITH DISTINCT e4
  MATCH (e4)-[r1:`PARTNER_OF`]-(e3) WHERE ((r1.since IS NULL OR r1.since <= $p0) AND (r1.until IS NULL OR r1.until > $p0)) AND e3._state IS NULL AND e4 <> e3
  WITH DISTINCT e3
  RETURN collect(DISTINCT e3) AS s1
}
CALL (s0, s1) {
  UNWIND (s0 + s1) AS e0
  WITH DISTINCT e0 WHERE e0._state IS NULL AND e0:`Company`
  WITH DISTINCT e0
  RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p
}
RETURN e0n, e0l, e0p
// $a0 = 1
// $p0 = 2021-06-01
// $a1 = 2
