// find Company supplies "ACME" and not owned_by+ "Bolt"
CALL () {
  MATCH (e3:Entity) WHERE e3._state IS NULL AND e3._number = $a1
  WITH DISTINCT e3
  MATCH (e3)((a0)-[r0:`OWNS`]->(b0) WHERE (((r0.since IS NULL OR r0.since <= $p0) AND (r0.until IS NULL OR r0.until > $p0)) AND b0._state IS NULL)){1,}(e2) WHERE e2._state IS NULL AND e3 <> e2
  WITH DISTINCT e2
  RETURN collect(DISTINCT e2) AS s0
}
CALL (s0) {
  MATCH (e1:Entity) WHERE e1._state IS NULL AND e1._number = $a0
  WITH DISTINCT e1
  MATCH (e1)<-[r1:`SUPPLIES`]-(e0) WHERE ((r1.since IS NULL OR r1.since <= $p0) AND (r1.until IS NULL OR r1.until > $p0)) AND e0._state IS NULL AND e0:`Company` AND e1 <> e0
  WITH DISTINCT e0 WHERE NOT coalesce(e0 IN s0, false)
  RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p
}
RETURN e0n, e0l, e0p
// $a0 = 1
// $a1 = 2
// $p0 = 2021-06-01
