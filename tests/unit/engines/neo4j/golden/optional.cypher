// find Company that supplies "ACME" and optionally employs as j Person as m show name, m.name, j.role
MATCH (e1:Entity) WHERE e1._state IS NULL AND e1._number = $a0
WITH DISTINCT e1
MATCH (e1)<-[r0:`SUPPLIES`]-(e0) WHERE ((r0.since IS NULL OR r0.since <= $p0) AND (r0.until IS NULL OR r0.until > $p0)) AND e0._state IS NULL AND e0:`Company` AND e1 <> e0
WITH DISTINCT e0
OPTIONAL CALL (e0) {
  MATCH (e0)<-[r1:`EMPLOYED_BY`]-(e2) WHERE ((r1.since IS NULL OR r1.since <= $p0) AND (r1.until IS NULL OR r1.until > $p0)) AND e2._state IS NULL AND e2:`Person`
  RETURN DISTINCT r1, e2
}
WITH DISTINCT e0, r1, e2
RETURN e0._number AS e0n, labels(e0) AS e0l, e0 {.`_caption`, .`_caption_full`, .`_name_precision`, .`id`, .`name`, .`name_currency`} AS e0p, r1._number AS r1n, type(r1) AS r1t, startNode(r1)._number AS r1a, endNode(r1)._number AS r1b, properties(r1) AS r1p, e2._number AS e2n, labels(e2) AS e2l, e2 {.`_caption`, .`_caption_full`, .`_name_precision`, .`id`, .`name`, .`name_currency`} AS e2p
// $a0 = 1
// $p0 = 2021-06-01
