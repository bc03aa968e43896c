// find Company[sector in ("Steel", "Media") and size between 10 and 50 and founded < 2000 and vip]
MATCH (e0:Entity) WHERE e0._state IS NULL AND e0:`Company` AND e0.`sector` IN $p0 AND (e0.`size` >= $p1 AND e0.`size` <= $p2) AND CASE e0.`_founded_precision` WHEN 1 THEN e0.`founded` + duration({months: 1}) - duration({days: 1}) WHEN 2 THEN e0.`founded` + duration({years: 1}) - duration({days: 1}) ELSE e0.`founded` END < $p3 AND $p5 IN e0._tags
WITH DISTINCT e0
RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p
// $p0 = ['Steel', 'Media']
// $p1 = 10
// $p2 = 50
// $p3 = 2000-01-01
// $p4 = 2000-12-31
// $p5 = vip
