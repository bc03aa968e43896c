// find Person as p employed_by Company as c where p.country != c.country
MATCH (e0:Entity) WHERE e0._state IS NULL AND e0:`Person`
WITH DISTINCT e0
MATCH (e0)-[r0:`EMPLOYED_BY`]->(e1) WHERE ((r0.since IS NULL OR r0.since <= $p0) AND (r0.until IS NULL OR r0.until > $p0)) AND e1._state IS NULL AND e1:`Company` AND e0.`country` <> e1.`country`
WITH DISTINCT e0, e1
RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p, e1._number AS e1n, labels(e1) AS e1l, properties(e1) AS e1p
// $p0 = 2021-06-01
