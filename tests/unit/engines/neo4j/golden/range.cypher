// find Person employed_by Company customer_of Company owned_by[share > 50%]+ "ACME"
MATCH (e3:Entity) WHERE e3._state IS NULL AND e3._number = $a0
WITH DISTINCT e3
MATCH (e3)((a0)-[r0:`OWNS`]->(b0) WHERE (((r0.since IS NULL OR r0.since <= $p0) AND (r0.until IS NULL OR r0.until > $p0) AND r0.`share` > $p1) AND b0._state IS NULL)){1,}(e2) WHERE e2._state IS NULL AND e2:`Company` AND e3 <> e2
WITH DISTINCT e3, e2
MATCH (e2)<-[r1:`CUSTOMER_OF`]-(e1) WHERE ((r1.since IS NULL OR r1.since <= $p0) AND (r1.until IS NULL OR r1.until > $p0)) AND e1._state IS NULL AND e1:`Company` AND e3 <> e1 AND e2 <> e1
WITH DISTINCT e3, e1
MATCH (e1)<-[r2:`EMPLOYED_BY`]-(e0) WHERE ((r2.since IS NULL OR r2.since <= $p0) AND (r2.until IS NULL OR r2.until > $p0)) AND e0._state IS NULL AND e0:`Person` AND e3 <> e0
WITH DISTINCT e0
RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p
// $a0 = 1
// $p0 = 2021-06-01
// $p1 = 0.5
