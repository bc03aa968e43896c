// find Person[born in 1980 and seen >= 2020-01-01 and tall > 1.5 and active = true]
MATCH (e0:Entity) WHERE e0._state IS NULL AND e0:`Person` AND (e0.`born` >= $p0 AND e0.`born` <= $p1) AND e0.`seen` >= $p2 AND e0.`tall` > $p4 AND e0.`active` = $p5
WITH DISTINCT e0
RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p
// $p0 = 1980-01-01
// $p1 = 1980-12-31
// $p2 = 2020-01-01 00:00:00+00:00
// $p3 = 2020-01-02 00:00:00+00:00
// $p4 = 1.5
// $p5 = True
