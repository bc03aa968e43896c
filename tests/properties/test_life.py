"""Random lives of a network: what is known at each moment is what was believed then, and undoing goes back."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

import relgraph
from relgraph.exchange import export_from, load_export
from tests.properties.acts import ACTS, WHO, Act, Act_, Acts
from tests.properties.life import PREDICATES, TYPES, VOCABULARY, State, read
from tests.properties.undone import without

FUZZING = bool(os.environ.get("RELGRAPH_FUZZ"))


def public(graph: relgraph.View) -> dict[str, Any]:
    """What people see: the live things and their relations of any day."""
    return {
        "entities": [
            (one.id, one.type, one.name, one.tags, one.keys, dict(one.stored), one.version) for one in graph.entities()
        ],
        "relations": [
            (
                one.id,
                one.subject.id,
                one.predicate,
                one.object.id,
                str(one.since),
                str(one.until),
                dict(one.stored),
                one.sources,
                one.version,
                one.recorded_at,
            )
            for one in graph.relations(ever=True)
        ],
        "counts": [graph.count(one) for one in (*TYPES, *PREDICATES)],
    }


def wrong(graph: relgraph.Graph) -> list[str]:
    """What a check finds, but for shares that are not given: those only count nothing."""
    return [one.message for one in graph.check() if one.code != "rule-required"]


def in_memory() -> relgraph.Graph:
    """Open an empty network on the embedded store."""
    return relgraph.open(vocabulary=VOCABULARY, actor="life")


class Life(RuleBasedStateMachine):
    """One network, and beside it what it should believe."""

    def __init__(self, opened: Callable[[], relgraph.Graph] = in_memory) -> None:
        super().__init__()
        self.graph = opened()
        self.states = [State()]
        self.ids: list[str] = []
        self.acts = Acts()
        self.seen: list[dict[str, Any]] = []

    @property
    def state(self) -> State:
        return self.states[-1]

    @property
    def today(self) -> Any:
        return datetime.now(UTC).date()

    def teardown(self) -> None:
        with self.graph:
            moments = [one.event for one in self.graph.changes()]
            for number, (identifier, state, seen) in enumerate(
                zip(self.ids, self.states[1:], self.seen, strict=True), 1
            ):
                assert read(self.graph, number) == state
                moment = next(one.recorded_at for one in moments if one.id == identifier)
                assert public(self.graph.known_at(moment)) == seen
            self.come_back()

    def come_back(self) -> None:
        """Export, import, export: the same bytes."""
        with tempfile.TemporaryDirectory() as folder:
            for history in (False, True):
                first, second = Path(folder, f"first {history}.jsonl"), Path(folder, f"second {history}.jsonl")
                export_from(self.graph, first, format_name="jsonl", history=history, progress=None)
                with relgraph.open() as other:
                    load_export(other, first)
                    export_from(other, second, format_name="jsonl", history=history, progress=None)
                    assert second.read_bytes() == first.read_bytes()
                    assert public(other) | {"relations": 0, "entities": 0} == public(self.graph) | {
                        "relations": 0,
                        "entities": 0,
                    }
                    assert wrong(other) == []

    # -- acting ----------------------------------------------------------------------------------------------------

    def do(self, acts: list[Act_]) -> None:
        """Do things in one transaction: it leads to the state that it should, or is refused for a reason."""
        wanted: State | None = self.state.copy()
        tx, new = self.graph.transaction(), set[str]()
        done: list[Act] = []
        for name, arguments in acts:
            if wanted is not None:
                act, wanted = getattr(self.acts, name)(wanted, new, *arguments)
                done.append(act)
            # a key must be free when it is given and a period one that can be, whatever follows
            if wanted is not None and (wanted.a_key_is_held_twice or wanted.impossible):
                wanted = None
        broken = ["it cannot be"] if wanted is None else wanted.broken(self.today, frozenset(new))
        refused: relgraph.RelgraphError | None = None
        try:
            for act in done:
                act(tx)
            tx.commit()
        except relgraph.RelgraphError as error:
            tx.discard()
            refused = error
        # refused for a reason, or done and right
        assert bool(refused) == bool(broken), refused or broken
        if refused is None and wanted is not None:
            self.took(tx.id, wanted)
        else:
            assert read(self.graph) == self.state

    def took(self, transaction: str | None, wanted: State) -> None:
        """Compare with what should be, and remember the moment."""
        assert read(self.graph) == wanted
        if transaction is None:
            assert wanted == self.state
            return
        assert wanted != self.state
        self.states.append(wanted)
        self.ids.append(transaction)
        self.seen.append(public(self.graph))

    # -- the rules of the machine ------------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        for kind in ("Company", "Company", "Bank", "Person"):
            self.do([("add", (kind, None, None, frozenset()))])

    @rule(act=ACTS)
    def one_thing(self, act: Act_) -> None:
        self.do([act])

    @rule(acts=st.lists(ACTS, min_size=2, max_size=4))
    def several_things(self, acts: list[Act_]) -> None:
        self.do(acts)

    @rule(keep=WHO, other=WHO)
    def merge(self, keep: int, other: int) -> None:
        one, two = self.acts.thing(keep), self.acts.thing(other)
        kept, gone = self.state.find(one), self.state.find(two)
        try:
            with self.graph.transaction() as tx:
                tx.merge(one, two)
        except relgraph.RelgraphError:
            assert read(self.graph) == self.state
            return
        assert kept is not None
        assert gone is not None
        assert kept != gone
        after = read(self.graph)
        was, merged = self.state.things[kept], self.state.things[gone]
        assert after.things[gone] == replace(
            merged, state="merged", merged_into=kept, tags=frozenset(), keys=frozenset()
        )
        assert after.things[kept].keys == was.keys | merged.keys
        assert after.things[kept].tags - {"listed"} == (was.tags | merged.tags) - {"listed"}
        assert after.broken(self.today) == []
        assert after.facts.keys() <= self.state.facts.keys()
        for name, fact in self.state.facts.items():
            ends = [kept if end == gone else end for end in (fact.subject, fact.object)]
            if ends[0] == ends[1] and gone in {fact.subject, fact.object} and fact.predicate != "paid":
                assert name not in after.facts
                continue
            # each day on which it was known to hold, and each source, is still there
            moved = replace(fact, subject=ends[0], object=ends[1])
            held = [
                two
                for two in after.facts.values()
                if two.predicate == fact.predicate
                and two.ends == moved.ends
                and two.wide[0] <= fact.wide[0]
                and fact.wide[1] <= two.wide[1]
                and fact.sources <= two.sources
            ]
            assert held, f"{name} is lost: {fact}, {after.facts}"
        untouched = {
            name: fact for name, fact in self.state.facts.items() if not {fact.subject, fact.object} & {kept, gone}
        }
        assert {name: after.facts.get(name) for name in untouched} == untouched
        self.took(tx.id, after)

    @precondition(lambda self: self.ids)
    @rule()
    def undo_the_last(self) -> None:
        before = self.states[-2]
        self.took(self.graph.undo(self.ids[-1]), before)

    @precondition(lambda self: self.ids)
    @rule(who=WHO)
    def undo_any(self, who: int) -> None:
        place = who % len(self.ids)
        wanted = without(self.state, self.states[place], self.states[place + 1])
        try:
            transaction = self.graph.undo(self.ids[place])
        except relgraph.UndoError:
            assert read(self.graph) == self.state
            return
        assert wanted.broken(self.today) == []
        self.took(transaction, wanted)

    @rule()
    def nothing_is_wrong(self) -> None:
        assert wrong(self.graph) == []


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=1500 if FUZZING else 60,
    stateful_step_count=60 if FUZZING else 25,
    deadline=None,
)
