// find Company[not sector = "Steel" and revenue is missing]
MATCH (e0:Entity) WHERE e0._state IS NULL AND e0:`Company` AND NOT coalesce(e0.`sector` = $p0, false) AND NOT coalesce(e0.`revenue` IS NOT NULL, false)
RETURN DISTINCT e0._number AS e0n
// $p0 = Steel
