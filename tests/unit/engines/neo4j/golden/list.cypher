// find Company supplies $those
MATCH (e1:Entity) WHERE e1._state IS NULL AND e1._number IN $a0
WITH DISTINCT e1
MATCH (e1)<-[r0:`SUPPLIES`]-(e0) WHERE ((r0.since IS NULL OR r0.since <= $p0) AND (r0.until IS NULL OR r0.until > $p0)) AND e0._state IS NULL AND e0:`Company` AND e1 <> e0
WITH DISTINCT e0
RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p
// $a0 = [101, 102]
// $p0 = 2021-06-01
