// find Person as p employed_by Company as c and owns c
MATCH (e0:Entity) WHERE e0._state IS NULL AND e0:`Person`
WITH DISTINCT e0
MATCH (e0)-[r1:`EMPLOYED_BY`]->(e1) WHERE ((r1.since IS NULL OR r1.since <= $p0) AND (r1.until IS NULL OR r1.until > $p0)) AND e1._state IS NULL AND e1:`Company`
WITH DISTINCT e0, e1 WHERE EXISTS { MATCH (e0)-[r0:`OWNS`]->(e1) WHERE (((r0.since IS NULL OR r0.since <= $p0) AND (r0.until IS NULL OR r0.until > $p0)) AND e1 <> e0) }
RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p, e1._number AS e1n, labels(e1) AS e1l, properties(e1) AS e1p
// $p0 = 2021-06-01
