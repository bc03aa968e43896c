"""What can be done to a network in a transaction: each act, and what should be believed after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

import relgraph
from tests.properties.life import PREDICATES, TAGS, TYPES, Fact, State, Thing

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


class Acts:
    """What was ever made in a network, and the acts on it.

    Each act returns what to do, and what should be after it; None where it is refused.
    """

    def __init__(self) -> None:
        self.made = 0
        self.things: list[str] = []
        self.facts: dict[str, Fact] = {}

    def thing(self, who: int) -> str:
        return self.things[who % len(self.things)]

    def fact(self, who: int) -> str:
        return list(self.facts)[who % len(self.facts)] if self.facts else "nothing"

    def name(self, letter: str) -> str:
        self.made += 1
        return f"{letter}{self.made}"

    def keep(self, one: str, fact: Fact) -> None:
        """Remember what was last believed of a relation, for who tells it again."""
        self.facts[one] = fact

    # -- relations -------------------------------------------------------------------------------------------------

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

    # -- entities --------------------------------------------------------------------------------------------------

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

    def living(self, state: State, thing: str) -> str | None:
        kept = state.find(thing)
        return kept if kept is not None and state.things[kept].state == "live" else None

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


def _fraction(share: str | None) -> Fraction | None:
    return None if share is None else Fraction(share.rstrip("%")) / 100
