// find Company supplies[value > 10k EUR and since >= 2020-01-01] as deal "ACME" show name, deal.value
MATCH (e1:Entity) WHERE e1._state IS NULL AND e1._number = $a0
WITH DISTINCT e1
MATCH (e1)<-[r0:`SUPPLIES`]-(e0) WHERE ((r0.since IS NULL OR r0.since <= $p3) AND (r0.until IS NULL OR r0.until > $p3) AND ((r0.`value` > $p1 AND r0.`value_currency` = $p0) AND r0.since >= $p2)) AND e0._state IS NULL AND e0:`Company` AND e1 <> e0
WITH DISTINCT e0, r0
RETURN e0._number AS e0n, labels(e0) AS e0l, e0 {.`_caption`, .`_caption_full`, .`_name_precision`, .`id`, .`name`, .`name_currency`} AS e0p, r0._number AS r0n, type(r0) AS r0t, startNode(r0)._number AS r0a, endNode(r0)._number AS r0b, properties(r0) AS r0p
// $a0 = 1
// $p0 = EUR
// $p1 = 10000.0
// $p2 = 2020-01-01
// $p3 = 2021-06-01
