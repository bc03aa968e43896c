// find shortest path as way from "ACME" to "Bolt" via supplies show way.hops
MATCH (e0:Entity) WHERE (e0._state IS NULL AND e0._number = $a0)
MATCH (e1:Entity) WHERE (e1._state IS NULL AND e1._number = $a1 AND e0 <> e1)
MATCH SHORTEST 1 (e0)((a0)-[r0:`SUPPLIES`]->(b0) WHERE (((r0.since IS NULL OR r0.since <= $p0) AND (r0.until IS NULL OR r0.until > $p0)) AND b0._state IS NULL)){1,6}(e1)
RETURN size(r0) AS n
// $a0 = 1
// $a1 = 2
// $p0 = 2021-06-01
