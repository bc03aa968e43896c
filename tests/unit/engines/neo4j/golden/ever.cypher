// find Company supplies[ever] "ACME"
MATCH (e1:Entity) WHERE e1._state IS NULL AND e1._number = $a0
WITH DISTINCT e1
MATCH (e1)<-[r0:`SUPPLIES`]-(e0) WHERE e0._state IS NULL AND e0:`Company` AND e1 <> e0
WITH DISTINCT e0
RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p
// $a0 = 1
