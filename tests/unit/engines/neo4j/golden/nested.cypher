// find Organization that supplies "ACME" and supplies (Organization competes_with "ACME")
MATCH (e1:Entity) WHERE e1._state IS NULL AND e1._number = $a0
WITH DISTINCT e1
MATCH (e1)<-[r0:`SUPPLIES`]-(e0) WHERE ((r0.since IS NULL OR r0.since <= $p0) AND (r0.until IS NULL OR r0.until > $p0)) AND e0._state IS NULL AND e0:`Organization` AND e1 <> e0
WITH DISTINCT e0 WHERE EXISTS { MATCH (e0)-[r1:`SUPPLIES`]->(e4) WHERE (((r1.since IS NULL OR r1.since <= $p0) AND (r1.until IS NULL OR r1.until > $p0)) AND e4._state IS NULL AND e4:`Organization` AND e4 <> e0 AND EXISTS { MATCH (e4)-[r2:`COMPETES_WITH`]-(e5) WHERE (((r2.since IS NULL OR r2.since <= $p0) AND (r2.until IS NULL OR r2.until > $p0)) AND e5:Entity AND e5._state IS NULL AND e5._number = $a0 AND e5 <> e0 AND e5 <> e4) }) }
RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p
// $a0 = 1
// $p0 = 2021-06-01
