"""A breach as the error that people read: it names the entity, the rule, and the predicate as that side reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Protocol

from relgraph.errors import (
    CardinalityError,
    CycleError,
    DuplicateRelationError,
    PeriodError,
    RequiredFieldError,
    RuleError,
    SelfRelationError,
    SumError,
    TagRuleError,
    TypeRuleError,
)
from relgraph.model.entity import reads
from relgraph.model.records import RelationRow
from relgraph.model.rules.breach import Breach
from relgraph.vocabulary.model import Vocabulary
from relgraph.vocabulary.stored import unscaled


class Named(Protocol):
    """An entity as people know it."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def caption(self) -> str:
        """Its display name."""


Names = Callable[[int], Named | None]
Relations = Callable[[int], RelationRow | None]

_LISTED = 3


def to_error(
    breach: Breach, vocabulary: Vocabulary, names: Names, relation: Relations, *, row: int | None = None
) -> RuleError:
    """Return the error for a breach, of the class that its rule has.

    ``names`` gives an entity by number, ``relation`` a relation by number where there is one; ``row`` is which of the
    rows of a batch broke the rule. ``details`` has rule, predicate, entity, relations (ids), day, measured, allowed.
    """
    return _Teller(breach, vocabulary, names, relation).error(row)


class _Teller:
    """What the messages of all rules share."""

    def __init__(self, breach: Breach, vocabulary: Vocabulary, names: Names, relation: Relations) -> None:
        self.breach = breach
        self.predicate = vocabulary.predicates[breach.predicate]
        self.forward = breach.end == "subject"
        self.name = self.predicate.name if self.forward or self.predicate.symmetric else self.predicate.inverse
        self.words = reads(self.predicate, forward=self.forward)
        self.names = names
        self.relation = relation
        self.rows = {number: relation(number) for number in breach.relations}

    def error(self, row: int | None) -> RuleError:
        breach = self.breach
        kind, message, hint, more = self._told()
        details: dict[str, Any] = {} if row is None else {"row": row}
        details |= {
            "rule": breach.rule,
            "level": breach.level,
            "predicate": self.name,
            "entity": self.id_of(breach.entity),
            "relations": [one.id for one in self.rows.values() if one is not None],
        }
        shown = _day(breach.day)
        if shown is not None:
            details["day"] = shown
        return kind(message, hint=hint, details=details | more)

    def _told(self) -> tuple[type[RuleError], str, str, dict[str, Any]]:
        match self.breach.rule:
            case "types":
                return self._types()
            case "tags":
                return self._tags()
            case "irreflexive":
                return (
                    SelfRelationError,
                    f"{self.who()} cannot be related to itself by {self.name}",
                    f"check the two ends, or declare {self.predicate.name} with irreflexive: false",
                    {},
                )
            case "unique":
                return self._unique()
            case "max_objects" | "max_subjects":
                return self._maxima()
            case "sum":
                return self._sum()
            case "acyclic":
                return self._cycle()
            case "time":
                return self._time()
            case "required":
                return self._required()

    def who(self, number: int | None = None) -> str:
        """Return an entity as 'caption (id)'."""
        found = self.names(self.breach.entity if number is None else number)
        if found is None:
            return "an unknown entity"
        return found.caption if found.caption == found.id else f"{found.caption} ({found.id})"

    def id_of(self, number: int) -> str | None:
        """Return the id of an entity, None for one that is not there."""
        found = self.names(number)
        return None if found is None else found.id

    def caption(self, number: int) -> str:
        """Return the display name of an entity."""
        found = self.names(number)
        return "an unknown entity" if found is None else found.caption

    def _other(self, one: RelationRow) -> int:
        return one.object if one.subject == self.breach.entity else one.subject

    def _others(self) -> str:
        """Return the entities at the other ends, the first few of them by name."""
        found = list(dict.fromkeys(self._other(one) for one in self.rows.values() if one is not None))
        shown = ", ".join(self.caption(one) for one in found[:_LISTED])
        return shown + (", ..." if len(found) > _LISTED else "")

    def _on(self) -> str:
        shown = _day(self.breach.day)
        return "" if shown is None else f" on {shown}"

    def _types(self) -> tuple[type[RuleError], str, str, dict[str, Any]]:
        breach, rule = self.breach, self.predicate
        left, right = breach.measured if isinstance(breach.measured, tuple) else ("?", "?")
        own, other = (left, right) if self.forward else (right, left)
        first = self.rows[breach.relations[0]]
        far = "" if first is None else f" with {self.who(self._other(first))}, type {other}"
        relation = breach.details.get("relation", rule.name)
        asked = "" if relation == rule.name else f", implied by {relation},"
        pairs = [(one, two) if self.forward else (two, one) for one, two in self._pairs()]
        takes = " or ".join(f"from {one} to {two}" for one, two in pairs)
        return (
            TypeRuleError,
            f"{self.who()}, type {own}, cannot stand in {self.name}{asked}{far}: {self.name} goes {takes}",
            "check the direction, and the types of the two ends",
            {"types": [left, right]},
        )

    def _pairs(self) -> list[tuple[str, str]]:
        """Return what the predicate joins, subject first, in words."""
        rule = self.predicate
        if rule.between:
            return list(rule.between)
        return [(" or ".join(rule.subject) or "any type", " or ".join(rule.object) or "any type")]

    def _tags(self) -> tuple[type[RuleError], str, str, dict[str, Any]]:
        lacking = [str(one) for one in _list(self.breach.details.get("lacking"))]
        forbidden = [str(one) for one in _list(self.breach.details.get("forbidden"))]
        told = []
        if lacking:
            told.append(f"lacks the tag {', '.join(lacking)}")
        if forbidden:
            told.append(f"carries the tag {', '.join(forbidden)}")
        asks = [f"requires {one}" for one in lacking] + [f"forbids {one}" for one in forbidden]
        done = [f"add {one}" for one in lacking] + [f"remove {one}" for one in forbidden]
        return (
            TagRuleError,
            f"{self.who()} {' and '.join(told)}: {self.name} {', '.join(asks)} on its {self.breach.end}",
            f"{' and '.join(done)}, or end the relation first",
            {"lacking": lacking, "forbidden": forbidden},
        )

    def _unique(self) -> tuple[type[RuleError], str, str, dict[str, Any]]:
        first = self.rows[self.breach.relations[0]]
        other = "itself" if first is None else self.who(self._other(first))
        known = [one.id for one in list(self.rows.values())[1:] if one is not None]
        against = f" (relation {', '.join(known[:_LISTED])}{', ...' if len(known) > _LISTED else ''})" if known else ""
        if self.predicate.unique == "pair":
            message = f"{self.who()} {self.words} {other} already{against}: {self.name} joins the same two only once"
            hint = "update the relation that is there"
        elif self.breach.day is None:
            message = f"{self.who()} {self.words} {other} already, with the same dates and attributes{against}"
            hint = "leave the second one out, or use merge_relation"
        else:
            held = self._on() or ", with no dates to tell them apart"
            message = f"{self.who()} {self.words} {other} already{held}{against}: {self.name} takes no overlap"
            hint = "update the relation that is there, end it first, or use merge_relation"
        return DuplicateRelationError, message, hint, {"unique": self.predicate.unique}

    def _maxima(self) -> tuple[type[RuleError], str, str, dict[str, Any]]:
        breach = self.breach
        others = self._others()
        told = f"{self.who()} {self.words} {breach.measured} entities{self._on()}" + (f" ({others})" if others else "")
        return (
            CardinalityError,
            f"{told}: {self.name} allows at most {breach.allowed}",
            "end or retract one of them, or change its dates",
            {"measured": breach.measured, "allowed": breach.allowed},
        )

    def _sum(self) -> tuple[type[RuleError], str, str, dict[str, Any]]:
        breach = self.breach
        attribute = str(breach.details["attribute"])
        measured, allowed = (self._amount(attribute, one) for one in (breach.measured, breach.allowed))
        told = f"{self.who()} {self.words} {self._others()} with {attribute} adding up to {measured}{self._on()}"
        return (
            SumError,
            f"{told}: {self.name} allows at most {allowed}",
            f"lower or end one of these relations, or correct its {attribute}",
            {"attribute": attribute, "measured": measured, "allowed": allowed},
        )

    def _amount(self, attribute: str, number: object) -> str:
        field = self.predicate.attribute(attribute)
        if field is None or not isinstance(number, int):
            return str(number)
        maximum = next(one.maximum for one in self.predicate.sums if one.attribute == attribute)
        currency = str(maximum[1]) if isinstance(maximum, (list, tuple)) else None
        return str(unscaled(field, number, currency))

    def _cycle(self) -> tuple[type[RuleError], str, str, dict[str, Any]]:
        chain = [one for one in _list(self.breach.details.get("chain")) if isinstance(one, int)]
        words = reads(self.predicate, forward=True)
        shown = chain if len(chain) <= 12 else [*chain[:6], None, *chain[-5:]]
        told = f" {words} ".join("..." if one is None else self.caption(one) for one in shown)
        return (
            CycleError,
            f"{self.who()} would come to itself{self._on()}: {told}; {self.predicate.name} is acyclic",
            "retract or end one link of the chain",
            {"chain": [self.id_of(one) for one in chain]},
        )

    def _time(self) -> tuple[type[RuleError], str, str, dict[str, Any]]:
        if self.breach.allowed == "none":
            message = f"{self.who()} {self.words} {self._others()} with dates: {self.name} is declared with time: none"
            return PeriodError, message, "leave since and until out", {}
        since, until = (_day(one) for one in _list(self.breach.measured))
        message = f"{self.who()} {self.words} {self._others()} until {until}, which is not after since {since}"
        return PeriodError, message, "a relation holds from since to the day before until", {}

    def _required(self) -> tuple[type[RuleError], str, str, dict[str, Any]]:
        names = [str(one) for one in _list(self.breach.allowed)]
        lacking = ", ".join(names)
        why = f"which counts as 0 in the sum of {self.name}" if "sum" in self.breach.details else "which is required"
        message = f"{self.who()} {self.words} {self._others()} without {lacking}, {why}"
        return RequiredFieldError, message, f"give {lacking}", {"fields": names}


def _list(given: object) -> list[Any]:
    return list(given) if isinstance(given, (list, tuple)) else []


def _day(day: object) -> str | None:
    """Return a day in ISO form, None for an open bound."""
    if isinstance(day, int) and 1 <= day <= date.max.toordinal():
        return date.fromordinal(day).isoformat()
    return None
