"""Made-up commercial networks of any size: the same seed gives the same network, down to each date.

Degrees follow a power law, as they do in real networks: a few companies and people have very many relations, most
have few. Every rule of the network's own vocabulary holds: shares of one company never add up to more than 100%,
nobody owns itself through others, and no pair is related twice where that is not allowed.

Source of the model: Chung and Lu, "Connected components in random graphs with given expected degree sequences",
Annals of Combinatorics 6 (2002): the ends of each relation are drawn in proportion to given weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relgraph.vocabulary.model import EntityType, Field, Predicate, SumRule, Vocabulary

Ints = NDArray[np.int64]

SIZES: Mapping[str, tuple[int, int]] = {
    "small": (10_000, 100_000),
    "medium": (100_000, 1_000_000),
    "large": (500_000, 5_000_000),
}
"""Entities and relations of the sizes that benchmarks use."""

_PEOPLE = 0.7
_SHARE_OF_RELATIONS = {
    "knows": 0.25,
    "works_for": 0.20,
    "owns": 0.10,
    "supplies": 0.25,
    "partner_of": 0.10,
    "paid": 0.10,
}
_EXPONENT = 0.75
_FIRST_DAY = date(2000, 1, 1).toordinal()
_DAYS = 9000
_CHUNK = 65_536

# fmt: off
_GIVEN = (
    "Ana", "Ben", "Chloé", "Dimitri", "Elif", "Farid", "Grace", "Hugo", "Inès", "Jonas", "Kenji", "Lena", "Marc",
    "Nadia", "Olga", "Paul", "Quentin", "Rosa", "Sami", "Tom", "Uma", "Victor", "Wanda", "Xavier", "Yara", "Zoé",
)
_FAMILY = (
    "Abel", "Bernard", "Costa", "Durand", "Eriksen", "Fontaine", "Garcia", "Hoffmann", "Ivanov", "Jansen",
    "Kowalski", "Lefèvre", "Moreau", "Nguyen", "Okafor", "Petit", "Quist", "Rossi", "Schmidt", "Tanaka", "Ünal",
    "Vidal", "Weber", "Xu", "Yilmaz", "Zeller",
)
_STEMS = (
    "Alpen", "Bora", "Cor", "Delta", "Ever", "Ferro", "Gran", "Hydro", "Inter", "Jura", "Kilo", "Luma", "Mono",
    "Nord", "Omni", "Poly", "Quanta", "Rhin", "Sol", "Terra",
)
_TRADES = (
    "bois", "chem", "data", "electric", "food", "form", "glass", "labs", "log", "media", "metal", "motors", "pack",
    "pharma", "rail", "steel", "tech", "tex",
)
# fmt: on
_FORMS = ("AG", "GmbH", "Ltd", "SA", "SAS", "SpA", "BV", "Oy")
_SECTORS = ("Steel", "Media", "Energy", "Food", "Software", "Transport", "Chemicals", "Textiles")
_COUNTRIES = ("FR", "DE", "IT", "NL", "GB", "ES", "US", "CH")
_ROLES = ("engineer", "buyer", "director", "sales", "accountant", "board member")

VOCABULARY = Vocabulary(
    name="generated",
    types={
        "Person": EntityType(
            "Person", fields=(Field("name", required=True), Field("country", kind="country")), plural={"": "People"}
        ),
        "Company": EntityType(
            "Company",
            fields=(
                Field("name", required=True),
                Field("sector", kind="choice", choices=_SECTORS),
                Field("country", kind="country"),
                Field("employees", kind="integer"),
            ),
            plural={"": "Companies"},
        ),
    },
    predicates={
        "knows": Predicate(
            "knows",
            "knows",
            symmetric=True,
            subject=("Person",),
            object=("Person",),
            attributes=(Field("strength", kind="decimal"),),
            roles={"strength": "strength"},
        ),
        "works_for": Predicate(
            "works_for",
            "employs",
            inverse_reading={"": "employs"},
            subject=("Person",),
            object=("Company",),
            attributes=(Field("role"),),
        ),
        "owns": Predicate(
            "owns",
            "owned_by",
            subject=("Person", "Company"),
            object=("Company",),
            attributes=(Field("share", kind="percent"),),
            acyclic="error",
            sums=(SumRule("share", "object", "1"),),
            roles={"share": "share"},
        ),
        "supplies": Predicate(
            "supplies",
            "supplied_by",
            subject=("Company",),
            object=("Company",),
            attributes=(Field("volume", kind="integer"),),
        ),
        "partner_of": Predicate("partner_of", "partner_of", symmetric=True, subject=("Company",), object=("Company",)),
        "paid": Predicate(
            "paid",
            "paid_by",
            subject=("Company",),
            object=("Company",),
            attributes=(Field("amount", kind="integer"),),
            unique="none",
        ),
    },
)
"""What generated networks speak: people, companies, and six predicates, each with rules that hold."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The relations of one predicate as arrays; ``since`` and ``until`` are days, :data:`OPEN` where open.

    ``subject`` and ``object`` are positions: people come first (0 to ``people`` - 1), companies after them.
    """

    subject: Ints
    object: Ints
    since: Ints
    until: Ints
    value: Ints


OPEN = np.iinfo(np.int64).min
"""An open bound in :class:`Columns`."""


@dataclass(frozen=True, slots=True)
class GeneratedNetwork:
    """A made-up network: rows to be added, and the same as arrays for measuring against."""

    people: int
    companies: int
    columns: Mapping[str, Columns]
    seed: int

    @property
    def vocabulary(self) -> Vocabulary:
        """What the network speaks."""
        return VOCABULARY

    @property
    def entity_count(self) -> int:
        """How many entities there are."""
        return self.people + self.companies

    @property
    def relation_count(self) -> int:
        """How many relations there are."""
        return sum(len(one.subject) for one in self.columns.values())

    def id(self, position: int) -> str:
        """Return the id of the entity at a position: ``p17`` or ``c4``."""
        return f"p{position}" if position < self.people else f"c{position - self.people}"

    def entities(self) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
        """Yield each type with its rows, as ``add_many`` takes them."""
        yield "Person", self._people()
        yield "Company", self._companies()

    def relations(self) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
        """Yield each predicate with its rows, as ``relate_many`` takes them."""
        for predicate in self.columns:
            yield predicate, self._relations(predicate)

    def _people(self) -> Iterator[dict[str, Any]]:
        country = _draws(self.seed, 101, self.people)
        for number in range(self.people):
            given = _GIVEN[number % len(_GIVEN)]
            family = _FAMILY[(number // len(_GIVEN)) % len(_FAMILY)]
            yield {
                "id": f"p{number}",
                "name": f"{given} {family}{_nth(number // (len(_GIVEN) * len(_FAMILY)))}",
                "country": _COUNTRIES[int(country[number] * len(_COUNTRIES))],
            }

    def _companies(self) -> Iterator[dict[str, Any]]:
        draws = [_draws(self.seed, stream, self.companies) for stream in (102, 103, 104)]
        every = len(_STEMS) * len(_TRADES) * len(_FORMS)
        for number in range(self.companies):
            stem = _STEMS[number % len(_STEMS)]
            trade = _TRADES[(number // len(_STEMS)) % len(_TRADES)]
            form = _FORMS[(number // (len(_STEMS) * len(_TRADES))) % len(_FORMS)]
            yield {
                "id": f"c{number}",
                "name": f"{stem}{trade}{_nth(number // every)} {form}",
                "country": _COUNTRIES[int(draws[0][number] * len(_COUNTRIES))],
                "sector": _SECTORS[int(draws[1][number] * len(_SECTORS))],
                "employees": int(10 ** (0.5 + 4 * draws[2][number])),
            }

    def _relations(self, predicate: str) -> Iterator[dict[str, Any]]:
        table = self.columns[predicate]
        attributes = VOCABULARY.predicates[predicate].attributes
        name = attributes[0].name if attributes else None
        for start in range(0, len(table.subject), _CHUNK):
            part = slice(start, start + _CHUNK)
            for subject, obj, since, until, value in zip(
                table.subject[part].tolist(),
                table.object[part].tolist(),
                table.since[part].tolist(),
                table.until[part].tolist(),
                table.value[part].tolist(),
                strict=True,
            ):
                row: dict[str, Any] = {"subject": self.id(subject), "object": self.id(obj)}
                if since != OPEN:
                    row["since"] = date.fromordinal(since)
                if until != OPEN:
                    row["until"] = date.fromordinal(until)
                if name is not None:
                    row[name] = _attribute(name, value)
                yield row


def generate(entities: int = 10_000, relations: int = 100_000, *, seed: int = 1) -> GeneratedNetwork:
    """Make a network of so many entities and relations.

    Raises ValueError where the relations cannot be told apart: fewer than 20 entities, or more relations than
    there are pairs of companies.

    >>> network = generate(100, 300, seed=7)
    >>> network.entity_count, network.relation_count
    (100, 300)
    >>> for predicate, rows in network.relations():
    ...     print(predicate, next(rows)["subject"][0])
    knows p
    works_for p
    owns c
    supplies c
    partner_of c
    paid c
    """
    if entities < 20:
        raise ValueError("a generated network has at least 20 entities")
    people = int(entities * _PEOPLE)
    companies = entities - people
    if relations > companies * companies:
        raise ValueError(
            f"{relations} relations are too many for {entities} entities; up to {companies * companies} fit"
        )
    counts = {name: int(relations * share) for name, share in _SHARE_OF_RELATIONS.items()}
    counts["paid"] += relations - sum(counts.values())
    order = np.random.Generator(np.random.PCG64([seed, 100]))
    ranks = order.permutation(people), order.permutation(companies)
    columns: dict[str, Columns] = {}
    for stream, (name, count) in enumerate(counts.items()):
        source = np.random.Generator(np.random.PCG64([seed, stream]))
        subject, obj = _pairs(name, count, ranks, source)
        since, until = _periods(count, source)
        if name == "paid":
            # a payment is of one day
            until = np.where(since == OPEN, OPEN, since + 1)
        columns[name] = Columns(subject, obj, since, until, _values(name, obj, source))
    return GeneratedNetwork(people, companies, columns, seed)


def _pairs(name: str, count: int, ranks: tuple[Ints, Ints], source: np.random.Generator) -> tuple[Ints, Ints]:
    """Draw the ends of a predicate's relations, as positions."""
    people, companies = len(ranks[0]), len(ranks[1])
    persons = _Drawn(ranks[0], 0, source)
    firms = _Drawn(ranks[1], people, source)
    match name:
        case "knows":
            return _distinct(count, persons.often, persons.often, source, ordered=True)
        case "works_for":
            return _distinct(count, persons.evenly, firms.often, source)
        case "owns":
            # owners stand before what they own in one order, so that no chain returns; the large ones stand first
            order = firms.rank
            subject, obj = _distinct(count, firms.often, firms.evenly, source, order=order, base=people)
            return subject, obj
        case "supplies":
            return _distinct(count, firms.often, firms.often, source)
        case "partner_of":
            return _distinct(count, firms.often, firms.often, source, ordered=True)
        case _:
            subject = firms.often(count)
            obj = firms.often(count)
            same = subject == obj
            obj[same] = people + (obj[same] - people + 1) % companies
            return subject, obj


class _Drawn:
    """Draws entities of one kind, evenly or by a power law; who is drawn often is the same in every predicate."""

    def __init__(self, by_rank: Ints, base: int, source: np.random.Generator) -> None:
        count = len(by_rank)
        self._count = count
        self._base = base
        self._source = source
        self.by_rank = by_rank
        self.rank: Ints = np.empty(count, np.int64)
        self.rank[self.by_rank] = np.arange(count)
        weights = (np.arange(count) + 6.0) ** -_EXPONENT
        self._sums = np.cumsum(weights)

    def often(self, count: int) -> Ints:
        drawn = np.searchsorted(self._sums, self._source.random(count) * self._sums[-1], side="right")
        found: Ints = self.by_rank[np.minimum(drawn, self._count - 1)] + self._base
        return found

    def evenly(self, count: int) -> Ints:
        return (self._source.random(count) * self._count).astype(np.int64) + self._base


def _distinct(
    count: int,
    first: Any,
    second: Any,
    source: np.random.Generator,
    *,
    ordered: bool = False,
    order: Ints | None = None,
    base: int = 0,
) -> tuple[Ints, Ints]:
    """Draw pairs of two different entities until there are so many different ones.

    ``ordered``: a pair is the same either way round; ``order``: the one of lower rank comes first.
    """
    shift = np.int64(2**31)
    found: Ints = np.empty(0, np.int64)
    while len(found) < count:
        many = int((count - len(found)) * 1.3) + 64
        left, right = first(many), second(many)
        differ = left != right
        left, right = left[differ], right[differ]
        if ordered:
            left, right = np.minimum(left, right), np.maximum(left, right)
        elif order is not None:
            swap = order[left - base] > order[right - base]
            left, right = np.where(swap, right, left), np.where(swap, left, right)
        both = np.concatenate([found, left * shift + right])
        _, places = np.unique(both, return_index=True)
        found = both[np.sort(places)]
    found = found[:count]
    subject, obj = found // shift, found % shift
    if ordered:
        # which end came first says nothing, so it must not always be the one that is drawn often
        turn = source.random(count) < 0.5
        subject, obj = np.where(turn, obj, subject), np.where(turn, subject, obj)
    return subject, obj


def _periods(count: int, source: np.random.Generator) -> tuple[Ints, Ints]:
    """Draw periods: four in five have a start, one in four of these has an end."""
    draws = source.random((4, count))
    since = _FIRST_DAY + (draws[0] * _DAYS).astype(np.int64)
    until = since + 30 + (draws[1] * 3000).astype(np.int64)
    known = draws[2] < 0.8
    ended = known & (draws[3] < 0.25)
    return np.where(known, since, OPEN), np.where(ended, until, OPEN)


def _values(name: str, obj: Ints, source: np.random.Generator) -> Ints:
    draws = source.random(len(obj))
    match name:
        case "knows":
            return (draws * 100).astype(np.int64) + 1
        case "works_for":
            return (draws * len(_ROLES)).astype(np.int64)
        case "owns":
            # the owners of one company divide up to 100% of it, in hundredths of a percent, rounded down
            weights = draws + 0.05
            whole = np.bincount(obj, weights)[obj]
            return np.maximum((weights / whole * 9_900).astype(np.int64), 1)
        case _:
            return (10 ** (2 + 5 * draws)).astype(np.int64)


def _attribute(name: str, value: int) -> object:
    match name:
        case "strength":
            return Decimal(value).scaleb(-2)
        case "role":
            return _ROLES[value]
        case "share":
            return f"{value // 100}.{value % 100:02d}%"
        case _:
            return value


def _draws(seed: int, stream: int, count: int) -> NDArray[np.float64]:
    return np.random.Generator(np.random.PCG64([seed, stream])).random(count)


def _nth(number: int) -> str:
    return f" {number + 1}" if number else ""
