// find shortest path from "ACME" to "Bolt" via lends[rate > 3%]
MATCH (e0:Entity) WHERE (e0._state IS NULL AND e0._number = $a0)
MATCH (e1:Entity) WHERE (e1._state IS NULL AND e1._number = $a1 AND e0 <> e1)
MATCH ALL SHORTEST (e0)((a0)-[r0:`LENDS`]->(b0) WHERE (((r0.since IS NULL OR r0.since <= $p0) AND (r0.until IS NULL OR r0.until > $p0) AND r0.`rate` > $p1) AND b0._state IS NULL)){1,6}(e1)
WITH r0 LIMIT $p2
WITH collect(r0) AS ways
WITH ways, size(ways) AS n UNWIND ways AS way UNWIND way AS r
WITH DISTINCT n, r, startNode(r) AS s, endNode(r) AS o
RETURN n, type(r) AS t, s._number AS a, o._number AS b, properties(r) AS p, labels(s) AS al, properties(s) AS ap, labels(o) AS bl, properties(o) AS bp
// $a0 = 1
// $a1 = 2
// $p0 = 2021-06-01
// $p1 = 0.03
// $p2 = 1001
