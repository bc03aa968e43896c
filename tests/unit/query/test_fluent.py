"""Questions built in Python say what their text says."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

import relgraph
from relgraph.errors import QuerySyntaxError
from relgraph.query import fluent
from relgraph.query import syntax as s
from relgraph.query.bind import bind
from relgraph.query.fluent import (
    agg,
    anything,
    attr,
    chain,
    cycles,
    entity,
    every,
    find,
    flag,
    how_many,
    me,
    param,
    path,
    rel,
    relations,
    tag,
    text,
    the,
    today,
    us,
)
from relgraph.query.parse import parse
from relgraph.values import Money, PartialDate, Percent
from relgraph.vocabulary.model import Vocabulary

BUILT = [
    (
        (find("Person", flag("vip")) | find("Company", attr.country == "DE")).as_("p").that("owns", us),
        'find Person[vip]|Company[country = "DE"] as p owns us',
    ),
    (find("Company").that(rel("owns").at_least(2), us), "find Company owns{2..} us"),
    (find("Company").that(rel("owns").star(), us), "find Company owns* us"),
    (find("Company").that(rel("owns").falling("share").hops(1, 3), us), "find Company owns[falling share]{1..3} us"),
    (
        find("Company").show((1 - attr.a).as_("rest"), (2 + attr.a).as_("more"), (1 / attr.a - 3).as_("part")),
        "find Company show 1 - a as rest, 2 + a as more, 1 / a - 3 as part",
    ),
    (find("Company").no("owns", us).with_(rel("owns")), "find Company with no owns us and with owns"),
    (
        find("Company").that("partner_of", find("Company").that("partner_of", "ACME")).but_not("partner_of", "ACME"),
        'find Company partner_of (Company partner_of "ACME") and not partner_of "ACME"',
    ),
    (
        find("Person").that("employed_by", find("Company").that(rel("owned_by", attr.share > "50%").plus(), "ACME")),
        'find Person employed_by (Company owned_by[share > 50%]+ "ACME")',
    ),
    (
        path.strongest(
            me, find("Person", attr.role == "CFO"), via=rel("knows", "worked_with").hops(1, 4), prefer="strength"
        ),
        'find strongest paths from me to Person[role = "CFO"] via knows|worked_with{1..4} prefer strength',
    ),
    (
        find("Person").that("employed_by", find("Company"), "customer_of", find("Company"), "owned_by", "ACME"),
        'find Person employed_by Company customer_of Company owned_by "ACME"',
    ),
    (
        find("Person").as_("p").that("employed_by", find("Company").as_("c")).that("owns", the("c")).show("p", "c"),
        "find Person as p employed_by Company as c and owns c show p, c",
    ),
    (
        find("Company")
        .that(rel("customer_of", attr.since >= date(2020, 1, 1)).as_("deal"), us)
        .group_by("sector")
        .show("sector", agg.count().as_("customers"), agg.sum(attr.deal.contract_value).as_("value"))
        .having(agg.count() > 3)
        .order_by(attr.value.desc())
        .limit(10, per="sector")
        .skip(2),
        (
            "find Company customer_of[since >= 2020-01-01] as deal us group by sector "
            "show sector, count() as customers, sum(deal.contract_value) as value having count() > 3 "
            "order by value desc limit 10 per sector skip 2"
        ),
    ),
    (how_many("Company").that("supplies", us), "how many Company supplies us"),
    (find("Company").no("account_manager"), "find Company with no account_manager"),
    (find("Company").with_("sector").only("supplies", us), "find Company with sector and only supplies us"),
    (
        find("Company").optionally("managed_by", find("Person").as_("m")).show("name", attr.m.name),
        "find Company optionally managed_by Person as m show name, m.name",
    ),
    (
        find("Company").at_least(3, "supplied_by", find("Company", attr.country == "DE")),
        'find Company with at least 3 supplied_by Company[country = "DE"]',
    ),
    (
        find("Company").at_most(param("n"), "owned_by", times=True).exactly(0, "supplies").more_than(1, "owns"),
        "find Company with at most $n times owned_by and with exactly 0 supplies and with more than 1 owns",
    ),
    (find("Company").fewer_than(2, "owns", us), "find Company with fewer than 2 owns us"),
    (
        find("Company").and_(chain("supplies", us) | chain("owns", us), ~(attr.sector == "Steel") & tag("vip")),
        'find Company (supplies us or owns us) and not sector = "Steel" and has tag vip',
    ),
    (
        find("Company").where(attr.sector.in_("Steel", "Rail"), attr.name.not_in(param("names"))),
        'find Company where sector in ("Steel", "Rail") and name not in $names',
    ),
    (
        find("Company").where(
            attr.founded.in_period(2020),
            attr.founded.in_last(90, "days"),
            attr.founded.in_next(1, "week"),
            attr.degree.between(1, 5),
            attr.region.is_missing(),
            attr.name.is_present(),
        ),
        (
            "find Company where founded in 2020 and founded in last 90 days and founded in next 1 week "
            "and degree between 1 and 5 and region is missing and name is present"
        ),
    ),
    (
        find("Company").where(
            attr.name.contains("50%"), attr.name.starts_with("a"), attr.name.ends_with("b"), attr.name.matches("a*")
        ),
        'find Company where name contains "50%" and name starts with "a" and name ends with "b" and name matches "a*"',
    ),
    (
        find("Company").that(rel("owns", attr.share >= Percent("25%")) | rel("controls").ever(), "X"),
        'find Company owns[share >= 25%]|controls[ever] "X"',
    ),
    (
        find("Account").that(rel("transferred_to", attr.amount > "9000 EUR").rising("booked").hops(1, 3), param("p")),
        "find Account transferred_to[amount > 9000 EUR and rising booked]{1..3} $p",
    ),
    (
        find("Company").that(rel("owns").as_of("2020-05-01"), us).that(rel("owns").during(2020, 2021), us),
        "find Company owns[as of 2020-05-01] us and owns[during 2020 to 2021] us",
    ),
    (
        find("Company").that(rel().hops(2), every(anything(tag("vip")))),
        "find Company any{2} every anything[has tag vip]",
    ),
    (
        find("Company").that("owns", entity(id="c-1") | entity(name="X", type="Company")),
        'find Company owns @c-1 | Company "X"',
    ),
    (find("Company").that("owns", ["A", "B"]), 'find Company owns "A" or "B"'),
    (find(param("who")).that("owns", us), "find $who owns us"),
    (
        find("Company").that("supplies", us).union(find("Person")).minus(find("Company")).limit(3),
        "((find Company supplies us) union (find Person)) minus (find Company) limit 3",
    ),
    (find("Company").intersect(find("Company").that("owns", us)), "(find Company) intersect (find Company owns us)"),
    (cycles(rel("transferred_to").hops(3, 6), rising="booked"), "find cycles via transferred_to{3..6} rising booked"),
    (
        path.shortest(us, "X", via="knows", count=3, avoiding="Y", through=[me], one=True, name="p"),
        'find 3 shortest path as p from us to "X" via knows through me avoiding "Y"',
    ),
    (path.all(me, us), "find all paths from me to us"),
    (relations("owns", attr.confidence < 0.5), "find relations owns[confidence < 0.5]"),
    (relations(attr.source.is_missing()), "find relations [source is missing]"),
    (
        relations(rel("owns").ever(), source="A", target=find("Company"), name="r", where=attr.share > 0),
        'find relations owns[ever] as r from "A" to Company where share > 0',
    ),
    (relations(between=("A", "B")), 'find relations between "A" and "B"'),
    (relations(touching=["A"]).as_of("any time"), 'find relations with "A" as of any time'),
    (
        find("Company").as_of(date(2024, 1, 1)).known_at(datetime(2024, 6, 1, 12, tzinfo=UTC)),
        "find Company as of 2024-01-01 known at 2024-06-01T12:00:00Z",
    ),
    (find("Company").during("2024-Q1"), "find Company during 2024-Q1"),
    (
        find("Company").where(attr.x == text("50%"), attr.y > PartialDate(2024, 3), attr.z < today(-90, "days")),
        'find Company where x = "50%" and y > 2024-03 and z < today - 90 days',
    ),
    (
        find("Company").where(attr.x == Money("5", "EUR"), attr.y == True, attr["limit"] == 1.5),  # noqa: E712
        "find Company where x = 5 EUR and y = true and `limit` = 1.5",
    ),
    (
        find("Company").show(
            agg.collect(attr.a, attr.b, distinct=True), (attr.d.until.is_missing()).as_("open"), distinct=True
        ),
        "find Company show distinct collect(distinct a, b), d.until is missing as open",
    ),
]


@pytest.mark.parametrize(("built", "said"), BUILT, ids=[one[1] for one in BUILT])
def test_a_built_question_is_its_text(built: object, said: str) -> None:
    assert str(built) == said
    assert built.query == parse(said)  # type: ignore[attr-defined]


def test_a_builder_can_be_bound(commerce: Vocabulary) -> None:
    assert bind(str(find("Company").that("supplies", us)), commerce).text == "find Company supplies us"


def test_entities_of_a_result_stand_for_themselves() -> None:
    class Row:
        id = "c 1"

    assert str(find("Company").that("owns", Row())) == 'find Company owns @"c 1"'


def test_what_text_cannot_say_cannot_be_built() -> None:
    computed = find("Company").where(attr.deal.value * 2 > 1)
    with pytest.raises(QuerySyntaxError):
        _ = computed.query
    with pytest.raises(QuerySyntaxError):
        _ = find("Company").where(attr.x == param("x show y")).query


@pytest.mark.parametrize(
    "build",
    [
        find,
        lambda: find("Company", me),
        lambda: find("Company").that("owns", us, "owns"),
        lambda: find("Company").that("owns", 3),
        lambda: find("Company").that("owns", find("Company").limit(3)),
        lambda: find("Company").limit(me),
        lambda: find("Company").group_by(attr.x + 1),
        lambda: find("Company").where(attr.x == object()),
        lambda: find("Company").where(attr.x == "5 XXQ"),
        lambda: find("Company").where(attr.x == Decimal("nan")),
        entity,
        lambda: entity(id="a", name="b"),
        lambda: find("Company", 5),  # type: ignore[arg-type]
        lambda: find("Company", find("Person")),  # type: ignore[arg-type]
        lambda: find("Company").and_("owns", "ACME"),  # type: ignore[arg-type]
        lambda: find("Company").where("name"),  # type: ignore[arg-type]
        lambda: find("Company").having(3),  # type: ignore[arg-type]
        lambda: find("Company").show("count()"),
        lambda: find("Company").order_by("sum(x)"),
        lambda: anything("vip"),  # type: ignore[arg-type]
        lambda: rel("owns", 3),  # type: ignore[arg-type]
        lambda: relations("owns", find("Company")),  # type: ignore[arg-type]
    ],
)
def test_parts_that_do_not_go_together_are_refused(build: object) -> None:
    with pytest.raises(QuerySyntaxError):
        build()  # type: ignore[operator]


def test_a_condition_is_no_truth() -> None:
    with pytest.raises(TypeError, match="join"):
        bool(attr.x == 1)
    with pytest.raises(AttributeError):
        _ = agg.total


def test_every_part_of_the_language_can_be_built() -> None:
    def parts(node: object) -> Iterator[type]:
        if isinstance(node, tuple):
            for one in node:
                yield from parts(one)
        elif isinstance(node, s.Node):
            yield type(node)
            for one in fields(node):
                yield from parts(getattr(node, one.name))

    built = {kind for one, _ in BUILT for kind in parts(one.query)}
    named = {one for one in vars(s).values() if isinstance(one, type) and issubclass(one, s.Node)}
    # a question in parentheses says what it says without them
    assert named - built == {s.Node, s.Query, s.Grouped}


def test_every_part_has_a_name_that_is_public() -> None:
    # a tag is said by flag, as the name tag is that of vocabularies; a chain by the methods of a find
    assert set(fluent.__all__) - set(relgraph.__all__) == {"chain"}
    assert all(getattr(relgraph, name) is getattr(fluent, name) for name in set(fluent.__all__) - {"chain", "tag"})


def test_types_are_joined_and_nothing_else() -> None:
    with pytest.raises(QuerySyntaxError, match="union"):
        find("Person") | find("Company").that("owns", us)
