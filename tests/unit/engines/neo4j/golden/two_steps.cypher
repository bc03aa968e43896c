// find Company partner_of Company partner_of "ACME"
MATCH (e2:Entity) WHERE e2._state IS NULL AND e2._number = $a0
WITH DISTINCT e2
MATCH (e2)-[r0:`PARTNER_OF`]-(e1) WHERE ((r0.since IS NULL OR r0.since <= $p0) AND (r0.until IS NULL OR r0.until > $p0)) AND e1._state IS NULL AND e1:`Company` AND e2 <> e1
WITH DISTINCT e2, e1
MATCH (e1)-[r1:`PARTNER_OF`]-(e0) WHERE ((r1.since IS NULL OR r1.since <= $p0) AND (r1.until IS NULL OR r1.until > $p0)) AND e0._state IS NULL AND e0:`Company` AND e2 <> e0 AND e1 <> e0
WITH DISTINCT e0
RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p
// $a0 = 1
// $p0 = 2021-06-01
