// find Company with no employs
MATCH (e0:Entity) WHERE e0._state IS NULL AND e0:`Company`
WITH DISTINCT e0 WHERE NOT EXISTS { MATCH (e0)<-[r0:`EMPLOYED_BY`]-(e1) WHERE (((r0.since IS NULL OR r0.since <= $p0) AND (r0.until IS NULL OR r0.until > $p0)) AND e1._state IS NULL AND e1 <> e0) }
RETURN e0._number AS e0n, labels(e0) AS e0l, properties(e0) AS e0p
// $p0 = 2021-06-01
