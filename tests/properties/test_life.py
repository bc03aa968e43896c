"""Random lives of a network: what is known at each moment is what was believed then, and undoing goes back."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

import relgraph
from relgraph.exchange import export_from, load_export
from tests.properties.life import PREDICATES, TAGS, TYPES, VOCABULARY, Fact, State, Thing, read

FUZZING = bool(os.environ.get("RELGRAPH_FUZZ"))
SINCE = st.sampled_from([None, "2001", "2002-06", "2003-03-03", "2010"])
UNTIL = st.sampled_from([None, "2002", "2003-03-03", "2010", "2015-06", "2020-01-01"])
SHARE = st.sampled_from([None, "10%", "33.3333%", "50%", "60%", "100%"])
KEY = st.sampled_from([("crm", "1"), ("crm", "2"), ("erp", "1")])
STATED = st.none() | st.sampled_from([("web", ""), ("report", ""), ("report", "7"), ("register", "8")])
WHO = st.integers(0, 30)
"""Which entity or relation, counted round those that ever were."""

Act = Callable[[relgraph.Transaction], object]
Act_ = tuple[str, tuple[Any, ...]]

ACTS: st.SearchStrategy[Act_] = st.one_of(
    st.tuples(
        st.just("add"),
        st.tuples(
            st.sampled_from(TYPES),
            st.none() | KEY,
            st.sampled_from([None, "1", "2"]),
            st.frozensets(st.sampled_from(TAGS), max_size=2),
        ),
    ),
    *[
        st.tuples(
            st.just("relate"), st.tuples(st.tuples(WHO, st.sampled_from(PREDICATES), WHO), SINCE, UNTIL, SHARE, STATED)
        )
    ]
    * 4,
    st.tuples(st.just("tell_again"), st.tuples(WHO, SINCE, UNTIL)),
    st.tuples(st.just("update_fact"), st.tuples(WHO, SINCE, UNTIL, SHARE)),
    st.tuples(st.just("state_of"), st.tuples(WHO, STATED)),
    st.tuples(st.just("end"), st.tuples(WHO, UNTIL)),
    st.tuples(st.just("retract"), st.tuples(WHO)),
    st.tuples(st.just("update_thing"), st.tuples(WHO, st.sampled_from([None, "Steel", "Media"]))),
    st.tuples(st.just("retype"), st.tuples(WHO, st.sampled_from(TYPES))),
    st.tuples(st.just("tag"), st.tuples(WHO, st.sampled_from(TAGS))),
    st.tuples(st.just("untag"), st.tuples(WHO, st.sampled_from(TAGS))),
    st.tuples(st.just("give_key"), st.tuples(WHO, KEY)),
    st.tuples(st.just("take_key"), st.tuples(WHO, KEY)),
    st.tuples(st.just("trash"), st.tuples(WHO)),
    *[st.tuples(st.just("restore"), st.tuples(WHO))] * 2,
    st.tuples(st.just("delete"), st.tuples(WHO, st.booleans())),
)


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
        self.made = 0
        self.things: list[str] = []
        self.facts: dict[str, Fact] = {}
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
                act, wanted = getattr(self, name)(wanted, new, *arguments)
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

    def thing(self, who: int) -> str:
        return self.things[who % len(self.things)]

    def fact(self, who: int) -> str:
        return list(self.facts)[who % len(self.facts)] if self.facts else "nothing"

    def name(self, letter: str) -> str:
        self.made += 1
        return f"{letter}{self.made}"

    # -- each of these returns what to do, and what should be after it (None: it is refused) ---------------------------

    def add(
        self, state: State, _: set[str], kind: str, key: Any, vat: str | None, tags: frozenset[str]
    ) -> tuple[Act, State | None]:
        one = self.name("e")
        self.things.append(one)
        fields = {"name": one} if vat is None else {"name": one, "vat": vat}
        keys = frozenset() if key is None else frozenset({key})
        state.things[one] = Thing(kind, tuple(sorted(fields.items())), tags, keys)
        impossible = kind == "Person" and (vat is not None or "listed" in tags)
        return lambda tx: tx.add(kind, id=one, keys=list(keys), tags=tags, **fields), None if impossible else state

    def relate(
        self,
        state: State,
        new: set[str],
        what: tuple[int, str, int],
        *told: Any,
    ) -> tuple[Act, State | None]:
        who, predicate, other = what
        since, until, share, stated = told
        ends = self.thing(who), self.thing(other)
        share = share if predicate == "owns" else None
        if predicate == "paid":
            since = until = None
        one = self.name("r")
        values: dict[str, Any] = {"since": since, "until": until, "share": share, "id": one}
        if stated is not None:
            values |= {"source": stated[0], "key": stated[1] or None}
        if share is None:
            del values["share"]
        subject, obj = (state.find(end) for end in ends)
        if subject is None or obj is None or not {state.things[subject].state, state.things[obj].state} <= {"live"}:
            wanted = None
        else:
            wanted = state
            state.facts[one] = self.facts[one] = Fact(
                predicate, subject, obj, since, until, _fraction(share), frozenset({stated} if stated else ())
            )
            new.add(one)
        return lambda tx: tx.relate(ends[0], predicate, ends[1], **values), wanted

    def tell_again(
        self, state: State, new: set[str], who: int, since: str | None, until: str | None
    ) -> tuple[Act, State | None]:
        """Tell a relation under an id that was retracted, or never was."""
        one = self.fact(who)
        fact = self.facts.get(one)
        if fact is None or one in state.facts:
            return lambda tx: tx.relation("nothing"), None
        told = replace(fact, share=None, sources=frozenset(), since=since, until=until)
        if fact.predicate == "paid":
            told = replace(told, since=None, until=None)
        ends = state.find(told.subject), state.find(told.object)
        act: Act = lambda tx: tx.relate(  # noqa: E731
            told.subject, told.predicate, told.object, id=one, since=told.since, until=told.until
        )
        if ends != (told.subject, told.object) or not state.live(told):
            # an end that was merged since stands for another, and then the id is another's
            return lambda tx: tx.relation("nothing"), None
        state.facts[one] = told
        new.add(one)
        return act, state

    def update_fact(
        self, state: State, _: set[str], who: int, since: str | None, until: str | None, share: str | None
    ) -> tuple[Act, State | None]:
        one = self.fact(who)
        fact = state.facts.get(one)
        if fact is None or not state.live(fact) or fact.predicate == "paid":
            return lambda tx: tx.update(one, since="2001"), None
        values: dict[str, Any] = {"since": since, "until": until}
        if fact.predicate == "owns":
            values["share"] = share
        told = replace(fact, since=since, until=until, share=_fraction(share) if "share" in values else None)
        state.facts[one] = told
        self.keep(one, told)
        return lambda tx: tx.update(one, **values), state

    def keep(self, one: str, fact: Fact) -> None:
        """Remember what was last believed of a relation, for who tells it again."""
        self.facts[one] = fact

    def state_of(self, state: State, _: set[str], who: int, stated: tuple[str, str] | None) -> tuple[Act, State | None]:
        one = self.fact(who)
        fact = state.facts.get(one)
        source, key = stated or ("web", "")
        if fact is None or not state.live(fact):
            return lambda tx: tx.update(one, source=source, key=key or None), None
        state.facts[one] = replace(fact, sources=fact.sources | {(source, key)})
        return lambda tx: tx.update(one, source=source, key=key or None), state

    def end(self, state: State, _: set[str], who: int, on: str | None) -> tuple[Act, State | None]:
        one, on = self.fact(who), on or "2018-04-04"
        fact = state.facts.get(one)
        if fact is None or not state.live(fact) or fact.predicate == "paid":
            return lambda tx: tx.end(one, on=on), None
        state.facts[one] = replace(fact, until=on)
        return lambda tx: tx.end(one, on=on), state

    def retract(self, state: State, _: set[str], who: int) -> tuple[Act, State | None]:
        one = self.fact(who)
        if one not in state.facts:
            return lambda tx: tx.retract(one), None
        self.keep(one, state.facts.pop(one))
        return lambda tx: tx.retract(one), state

    def update_thing(self, state: State, _: set[str], who: int, sector: str | None) -> tuple[Act, State | None]:
        one = self.thing(who)
        kept = self.living(state, one)
        if kept is None or state.things[kept].type == "Person":
            return lambda tx: tx.update(one, sector=sector), None
        fields = {name: value for name, value in state.things[kept].fields if name != "sector"}
        if sector is not None:
            fields["sector"] = sector
        state.change(kept, fields=tuple(sorted(fields.items())))
        return lambda tx: tx.update(one, sector=sector), state

    def living(self, state: State, thing: str) -> str | None:
        kept = state.find(thing)
        return kept if kept is not None and state.things[kept].state == "live" else None

    def retype(self, state: State, _: set[str], who: int, kind: str) -> tuple[Act, State | None]:
        one = self.thing(who)
        kept = self.living(state, one)
        act: Act = lambda tx: tx.update(one, type=kind)  # noqa: E731
        if kept is None:
            return act, None
        thing = state.things[kept]
        if kind == "Person" and ({name for name, _ in thing.fields} - {"name"} or "listed" in thing.tags):
            return act, None
        state.change(kept, type=kind)
        return act, state

    def tag(self, state: State, _: set[str], who: int, tag: str) -> tuple[Act, State | None]:
        one = self.thing(who)
        kept = self.living(state, one)
        if kept is None or (tag == "listed" and state.things[kept].type == "Person"):
            return lambda tx: tx.tag(one, tag), None
        state.change(kept, tags=state.things[kept].tags | {tag})
        return lambda tx: tx.tag(one, tag), state

    def untag(self, state: State, _: set[str], who: int, tag: str) -> tuple[Act, State | None]:
        one = self.thing(who)
        kept = self.living(state, one)
        if kept is None or (tag == "listed" and state.things[kept].type == "Person"):
            return lambda tx: tx.untag(one, tag), None
        state.change(kept, tags=state.things[kept].tags - {tag})
        return lambda tx: tx.untag(one, tag), state

    def give_key(self, state: State, _: set[str], who: int, key: tuple[str, str]) -> tuple[Act, State | None]:
        one = self.thing(who)
        kept = self.living(state, one)
        if kept is None:
            return lambda tx: tx.update(one, keys=[key]), None
        state.change(kept, keys=state.things[kept].keys | {key})
        return lambda tx: tx.update(one, keys=[key]), state

    def take_key(self, state: State, _: set[str], who: int, key: tuple[str, str]) -> tuple[Act, State | None]:
        one = self.thing(who)
        kept = state.find(one)
        if kept is None:
            return lambda tx: tx.take_key(one, *key), None
        state.change(kept, keys=state.things[kept].keys - {key})
        return lambda tx: tx.take_key(one, *key), state

    def trash(self, state: State, _: set[str], who: int) -> tuple[Act, State | None]:
        one = self.thing(who)
        kept = state.find(one)
        if kept is None:
            return lambda tx: tx.trash(one), None
        state.change(kept, state="trashed")
        return lambda tx: tx.trash(one), state

    def restore(self, state: State, _: set[str], who: int) -> tuple[Act, State | None]:
        one = self.thing(who)
        kept = state.find(one)
        if kept is None:
            return lambda tx: tx.restore(one), None
        state.change(kept, state="live")
        return lambda tx: tx.restore(one), state

    def delete(self, state: State, _: set[str], who: int, detach: bool) -> tuple[Act, State | None]:
        one = self.thing(who)
        kept = state.find(one)
        own = [name for name, fact in state.facts.items() if kept in {fact.subject, fact.object}]
        if kept is None or (own and not detach):
            return lambda tx: tx.delete(one, detach=detach), None
        for name in own:
            self.keep(name, state.facts.pop(name))
        del state.things[kept]
        return lambda tx: tx.delete(one, detach=detach), state

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
        one, two = self.thing(keep), self.thing(other)
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
        wanted = _without(self.state, self.states[place], self.states[place + 1])
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


def _fraction(share: str | None) -> Fraction | None:
    return None if share is None else Fraction(share.rstrip("%")) / 100


def _without(state: State, before: State, after: State) -> State:
    """Return the state with what one transaction changed as it was before it, value by value."""
    result = state.copy()
    for name in before.things.keys() | after.things.keys():
        old, new = before.things.get(name), after.things.get(name)
        if old == new:
            continue
        if old is None:
            result.things.pop(name, None)
        elif new is None or name not in result.things:
            result.things[name] = old
        else:
            now = result.things[name]
            row = (old.type, old.fields, old.state, old.merged_into)
            if row != (new.type, new.fields, new.state, new.merged_into):
                now = replace(now, type=old.type, fields=old.fields, state=old.state, merged_into=old.merged_into)
            result.things[name] = replace(
                now,
                tags=(now.tags - (new.tags - old.tags)) | (old.tags - new.tags),
                keys=(now.keys - (new.keys - old.keys)) | (old.keys - new.keys),
            )
    for name in before.facts.keys() | after.facts.keys():
        fact, told = before.facts.get(name), after.facts.get(name)
        if fact == told:
            continue
        if fact is None:
            result.facts.pop(name, None)
        elif told is None or name not in result.facts:
            result.facts[name] = fact
        else:
            current = result.facts[name]
            sources = (current.sources - (told.sources - fact.sources)) | (fact.sources - told.sources)
            if replace(fact, sources=frozenset()) != replace(told, sources=frozenset()):
                current = fact
            result.facts[name] = replace(current, sources=sources)
    return result


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=1500 if FUZZING else 60,
    stateful_step_count=60 if FUZZING else 25,
    deadline=None,
)
