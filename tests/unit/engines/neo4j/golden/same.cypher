// find Company as a owns Company owns Company owns a
MATCH (e0:Entity) WHERE e0._state IS NULL AND e0:`Company`
WITH DISTINCT e0 WHERE EXISTS { MATCH (e0)-[r0:`OWNS`]->(e3) MATCH (e3)-[r1:`OWNS`]->(e4) MATCH (e4)-[r2:`OWNS`]->(e0) WHERE (((r0.since IS NULL OR r0.since <= $p0) AND (r0.until IS NULL OR r0.until > $p0)) AND e3._state IS NULL AND e3:`Company` AND e3 <> e0 AND ((r1.since IS NULL OR r1.since <= $p0) AND (r1.until IS NULL OR r1.until > $p0)) AND e4._state IS NULL AND e4:`Company` AND e4 <> e0 AND e4 <> e3 AND ((r2.since IS NULL OR r2.since <= $p0) AND (r2.until IS NULL OR r2.until > $p0)) AND e0 <> e4) }
RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p
// $p0 = 2021-06-01
