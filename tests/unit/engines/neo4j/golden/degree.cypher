// find Company[degree > 3 and type = "Bank"] supplies "ACME"
MATCH (e1:Entity) WHERE e1._state IS NULL AND e1._number = $a0
WITH DISTINCT e1
MATCH (e1)<-[r1:`SUPPLIES`]-(e0) WHERE ((r1.since IS NULL OR r1.since <= $p0) AND (r1.until IS NULL OR r1.until > $p0)) AND e0._state IS NULL AND e0:`Company` AND e1 <> e0 AND e0:(`Bank`)
WITH DISTINCT e0 WHERE COUNT { (e0)-[r0:`COMPETES_WITH`|`CONTROLS`|`CUSTOMER_OF`|`EMPLOYED_BY`|`INFLUENCES`|`LENDS`|`OWNS`|`PARTNER_OF`|`SUPPLIES`]-(e2) WHERE (e2._state IS NULL AND (r0.since IS NULL OR r0.since <= $p0) AND (r0.until IS NULL OR r0.until > $p0)) } > $p1
RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p
// $a0 = 1
// $p0 = 2021-06-01
// $p1 = 3
