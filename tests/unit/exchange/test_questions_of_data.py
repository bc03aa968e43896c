"""Questions over data that others published, each answered a second time by a few lines over the raw rows."""

from __future__ import annotations

import csv
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import relgraph
from relgraph import Graph
from relgraph.exchange.load import load
from relgraph.exchange.mapping import ImportMapping

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"
Rows = list[dict[str, str]]


def shared(folder: str) -> Path:
    path = DATA / folder
    if not path.is_dir():
        pytest.skip(f"the data in {folder} is not part of the project and is not here")
    return path


def read(name: str, folder: str, **options: Any) -> Iterator[Graph]:
    data = shared(folder)
    mapping = ImportMapping.load(ROOT / "examples" / "imports" / f"{name}.yaml")
    with relgraph.open(vocabulary=mapping.vocabulary_path, **options) as graph:
        load(graph, mapping, data=data)
        yield graph


# ------------------------------------------------------------------------------- who owns whom: German media companies


class Media:
    """The raw rows: shares as fractions, None where there is none, by (owner, owned)."""

    def __init__(self, path: Path, graph: Graph) -> None:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            shares = database.execute("SELECT shareholder, owns, share FROM shares").fetchall()
            self.owners = [owner for (owner,) in database.execute("SELECT owner FROM media")]
            self.companies = [one for (one,) in database.execute("SELECT id FROM company")]
        self.shares = {(one, other): None if part is None else Fraction(str(part)) / 100 for one, other, part in shares}
        self.of = {graph.by_key("kek", f"company:{one}").id: one for one in self.companies}
        self.id = {number: identifier for identifier, number in self.of.items()}

    def graph(self, least: Fraction = Fraction(-1)) -> nx.DiGraph[Any]:
        """Return who owns whom by more than so much, nobody by oneself."""
        pairs = [
            pair
            for pair, part in self.shares.items()
            if pair[0] != pair[1] and (least < 0 or (part is not None and part > least))
        ]
        return nx.DiGraph(pairs)


@pytest.fixture(scope="module")
def kek() -> Iterator[Graph]:
    yield from read("kek", "kek_media_ownership")


@pytest.fixture(scope="module")
def media(kek: Graph) -> Media:
    return Media(shared("kek_media_ownership") / "kek.sqlite", kek)


@pytest.fixture
def numbers(kek: Graph, media: Media) -> Callable[..., list[int]]:
    def numbers(text: str, **parameters: Any) -> list[int]:
        """Return the numbers of the companies that a question finds."""
        found = kek.query(text, limit=100_000, params=parameters).scalars()
        return sorted(media.of[one.id] for one in found)

    return numbers


def test_whatever_is_held_through_majorities(media: Media, numbers: Callable[..., list[int]]) -> None:
    held = media.graph(Fraction(1, 2))
    tops = sorted(held, key=lambda one: (-len(nx.descendants(held, one)), one))[:20]
    assert len(nx.descendants(held, tops[0])) > 50
    for top in tops:
        found = numbers("find Company owned_by[share > 50%]+ $top", top=media.id[top])
        assert found == sorted(nx.descendants(held, top))


def test_whoever_holds_through_any_chain_and_by_two_hops(media: Media, numbers: Callable[..., list[int]]) -> None:
    held = media.graph()
    ends = sorted(held, key=lambda one: (-len(nx.ancestors(held, one)), one))[:20]
    for end in ends:
        assert numbers("find Company owns+ $end", end=media.id[end]) == sorted(nx.ancestors(held, end))
        two = {far for near in held.pred[end] for far in held.pred[near] if far not in {end, near}}
        assert numbers("find Company owns Company owns $end", end=media.id[end]) == sorted(two)
        assert numbers("find Company owns{2} $end", end=media.id[end]) == sorted(two)


def test_who_ultimately_owns(kek: Graph, media: Media) -> None:
    held = media.graph()
    rings = {one for ring in nx.simple_cycles(held) for one in ring} | {
        one for one, other in media.shares if one == other
    }
    # where nothing comes back: the sum over all chains of their products, exactly
    ends = [one for one in held if len(nx.ancestors(held, one)) > 8 and not rings & ({one} | nx.ancestors(held, one))]
    assert len(ends) > 20
    # rings stand in no way here: whatever leads to these ends has none
    order = list(nx.topological_sort(nx.DiGraph([pair for pair in held.edges if not rings & set(pair)])))
    for end in sorted(ends)[:25]:
        total: dict[int, Fraction] = defaultdict(Fraction, {end: Fraction(1)})
        above = {end} | nx.ancestors(held, end)
        for one in (one for one in reversed(order) if one in above):
            for owner in held.pred[one]:
                total[owner] += total[one] * (media.shares[owner, one] or 0)
        expected = {owner: part for owner, part in total.items() if owner != end and part > Fraction(1, 4)}
        text = "find Company ultimately_owns[share > 25%] as u $end show id, u.share"
        found = {media.of[row[0]]: row[1].fraction for row in kek.query(text, end=media.id[end])}
        assert found.keys() == expected.keys()
        assert all(abs(Fraction(found[one]) - expected[one]) < Fraction(1, 10**20) for one in found)


def test_circular_ownership(kek: Graph, media: Media) -> None:
    held = media.graph()
    rings = {frozenset(one) for one in nx.simple_cycles(held, length_bound=6) if len(one) > 1}
    assert rings
    found = kek.query("find cycles via owns{2..6}", limit=10_000).scalars()
    assert all(isinstance(one, relgraph.Path) for one in found)
    assert {frozenset(media.of[entity.id] for entity in one.entities) for one in found} == rings
    alone = kek.query("find cycles via owns{1..1}").scalars()
    assert [media.of[one.entities[0].id] for one in alone] == [one for one, other in media.shares if one == other]


def test_counts_of_owners(media: Media, numbers: Callable[..., list[int]]) -> None:
    owners = Counter(other for one, other in media.shares if one != other)
    assert numbers("find Company with at least 5 owned_by Company") == sorted(
        one for one, count in owners.items() if count >= 5
    )
    assert numbers("find Company with no owned_by") == sorted(set(media.companies) - set(owners))
    halves = Counter(other for (one, other), part in media.shares.items() if part == Fraction(1, 2) and one != other)
    assert numbers("find Company with exactly 2 owned_by[share = 50%] Company") == sorted(
        one for one, count in halves.items() if count == 2
    )


def test_who_publishes_nothing_and_owns_nobody_who_does(media: Media, numbers: Callable[..., list[int]]) -> None:
    publishing = set(media.owners)
    assert numbers("find Company with no publishes") == sorted(set(media.companies) - publishing)
    held = media.graph()
    over = {one for one in held if nx.descendants(held, one) & publishing}
    text = "(find Company) minus (find Company owns+ (Company publishes Medium))"
    assert numbers(text) == sorted(set(media.companies) - over)


def test_shares_that_are_not_told_are_in_no_comparison(kek: Graph, media: Media) -> None:
    parts = list(media.shares.values())
    for test, expected in (
        ("share is missing", sum(one is None for one in parts)),
        ("share > 50%", sum(one is not None and one > Fraction(1, 2) for one in parts)),
        ("not share > 50%", sum(one is None or one <= Fraction(1, 2) for one in parts)),
        ("share != 100%", sum(one is not None and one != 1 for one in parts)),
    ):
        assert kek.query(f"find relations owns[{test}] show count()").one() == expected
    assert kek.query("find relations owns[share > 50%]", limit=10_000).notes == ("47 had no share",)


# ------------------------------------------------------------------------------------- orders, products, and people


@pytest.fixture(scope="module")
def northwind() -> Iterator[Graph]:
    yield from read("northwind", "northwind")


@pytest.fixture(scope="module")
def table() -> Callable[[str], Rows]:
    folder = shared("northwind")

    def table(name: str) -> Rows:
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    return table


def test_the_largest_products_of_each_category(northwind: Graph, table: Callable[[str], Rows]) -> None:
    categories = {one["categoryID"]: one["categoryName"] for one in table("categories")}
    products = [
        (categories[one["categoryID"]], one["productName"], Decimal(one["unitPrice"])) for one in table("products")
    ]
    ordered = sorted(products, key=lambda one: (-one[2], one[1]))
    expected = [one for at, one in enumerate(ordered) if sum(two[0] == one[0] for two in ordered[:at]) < 3]
    text = """find Product filed_under Category as c
        show c.name, name, price order by price desc, name limit 3 per c.name"""
    assert [(row[0], row[1], row[2].amount) for row in northwind.query(text)] == expected


def test_freight_by_year_and_mean(northwind: Graph, table: Callable[[str], Rows]) -> None:
    years: dict[int, list[Decimal]] = defaultdict(list)
    for one in table("orders"):
        years[int(one["orderDate"][:4])].append(Decimal(one["freight"]))
    text = """find Order group by ordered.year order by ordered.year
        show ordered.year, count() as orders, sum(freight) as freight, sum(freight) / count() as mean"""
    found = northwind.query(text)
    assert [(row[0], row[1], row[2].amount) for row in found] == [
        (year, len(some), sum(some)) for year, some in sorted(years.items())
    ]
    for row in found:
        assert abs(row[3].amount - row[2].amount / row[1]) < Decimal("1e-20")


def test_quantities_by_country_of_the_customer(northwind: Graph, table: Callable[[str], Rows]) -> None:
    country = {one["customerID"]: one["country"] for one in table("customers")}
    ordered_by = {one["orderID"]: country[one["customerID"]] for one in table("orders")}
    units: Counter[str] = Counter()
    for one in table("order-details"):
        units[ordered_by[one["orderID"]]] += int(one["quantity"])
    text = """find Company placed Order contains as line Product group by country
        show country, sum(line.quantity) as units order by units desc"""
    found = [row[1] for row in northwind.query(text)]
    assert found == sorted(units.values(), reverse=True)
    assert len(found) > 15


def test_who_answers_to_whom(northwind: Graph, table: Callable[[str], Rows]) -> None:
    staff = table("employees")
    name = {one["employeeID"]: f"{one['titleOfCourtesy']} {one['firstName']} {one['lastName']}" for one in staff}
    over = {name[one["employeeID"]]: name.get(one["reportsTo"]) for one in staff}
    text = "find Person employed_by Company and optionally reports_to Person as boss show name, boss.name"
    assert {tuple(row) for row in northwind.query(text)} == set(over.items())
    head = next(one for one, boss in over.items() if boss is None)
    below = northwind.query("find Person reports_to+ $head show name", head=northwind.entity(head, type="Person"))
    assert {row[0] for row in below} == set(over) - {head}


def test_products_that_only_some_customers_bought(northwind: Graph, table: Callable[[str], Rows]) -> None:
    buyer = {one["orderID"]: one["customerID"] for one in table("orders")}
    bought: dict[str, set[str]] = defaultdict(set)
    for one in table("order-details"):
        bought[one["productID"]].add(buyer[one["orderID"]])
    names = {one["productID"]: one["productName"] for one in table("products")}
    few = sorted(names[one] for one, some in bought.items() if len(some) < 10)
    text = """find Product contained_in Order placed_by Company as c
        group by name show name, count(c) as buyers having buyers < 10 order by name"""
    assert [row[0] for row in northwind.query(text)] == few
    assert few
