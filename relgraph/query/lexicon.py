"""What a vocabulary says about the names of a question: where readings lead, which fields there are."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from relgraph.query.ir import ValueKind
from relgraph.vocabulary.model import ENTITY, Derived, Field, Predicate, Reading, Vocabulary

Types = frozenset[str]
"""Types that an entity at a position can be of: never abstract ones."""

ENTITY_FIELDS: Final[dict[str, tuple[ValueKind, bool]]] = {
    "id": ("text", False),
    "name": ("text", False),
    "type": ("text", False),
    "degree": ("integer", False),
}
RELATION_FIELDS: Final[dict[str, tuple[ValueKind, bool]]] = {
    "id": ("text", False),
    "predicate": ("text", False),
    "subject": ("entity", False),
    "object": ("entity", False),
    "since": ("partial date", False),
    "until": ("partial date", False),
    "source": ("text", True),
    "confidence": ("decimal", False),
    "recorded_at": ("datetime", False),
    "recorded_by": ("text", False),
}
ROUTE_FIELDS: Final[dict[str, tuple[ValueKind, bool]]] = {
    "hops": ("integer", False),
    "entities": ("entity", True),
    "relations": ("relation", True),
    "strength": ("decimal", False),
}


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field as a question sees it: its kind, its choices, whether it is built in, and whether of countries."""

    name: str
    kind: ValueKind
    many: bool = False
    choices: tuple[str, ...] = ()
    builtin: bool = False
    country: bool = False


def value_kind(field: Field) -> ValueKind:
    """Return the kind that values of a field have in a question."""
    match field.kind:
        case "text" | "url" | "email" | "phone" | "country" | "choice":
            return "text"
        case kind:
            return kind


@dataclass(frozen=True, slots=True)
class DerivedReading:
    """A derived predicate as it is read from one end."""

    derived: Derived
    forward: bool

    @property
    def name(self) -> str:
        """The name this reading is used by."""
        return self.derived.name if self.forward else self.derived.inverse


AnyReading = Reading | DerivedReading


@dataclass(frozen=True)
class Lexicon:
    """Answers about one vocabulary, computed when first asked for."""

    vocabulary: Vocabulary

    @cached_property
    def everything(self) -> Types:
        """Every type that an entity can be of."""
        return frozenset(name for name, one in self.vocabulary.types.items() if not one.abstract)

    def below(self, name: str) -> Types:
        """Return the types that stand where this one is asked for."""
        return self.everything & frozenset(self.vocabulary.subtypes(name))

    @cached_property
    def _covers(self) -> dict[Types, tuple[str, ...]]:
        return {self.everything: ()}

    def cover(self, types: Types) -> tuple[str, ...]:
        """Return the fewest, most general types that say the same, in vocabulary order; empty for every type."""
        if types not in self._covers:
            self._covers[types] = self._cover(types)
        return self._covers[types]

    def _cover(self, types: Types) -> tuple[str, ...]:
        whole = {name: below for name in self.vocabulary.types if (below := self.below(name)) and below <= types}

        def topmost(name: str) -> bool:
            above = (whole.get(one, frozenset()) for one in self.vocabulary.ancestors(name))
            return not any(one > whole[name] for one in above)

        tops = [name for name in whole if topmost(name)]
        # of a type and its only subtype, which say the same, the subtype
        return tuple(
            name
            for name in tops
            if not any(
                name in self.vocabulary.ancestors(one) and one != name for one in tops if whole[one] == whole[name]
            )
        )

    def said(self, types: Types) -> str:
        """Return the types in words: ``Person``, ``Person or Company``, ``any entity``."""
        names = self.cover(types) or ("any entity",)
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"

    # ----------------------------------------------------------------------------------------------- readings

    @cached_property
    def readings(self) -> dict[str, AnyReading]:
        """Every name that may stand as a predicate in a question."""
        table: dict[str, AnyReading] = dict(self.vocabulary.readings)
        for one in self.vocabulary.derived.values():
            table[one.name] = DerivedReading(one, forward=True)
            table.setdefault(one.inverse, DerivedReading(one, forward=False))
        return table

    def reverse(self, name: str) -> str:
        """Return the name of the same reading from the other end."""
        match self.readings[name]:
            case Reading(predicate, forward):
                return predicate.name if predicate.symmetric or not forward else predicate.inverse
            case DerivedReading(derived, forward):
                return derived.inverse if forward else derived.name

    @cached_property
    def _pairs(self) -> dict[str, tuple[tuple[Types, Types], ...]]:
        table = {}
        for name, reading in self.vocabulary.readings.items():
            pairs = tuple(self._ends(reading.predicate))
            turned = tuple((right, left) for left, right in pairs)
            table[name] = (pairs + turned) if reading.predicate.symmetric else pairs if reading.forward else turned
        return table

    def _ends(self, predicate: Predicate) -> Iterator[tuple[Types, Types]]:
        for left, right in predicate.between:
            yield self.below(left), self.below(right)
        if not predicate.between:
            yield self._union(predicate.subject), self._union(predicate.object)

    def _union(self, names: Iterable[str]) -> Types:
        found = list(names) or [ENTITY]
        return frozenset().union(*(self.below(one) for one in found))

    def reach(self, name: str, start: Types) -> Types:
        """Return the types that one step by this reading leads to from entities of these types."""
        match self.readings[name]:
            case Reading():
                return frozenset().union(*(right for left, right in self._pairs[name] if left & start))
            case DerivedReading(derived, forward):
                return self._reach_derived(derived, start, forward=forward)

    def _reach_derived(self, derived: Derived, start: Types, *, forward: bool) -> Types:
        if derived.path:
            names = derived.path if forward else tuple(self.reverse(one) for one in reversed(derived.path))
            for one in names:
                start = self.reach(one, start)
            return start
        over = derived.over
        if over is None:
            return self.everything
        return self.reach_often([over if forward else self.reverse(over)], start, 1, None)

    def reach_often(self, names: Iterable[str] | None, start: Types, least: int, most: int | None) -> Types:
        """Return the types between ``least`` and ``most`` steps away; ``names`` None is any predicate."""
        readings = None if names is None else tuple(names)
        level, found = start, start if least == 0 else frozenset[str]()
        seen: set[Types] = set()
        step = 0
        while most is None or step < most:
            step += 1
            level = self._reach_any(readings, level)
            if step >= least:
                found |= level
                # the levels repeat from here on
                if level in seen:
                    break
                seen.add(level)
            if not level:
                break
        return found

    def _reach_any(self, readings: tuple[str, ...] | None, start: Types) -> Types:
        if readings is None:
            return self.everything if start else start
        return frozenset().union(*(self.reach(one, start) for one in readings))

    def starts(self, name: str) -> Types:
        """Return the types that this reading starts at."""
        return frozenset(one for one in self.everything if self.reach(name, frozenset({one})))

    def followed(self, start: Types) -> list[str]:
        """Return the readings that can be followed from entities of these types, in vocabulary order."""
        return [name for name in self.readings if self.reach(name, start)]

    def followed_to(self, start: Types, end: Types) -> list[str]:
        """Return the readings that lead from one position to the other."""
        return [name for name in self.readings if self.reach(name, start) & end]

    # ------------------------------------------------------------------------------------------------- fields

    def entity_fields(self, types: Types) -> dict[str, list[FieldInfo]]:
        """Return every field that an entity of these types may have; several infos where the types differ."""
        declared = [
            one for name in self.vocabulary.types if name in types for one in self.vocabulary.fields(name).values()
        ]
        named = sum("name" in self.vocabulary.fields(one) for one in types)
        if named < len(types):
            # where only some declare it, the display name is what all have
            declared = [one for one in declared if one.name != "name"]
        return _merged(declared, ENTITY_FIELDS)

    def relation_fields(self, predicates: Iterable[str]) -> dict[str, list[FieldInfo]]:
        """Return every attribute that a relation of these stored predicates may have."""
        held = [self.vocabulary.predicates[one] for one in predicates]
        built_in = dict(RELATION_FIELDS)
        if held and all(one.time == "none" for one in held):
            del built_in["since"], built_in["until"]
        return _merged([field for one in held for field in one.attributes], built_in)

    def route_fields(self) -> dict[str, list[FieldInfo]]:
        """Return what may be asked of a route."""
        return _merged([], ROUTE_FIELDS)


_KEPT: Final = 8
_KNOWN: Final[OrderedDict[int, Lexicon]] = OrderedDict()


def lexicon_of(vocabulary: Vocabulary) -> Lexicon:
    """Return the answers about a vocabulary; those of the few vocabularies asked about last are kept."""
    known = _KNOWN.get(id(vocabulary))
    # a kept lexicon holds its vocabulary, so its id is not given to another one
    if known is None:
        known = _KNOWN[id(vocabulary)] = Lexicon(vocabulary)
        while len(_KNOWN) > _KEPT:
            _KNOWN.popitem(last=False)
    return known


def _merged(declared: Iterable[Field], built_in: dict[str, tuple[ValueKind, bool]]) -> dict[str, list[FieldInfo]]:
    table: dict[str, list[FieldInfo]] = {}
    for one in declared:
        info = FieldInfo(one.name, value_kind(one), one.many, one.choices, country=one.kind == "country")
        known = table.setdefault(one.name, [])
        same = next((i for i, old in enumerate(known) if (old.kind, old.many) == (info.kind, info.many)), None)
        if same is None:
            known.append(info)
        else:
            old = known[same]
            # a choice of one type and free text of another: any text may be meant
            either = tuple(dict.fromkeys(old.choices + info.choices)) if old.choices and info.choices else ()
            known[same] = FieldInfo(old.name, old.kind, old.many, either, country=old.country and info.country)
    for name, (kind, many) in built_in.items():
        table.setdefault(name, [FieldInfo(name, kind, many, builtin=True)])
    return table
