// find Company[not sector = "Steel" and revenue is missing]
MATCH (e0:Entity) WHERE e0._state IS NULL AND e0:`Company` AND NOT coalesce(e0.`sector` = $p0, false) AND NOT coalesce(e0.`revenue` IS NOT NULL, false)
WITH DISTINCT e0
RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p
// $p0 = Steel
