"""What is known while a question is bound: its names, its time, and what was found wrong so far."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from relgraph.query import ir
from relgraph.query.lexicon import FieldInfo, Lexicon, Types
from relgraph.query.problems import Problem, mistyped
from relgraph.query.syntax import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Thing:
    """An entity, relation or route that tests and values may speak of.

    ``said`` says in words what it is. ``optional`` things may be missing in a row.
    """

    ref: ir.This | ir.Ref
    sort: ir.Sort
    said: str
    fields: dict[str, list[FieldInfo]] = field(compare=False)
    types: Types = frozenset()
    predicates: tuple[str, ...] = ()
    optional: bool = False
    span: Span = NOWHERE

    def named(self, name: str, span: Span, *, optional: bool = False) -> Thing:
        """Return the same thing under a name in the row."""
        return replace(self, ref=ir.Ref(name, self.sort), span=span, optional=optional)


@dataclass(slots=True)
class State:
    """One binding at work; what is wrong is collected, not raised."""

    text: str
    lexicon: Lexicon
    problems: list[Problem] = field(default_factory=list)
    things: dict[str, Thing] = field(default_factory=dict)
    when: ir.Validity = field(default_factory=lambda: ir.AsOf(ir.Today()))
    # why a name may not be introduced here, or None where it may
    closed: str | None = None
    optional: bool = False
    # columns that having and order by may call by their titles
    aliases: dict[str, ir.Column] = field(default_factory=dict)

    def report(self, problem: Problem) -> None:
        """Note one more thing that is wrong."""
        self.problems.append(problem)

    @contextmanager
    def closing(self, where: str) -> Iterator[None]:
        """Refuse new names meanwhile: a row need not have what stands there."""
        before = self.closed
        self.closed = before or where
        try:
            yield
        finally:
            self.closed = before

    def introduce(self, name: str, thing: Thing, span: Span) -> None:
        """Give a thing a name in the row, or report why it cannot have it."""
        if self.closed is not None:
            message = f"'as {name}' cannot stand {self.closed}: a row need not have it"
            self.report(mistyped("closed-name", message, span, hint="use a name given outside, or leave it out"))
            return
        if name in self.things:
            message = f"'{name}' is given twice"
            hint = "for the same thing again write the name alone; for another thing choose another name"
            self.report(mistyped("name-twice", message, span, hint=hint))
            return
        if name in self.lexicon.vocabulary.types:
            hint = "choose another name"
            self.report(mistyped("name-taken", f"'{name}' is a type", span, hint=hint))
        self.things[name] = thing.named(name, span, optional=self.optional)

    def entity(self, types: Types) -> Thing:
        """Return the entity under test at a position of these types."""
        said = self.lexicon.said(types)
        return Thing(ir.This(), "entity", said, self.lexicon.entity_fields(types), types=types)

    def relation(self, predicates: tuple[str, ...], said: str) -> Thing:
        """Return the relation under test of these stored predicates."""
        fields = self.lexicon.relation_fields(predicates)
        return Thing(ir.This(), "relation", said, fields, predicates=predicates)

    def route(self, said: str) -> Thing:
        """Return a route."""
        return Thing(ir.This(), "route", said, self.lexicon.route_fields())
