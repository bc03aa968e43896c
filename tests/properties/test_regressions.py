"""Each difference that was ever found between what questions mean and what was answered: a network, a question, rows.

The rows are those of the meaning, worked out by hand; the reference evaluator must give them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

import relgraph
from relgraph.network.execute import find, solve
from relgraph.query.bind import bind
from tests.properties.fuzz import TODAY, VOCABULARY
from tests.properties.networks import Network
from tests.properties.test_queries import world
from tests.reference.evaluate import evaluate
from tests.reference.told import plain
from tests.reference.world import E, R, Way


@dataclass(frozen=True)
class Case:
    """A network told shortly (entities as ``id Type Name``, relations as ``id predicate id {attributes}``)."""

    about: str
    entities: str
    relations: tuple[tuple[str, dict[str, Any]], ...]
    question: str
    rows: list[tuple[Any, ...]]

    def network(self) -> Network:
        """Return the network."""
        made = Network()
        for one in self.entities.split(", "):
            identifier, kind, name = one.split(" ")
            made.entities.append((identifier, kind, {"name": name}, []))
        for said, values in self.relations:
            subject, predicate, target = said.split(" ")
            made.relations.append((subject, predicate, target, values))
        return made


def held(*said: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    return tuple((one, {}) for one in said)


CASES = [
    Case(
        "of a strongest path only relations that have a strength are listed",
        "e0 Person Ann, e1 Person Bob",
        (("e0 knows e1", {}), ("e1 knows e0", {"strength": "0.5"})),
        "find strongest paths from @e0 to @e1 via knows prefer strength",
        [(Way(("e0", "e1"), (("r01",),), relgraph.values.exact("0.5")),)],
    ),
    Case(
        "rings through an entity stand in the order of their least one, not in that of the one they pass",
        "e0 Company Cid, e1 Company Bob, e2 Company Ann",
        held("e0 owns e1", "e1 owns e0", "e0 owns e2", "e2 owns e0"),
        "find cycles via owns{2..2} through @e0",
        [(Way(("e2", "e0"), (("r03",), ("r02",))),), (Way(("e1", "e0"), (("r01",), ("r00",))),)],
    ),
    Case(
        "routes over derived predicates have an order: that of the names of their entities",
        "e0 Company Dora, e1 Company Ann, e2 Company Bob, e3 Person Cid",
        held("e3 owns e0", "e3 owns e1", "e3 owns e2"),
        "find Person group_includes|works_at as way Org show way",
        [(Way(("e3", one), ((),)),) for one in ("e1", "e2", "e0")],
    ),
    Case(
        "a measure that is named has rows",
        "e0 Company Ann, e1 Company Bob",
        (("e0 owns e1", {"share": "50%"}),),
        "find Company has_share_in as u Company show name, u.share",
        [("Ann", relgraph.Percent("50%"))],
    ),
    Case(
        "what an entity holds of itself counts in what is held of it",
        "e0 Company Ann, e1 Company Bob",
        (("e0 owns e1", {"share": "50%"}), ("e1 owns e1", {"share": "50%"})),
        "find Company has_share_in[share = 100%] as u Company show name, u.share",
        [("Ann", relgraph.Percent("100%"))],
    ),
    Case(
        "a measure counts what passes a ring that comes back elsewhere than to the holder",
        "e0 Person Ann, e1 Company Bob, e2 Company Cid",
        (
            ("e0 owns e1", {"share": "50%"}),
            ("e1 owns e2", {"share": "50%"}),
            ("e2 owns e1", {"share": "50%"}),
        ),
        "find Person has_share_in as u Company as c show c.name, u.share order by c.name",
        # 1/2 / (1 - 1/4), and half of it
        [
            ("Bob", relgraph.Percent(relgraph.values.exact("0.6666666666666666666666666667"))),
            ("Cid", relgraph.Percent(relgraph.values.exact("0.3333333333333333333333333333"))),
        ],
    ),
    Case(
        "routes without a hop stand in the order of their one entity",
        "e0 Company Bob, e1 Company Ann",
        (),
        "find Company owned_by* as way Company show way",
        [(Way(("e1",), ()),), (Way(("e0",), ()),)],
    ),
    Case(
        "a route without a hop is one, and has its entity",
        "e0 Company Bob, e1 Company Ann",
        held("e0 owns e1"),
        "find Company owned_by* as way @e0 show way",
        [(Way(("e0",), ()),), (Way(("e1", "e0"), (("r00",),)),)],
    ),
    Case(
        "in rings of readings that go one way and either way, both ways round are told apart",
        "e0 Person Ann, e1 Person Bob, e2 Person Cid",
        held("e0 knows e1", "e1 knows e2", "e2 linked_with e0"),
        "find cycles via knows|linked_with{3..3}",
        [(Way(("e0", "e1", "e2"), (("r00",), ("r01",), ("r02",))),)],
    ),
    Case(
        "a walk there and back is no ring of two",
        "e0 Company Ann, e1 Company Bob",
        held("e0 partner_of e1"),
        "find cycles via partner_of|owns{2..2}",
        [],
    ),
    Case(
        "two relations there and back are a ring of two where one of the readings goes one way",
        "e0 Company Ann, e1 Company Bob",
        held("e0 partner_of e1", "e1 owns e0"),
        "find cycles via partner_of|owns{2..2}",
        [(Way(("e0", "e1"), (("r00",), ("r01", "r00"))),)],
    ),
    Case(
        "of a name on relations of both ends both are listed",
        "e0 Person Ann, e1 Person Bob",
        held("e0 knows e1"),
        "find Person as a knows as k Person as b show a, k, b",
        [(E("e0"), R("r00"), E("e1")), (E("e1"), R("r00"), E("e0"))],
    ),
]


@pytest.mark.parametrize("many", [False, True], ids=["few", "as-if-many"])
@pytest.mark.parametrize("case", CASES, ids=[one.about for one in CASES])
def test_what_was_once_answered_otherwise(case: Case, monkeypatch: pytest.MonkeyPatch, *, many: bool) -> None:
    if many:
        monkeypatch.setattr(solve, "FEW", 0)
        monkeypatch.setattr(find, "FEW", 0)
    with relgraph.open(vocabulary=VOCABULARY) as graph:
        case.network().write(graph)
        view = graph.as_of(TODAY)
        found = [tuple(plain(one) for one in row) for row in view.query(case.question)]
        bound = bind(case.question, VOCABULARY)
        assert evaluate(bound.query, world(view, bound)) == case.rows
        assert found == case.rows
