"""The one way from a page or an API route to the network: a window that shows and does what its person may.

Reading goes through :attr:`Window.view`, which for somebody with hidden types or predicates is a view of a copy that
never held them; writing goes through :meth:`Window.write`, which asks for the role and for every type and predicate.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import Any, TypeVar

from relgraph_web.counting import Counts
from relgraph_web.discretion import Listener, discreet
from relgraph_web.projection import Projections, hidden_names
from relgraph_web.users import Role, User

from relgraph import (
    Change,
    Entity,
    Event,
    Graph,
    NotFound,
    PartialDate,
    Relation,
    RelgraphError,
    RuleError,
    Transaction,
    View,
    Vocabulary,
)

Result = TypeVar("Result")


class Forbidden(RelgraphError):
    """Something that this person may not do."""

    code = "forbidden"


def first_day_after(until: PartialDate) -> date:
    """Return the first day on which a relation with this end no longer holds."""
    return until.first if until.precision == "day" else until.last + timedelta(days=1)


def holds(relation: Relation, day: date) -> bool:
    """Return whether a relation holds on a day, taking its widest period."""
    return (relation.since is None or relation.since.first <= day) and (
        relation.until is None or day < first_day_after(relation.until)
    )


class Window:
    """The network as one person sees it, on one day and as known at one time."""

    def __init__(
        self,
        graph: Graph,
        projections: Projections,
        user: User,
        *,
        as_of: str | None = None,
        known_at: str | None = None,
    ) -> None:
        self._graph = graph
        self._projections = projections
        self.user = user
        self.as_of = as_of
        if user.limited:
            _known(graph.vocabulary, user)
        self._seen: Graph = projections.of(user.hidden) if user.limited else graph
        self._listener = Listener(graph, self._seen, user.name) if user.limited else None
        view: View = self._seen
        if known_at is not None:
            if user.limited:
                raise Forbidden(
                    "what was known at an earlier time is shown only to those who may read everything",
                    hint="leave known_at away",
                )
            view = view.known_at(known_at)
        if as_of is not None:
            view = view.as_of(as_of)
        self.view = view
        """What is read: every reading and asking method of a view."""
        self.vocabulary: Vocabulary = self._seen.vocabulary
        self.day: date = view.day

    def moved(self, *, as_of: str | None = None, known_at: str | None = None) -> Window:
        """Return the same person's window on another day, or as known at another time."""
        return Window(self._graph, self._projections, self.user, as_of=as_of or self.as_of, known_at=known_at)

    # -- reading ------------------------------------------------------------------------------------------------------

    def entity(self, entity_id: str) -> Entity:
        """Return an entity with the version that writes have to name."""
        found = self.view.get(entity_id)
        return self.written(found.id) if self.user.limited else found

    def written(self, entity_id: str) -> Entity:
        """Return an entity as it is in the network by now, after a write of this request; without hidden tags."""
        found = self._graph.get(entity_id)
        if not self.user.limited:
            return found
        if found.type not in self.vocabulary.types:
            raise NotFound(f"there is no entity {entity_id!r}")
        return replace(found, tags=tuple(one for one in found.tags if one in self.vocabulary.tags))

    def relation(self, relation_id: str) -> Relation:
        """Return a relation with the version that writes have to name."""
        found = self.view.relation(relation_id)
        return self._graph.relation(found.id) if self.user.limited else found

    def counts(self) -> Counts:
        """Return how many entities and relations of each kind this person may see."""
        return self._projections.counting.of(self._seen)

    def named(self, text: str) -> Entity:
        """Return the entity meant by an id or a name."""
        try:
            return self.view.get(text)
        except NotFound:
            return self.view.entity(text)

    def history(self, thing: str) -> list[Change]:
        """Return what happened to an entity or relation that this person may see, oldest first."""
        if self._listener is None:
            return self._graph.history(thing)
        # it must be one that may be read; NotFound says no more than for one that never was
        try:
            self.view.get(thing)
        except NotFound:
            self.view.relation(thing)
        return list(self._heard(self._graph.history(thing)))

    def changes(self, *, limit: int | None = None, **options: Any) -> Iterator[Change]:
        """Yield what happened to what this person may see, oldest first; at most ``limit``."""
        if self._listener is None:
            return self._graph.changes(limit=limit, **options)
        return islice(self._heard(self._graph.changes(**options)), limit)

    def _heard(self, changes: Iterable[Change]) -> Iterator[Change]:
        for one in changes:
            told = one if self._listener is None else self._listener.told(one)
            if told is not None:
                yield told

    def recent(self, limit: int) -> list[Event]:
        """Return the latest entries of the log; none for limited people: an entry speaks of all it changed."""
        return [] if self.user.limited else self._graph.transactions(limit=limit)

    # -- writing ------------------------------------------------------------------------------------------------------

    def may(self, role: Role) -> bool:
        """Return whether this person has a role or a wider one."""
        return self.user.may(role)

    def need(self, role: Role) -> None:
        """Raise Forbidden unless this person has a role or a wider one."""
        if not self.user.may(role):
            raise Forbidden(
                f"this needs the role {role}, and {self.user.name} is {_article(self.user.role)}",
                hint="ask an admin for it",
            )

    def may_write(self, name: str) -> bool:
        """Return whether this person may write entities of a type, or relations of a predicate by either name."""
        if not self.user.may("editor"):
            return False
        if name not in self.vocabulary.types and name not in self.vocabulary.readings:
            return False
        if self.user.role == "admin" or not self.user.locked:
            return True
        words = self._graph.vocabulary
        if any(one not in words.types and one not in words.readings for one in self.user.locked):
            # what was locked has another name by now: nobody knows which
            return False
        types, predicates = hidden_names(words, self.user.locked)
        reading = self.vocabulary.readings.get(name)
        return name not in types if reading is None else reading.predicate.name not in predicates

    def need_to_write(self, *names: str) -> None:
        """Raise unless this person may write all these types and predicates; NotFound for one that is not there."""
        self.need("editor")
        for name in names:
            if name not in self.vocabulary.types and name not in self.vocabulary.readings:
                raise NotFound(f"there is no type and no predicate {name!r}")
            if not self.may_write(name):
                raise Forbidden(f"{self.user.name} may read {name}, not write it", hint="ask an admin for the right")

    def touched(self, entity: Entity) -> list[str]:
        """Return the type of an entity and the predicates of its relations: what putting it away touches."""
        readings = self.view.readings(entity.id)
        return [entity.type, *dict.fromkeys(self.vocabulary.readings[name].predicate.name for name in readings)]

    def write(
        self,
        operation: Callable[[Transaction], Result],
        *,
        touches: Iterable[str],
        reason: str | None = None,
    ) -> tuple[Result, Transaction]:
        """Run an operation as one transaction in this person's name; ``touches`` are the types and predicates."""
        self.need_to_write(*touches)
        transaction = self._graph.transaction(actor=self.user.name, reason=reason or None)
        try:
            with transaction as tx:
                result = operation(tx)
        except RuleError as error:
            raise self.discreet(error) from None
        return result, transaction

    def discreet(self, error: RelgraphError) -> RelgraphError:
        """Return an error that names nothing hidden: for limited people a refusal is told without its particulars."""
        return discreet(error) if self.user.limited else error

    def undo(self, reference: str, *, reason: str | None = None) -> str:
        """Take back a transaction or a batch; return the id of the transaction that does."""
        return self.whole("editor").undo(reference, reason=reason)

    def whole(self, role: Role) -> Graph:
        """Return the network itself, writing in this person's name, for work on all of it: imports, vocabularies.

        Raises Forbidden unless this person has the role and may read and write everything.
        """
        self.need(role)
        if self.user.role != "admin" and (self.user.hidden or self.user.locked):
            raise Forbidden("this touches the whole network, and is for those who may read and write all of it")
        # the same store and the same hooks, under another name
        acting = copy.copy(self._graph)
        acting.actor = self.user.name
        return acting


def _known(words: Vocabulary, user: User) -> None:
    """Raise Forbidden where what is hidden from somebody has no such name any more: it may have another."""
    gone = sorted(one for one in user.hidden if one not in words.types and one not in words.readings)
    if gone:
        raise Forbidden(
            f"the rights of {user.name} speak of what the vocabulary no longer has",
            hint="an admin has to look at them on the page of users",
        )


def _article(role: str) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"
