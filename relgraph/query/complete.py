"""What may be written next: from the parser's own state, and the vocabulary for what is meant there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from relgraph.query import syntax as s
from relgraph.query.clauses import Position, bind_clause, bind_target
from relgraph.query.lexicon import AnyReading, DerivedReading, FieldInfo, Lexicon, Types, lexicon_of
from relgraph.query.operands import DATES, NUMBERS, said_kind
from relgraph.query.parse import MAX_BYTES, grammar
from relgraph.query.problems import Refused
from relgraph.query.scope import State
from relgraph.query.steps import bind_step
from relgraph.query.words import written_name, written_text
from relgraph.vocabulary.model import ENTITY, Vocabulary

if TYPE_CHECKING:
    from lark.parsers.lalr_interactive_parser import InteractiveParser

_PARTIAL: Final = re.compile(r"[^\W\d]\w*\Z")
_OPEN_QUOTE: Final = re.compile(
    r"""(?:[^"'“„«`]|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|`[^`\n]*`)*(["'“„«`])([^"'”“»`\n]*)\Z"""
)
Kind = Literal["type", "predicate", "field", "name", "tag", "value", "keyword"]


@dataclass(frozen=True, slots=True)
class Completion:
    """One thing that may be written next, in place of ``text[start:end]``.

    ``detail`` is what people read beside it: the reading of a predicate, the kind of a field. ``target`` holds the
    types that a predicate leads to.
    """

    text: str
    kind: Kind
    start: int
    end: int
    detail: str = ""
    target: tuple[str, ...] = ()


_RANKED: Final = NUMBERS | DATES | {"percent", "money"}
_KEYWORDS: Final[dict[str, tuple[str, ...]]] = {
    "FIND": ("find",),
    "HOW_MANY": ("how many",),
    "WHERE": ("where",),
    "AND": ("and",),
    "OR": ("or",),
    "NOT": ("not",),
    "NO": ("no",),
    "WITH": ("with",),
    "REL": ("that",),
    "ONLY": ("only",),
    "OPTIONALLY": ("optionally",),
    "EVERY": ("every",),
    "TIMES": ("times",),
    "QUANT": ("at least", "at most", "exactly", "more than", "fewer than"),
    "ANYTHING": ("anything",),
    "ANY": ("any",),
    "AS": ("as",),
    "AS_OF": ("as of",),
    "ANY_TIME": ("any time",),
    "DURING": ("during",),
    "KNOWN_AT": ("known at",),
    "EVER": ("ever",),
    "RISING": ("rising",),
    "FALLING": ("falling",),
    "GROUP_BY": ("group by",),
    "SHOW": ("show",),
    "HAVING": ("having",),
    "ORDER_BY": ("order by",),
    "LIMIT": ("limit",),
    "PER": ("per",),
    "SKIP": ("skip",),
    "DISTINCT": ("distinct",),
    "ASC": ("asc",),
    "DESC": ("desc",),
    "IN": ("in",),
    "NOT_IN": ("not in",),
    "IN_LAST": ("in last", "in next"),
    "BETWEEN": ("between",),
    "IS_MISSING": ("is missing",),
    "IS_PRESENT": ("is present",),
    "TEXT_OP": ("contains", "starts with", "ends with", "matches"),
    "HAS_TAG": ("has tag",),
    "TRUE": ("true",),
    "FALSE": ("false",),
    "TODAY": ("today",),
    "UNIT": ("days", "weeks", "months", "quarters", "years"),
    "PATHS": ("shortest path", "shortest paths", "strongest path", "strongest paths", "all paths"),
    "CYCLES": ("cycles",),
    "RELATIONS": ("relations",),
    "FROM": ("from",),
    "TO": ("to",),
    "VIA": ("via",),
    "THROUGH": ("through",),
    "AVOIDING": ("avoiding",),
    "PREFER": ("prefer",),
    "UNION": ("union",),
    "INTERSECT": ("intersect",),
    "MINUS": ("minus",),
    "ME": ("me",),
    "US": ("us",),
    "AGG": ("count(", "sum(", "avg(", "min(", "max(", "median(", "collect(", "product(", "first("),
}


def complete(text: str, cursor: int, vocabulary: Vocabulary) -> list[Completion]:
    r"""Return what may be written at the cursor, names of the vocabulary first, then words of the language.

    An empty list where the text before the cursor can be no question. Names of entities are not among them: the
    vocabulary does not know them.

    >>> from relgraph.vocabulary.load import vocabulary_from_text
    >>> some = vocabulary_from_text("types: {Person: {}}\npredicates: {knows: {symmetric: true}}")
    >>> [one.text for one in complete("find Person kn", 14, some)]
    ['knows', 'known at']
    """
    before = text[: max(0, min(cursor, len(text)))]
    if len(before.encode("utf-8", "replace")) > MAX_BYTES:
        return []
    quote = _OPEN_QUOTE.match(before)
    if quote is not None:
        start, partial = quote.start(1), quote[2]
    else:
        found = _PARTIAL.search(before)
        start, partial = (found.start(), found[0]) if found else (len(before), "")
    parser = _parsed(before[:start])
    if parser is None:
        return []
    offered = _Offer(lexicon_of(vocabulary), start, len(before))
    accepted: set[str] = parser.accepts()  # type: ignore[no-untyped-call]
    accepted -= _unlikely(parser, offered.lexicon)
    if quote is not None and quote[1] != "`":
        offered.values(_items(parser, "STRING"))
        return [one for one in offered.found if one.text[1:].casefold().startswith(partial.casefold())]
    if "STRING" in accepted and (values := _items(parser, "STRING")):
        offered.values(values)
    if "NAME" in accepted:
        offered.names(_items(parser, "NAME"))
    if quote is None:
        offered.keywords(accepted)
    wanted = partial.casefold()
    return [one for one in offered.found if one.text.strip("`").casefold().startswith(wanted)]


def _parsed(head: str) -> InteractiveParser | None:
    from lark.exceptions import UnexpectedInput  # noqa: PLC0415 - loaded when a question is first read

    parser = grammar().parse_interactive(head)
    try:
        parser.exhaust_lexer()
    except (UnexpectedInput, Refused):
        return None
    return parser


_COMPARING: Final = frozenset(["IN", "NOT_IN", "IN_LAST", "BETWEEN", "IS_MISSING", "IS_PRESENT", "TEXT_OP"])


def _unlikely(parser: InteractiveParser, lexicon: Lexicon) -> frozenset[str]:
    """Return what the grammar takes after a name but its meaning does not: tests after a predicate."""
    stack = parser.parser_state.value_stack
    name = stack[-1] if stack else None
    named = _kind(name) == "NAME" and str(name).strip("`") in lexicon.readings
    # in brackets a name is a field, and after a predicate comes an entity
    return _COMPARING if named and _kind(stack[-2] if len(stack) > 1 else None) not in {"LSQB", "DOT"} else frozenset()


def _items(parser: InteractiveParser, kind: str) -> list[Any]:
    """Return what the parser holds once it knows that a token of that kind comes: tokens and built parts, in order."""
    from lark import Token, Tree  # noqa: PLC0415 - loaded when a question is first read
    from lark.exceptions import UnexpectedInput  # noqa: PLC0415 - the same

    # what is built already stays as it is: only the stack that holds it is copied
    ahead = parser.copy(deepcopy_values=False)  # type: ignore[no-untyped-call]
    try:
        ahead.feed_token(Token(kind, '"x"' if kind == "STRING" else "x", 0))
    except (UnexpectedInput, Refused):
        return []
    flat: list[Any] = []
    waiting = list(reversed(ahead.parser_state.value_stack[:-1]))
    while waiting:
        one = waiting.pop()
        if isinstance(one, Tree):
            waiting.extend(reversed(one.children))
        elif isinstance(one, list):
            waiting.extend(reversed(one))
        else:
            flat.append(one)
    return flat


def _kind(item: Any) -> str:
    """Return the kind of a token, or an empty text for a part that is built."""
    return str(getattr(item, "type", "")) if isinstance(item, str) else ""


@dataclass(slots=True)
class _Place:
    """Where the cursor stands: whose clause it is, and the entity that a chain has come to."""

    state: State
    subject: Types
    at: Types
    reached: Types | None = None
    brackets: list[dict[str, list[FieldInfo]] | None] = field(default_factory=list)


class _Offer:
    """Collects completions for one place."""

    def __init__(self, lexicon: Lexicon, start: int, end: int) -> None:
        self.lexicon = lexicon
        self.start = start
        self.end = end
        self.found: list[Completion] = []

    def _add(self, text: str, kind: Kind, detail: str = "", target: tuple[str, ...] = ()) -> None:
        self.found.append(Completion(text, kind, self.start, self.end, detail, target))

    # --------------------------------------------------------------------------------------------------- names

    def names(self, items: list[Any]) -> None:
        """Offer the names that have a meaning after these items."""
        place = self._walk(items)
        last = items[-1] if items else None
        kind = _kind(last)
        before = _kind(items[-2]) if len(items) > 1 else ""
        match last:
            case _ if kind == "AS":
                return
            case _ if kind == "DOT":
                self._parts(items, place)
            case _ if kind in {"FIND", "HOW_MANY", "FROM", "TO", "THROUGH", "AVOIDING"}:
                self._types(self.lexicon.everything)
            case _ if kind in {"EVERY", "ANY"} or isinstance(last, s.Step):
                self._types(place.reached if place.reached is not None else self.lexicon.everything, place)
            case _ if kind in {"VIA", "RELATIONS"} or (kind in {"COMMA", "VBAR"} and self._after_via(items)):
                self._predicates(self.lexicon.everything)
            case _ if kind in {"PREFER", "RISING", "FALLING"}:
                held = self._attributes(items).items()
                self._fields({name: one for name, one in held if one[0].kind in _RANKED and not one[0].many})
            case _ if kind == "VBAR":
                if isinstance(items[-2], s.Predicate | s.AnyPredicate):
                    self._predicates(place.at)
                else:
                    self._types(place.reached if place.reached is not None else self.lexicon.everything)
            case _ if place.brackets and place.brackets[-1] is not None:
                self._bracket(items, place, place.brackets[-1])
            case _ if self._in_tail(items):
                self._fields(self.lexicon.entity_fields(place.subject))
                self._given(place)
            case _ if kind == "LPAR" and isinstance(items[-2] if len(items) > 1 else None, s.Step):
                self._types(place.reached if place.reached is not None else self.lexicon.everything)
            case _ if kind == "HAS_TAG":
                self._tags(place.subject)
            case s.Types() | s.Anything() | s.Nested() if isinstance(items[-2], s.Step):
                self._predicates(place.at)
            case _ if before == "QUANT" or kind in {"TIMES", "INT", "ONLY", "OPTIONALLY"}:
                self._predicates(place.subject)
            case _:
                self._predicates(place.subject)
                self._fields(self.lexicon.entity_fields(place.subject))
                self._given(place)

    def _walk(self, items: list[Any]) -> _Place:
        """Follow the question up to the cursor, giving names to what it names."""
        everything = self.lexicon.everything
        place = _Place(State("", self.lexicon), everything, everything)
        for before, item in zip((None, *items), items, strict=False):
            kind = _kind(item)
            if kind in {"FIND", "HOW_MANY"} and _kind(before) != "LPAR":
                place.state.things = {}
            elif kind == "LSQB":
                place.brackets.append(self._bracketed(before))
            elif kind == "RSQB" and place.brackets:
                place.brackets.pop()
            elif kind in {"AND", "OR", "WHERE", "COMMA"}:
                place.at, place.reached = place.subject, None
            elif isinstance(item, s.Step):
                place.reached = bind_step(place.state, item, place.at).types
                if item.name is not None:
                    place.state.introduce(item.name, bind_step(place.state, item, place.at).thing, item.span)
            elif isinstance(item, s.Types | s.Anything | s.Fixed | s.Nested):
                self._entity(place, item, before)
            elif isinstance(item, s.Chain | s.Has | s.No | s.Count | s.Only | s.Optional | s.Not | s.All | s.AnyOf):
                bind_clause(place.state, item, place.subject, top=True)
                place.at, place.reached = place.subject, None
        return place

    def _entity(self, place: _Place, item: s.Types | s.Anything | s.Fixed | s.Nested, before: Any) -> None:
        allowed = place.reached if place.reached is not None else self.lexicon.everything
        _, types = bind_target(place.state, item, Position(allowed))
        if not isinstance(before, s.Step):
            place.subject = types
        place.at, place.reached = types, None

    def _bracketed(self, before: Any) -> dict[str, list[FieldInfo]] | None:
        """Return the fields of what the bracket that opens here filters."""
        name = str(before).strip("`") if isinstance(before, str) else ""
        if name in self.lexicon.readings:
            return self._relation(self.lexicon.readings[name])
        if name in self.lexicon.vocabulary.types:
            return self.lexicon.entity_fields(self.lexicon.below(name))
        if _kind(before) in {"ANY", "RELATIONS"}:
            return self.lexicon.relation_fields(self.lexicon.vocabulary.predicates)
        return self.lexicon.entity_fields(self.lexicon.everything)

    def _relation(self, reading: AnyReading) -> dict[str, list[FieldInfo]]:
        if isinstance(reading, DerivedReading):
            measured = reading.derived.measured
            return {measured: [FieldInfo(measured, "percent")]} if reading.derived.measure else {}
        return self.lexicon.relation_fields(self.lexicon.vocabulary.narrower(reading.predicate.name))

    def _bracket(self, items: list[Any], place: _Place, fields: dict[str, list[FieldInfo]]) -> None:
        if _kind(items[-1]) == "HAS_TAG":
            self._tags(self.lexicon.everything)
            return
        self._fields(fields)
        if "degree" in fields and _kind(items[-1]) in {"LSQB", "AND", "OR", "NOT", "LPAR", "COMMA"}:
            self._tags(self.lexicon.everything)
        if _kind(items[-1]) not in {"LSQB", "AND", "OR", "NOT", "COMMA"}:
            self._given(place)

    def _after_via(self, items: list[Any]) -> bool:
        """Return whether all that stands before, back to ``via`` or ``relations``, is alternatives."""
        for item in reversed(items):
            if _kind(item) in {"VIA", "RELATIONS"}:
                return True
            if _kind(item) not in {"COMMA", "VBAR", "OR"} and not isinstance(item, s.Predicate | s.AnyPredicate):
                return False
        return False

    def _attributes(self, items: list[Any]) -> dict[str, list[FieldInfo]]:
        """Return the attributes of the relations that the steps of the question so far run over."""
        names: list[str] = []
        for item in items:
            value = getattr(item, "value", item)
            if isinstance(value, s.Step):
                for one in value.alternatives:
                    reading = self.lexicon.vocabulary.readings.get(getattr(one, "name", ""))
                    names += self.lexicon.vocabulary.narrower(reading.predicate.name) if reading else ()
        if not names and _kind(items[-2] if len(items) > 1 else None) == "LSQB" and isinstance(items[-3], str):
            reading = self.lexicon.vocabulary.readings.get(str(items[-3]))
            names += self.lexicon.vocabulary.narrower(reading.predicate.name) if reading else ()
        return self.lexicon.relation_fields(names or self.lexicon.vocabulary.predicates)

    def _in_tail(self, items: list[Any]) -> bool:
        tails = {"SHOW", "GROUP_BY", "ORDER_BY", "HAVING", "PER"}
        return any(_kind(item) in tails for item in items)

    def _parts(self, items: list[Any], place: _Place) -> None:
        thing = place.state.things.get(str(items[-2]).strip("`")) if len(items) > 1 else None
        if thing is not None:
            self._fields(thing.fields)

    # ------------------------------------------------------------------------------------------------- what is offered

    def _types(self, allowed: Types, place: _Place | None = None) -> None:
        if place is not None:
            for name, thing in place.state.things.items():
                if thing.sort == "entity" and thing.types & allowed:
                    self._add(written_name(name, as_type=True), "name", thing.said)
        for name, one in self.lexicon.vocabulary.types.items():
            if self.lexicon.below(name) & allowed:
                self._add(written_name(name, as_type=True), "type", one.label.get("en") or one.label.get("") or "")
        if not self.lexicon.vocabulary.types:
            self._add(ENTITY, "type")

    def _predicates(self, start: Types) -> None:
        for name in self.lexicon.followed(start):
            target = self.lexicon.cover(self.lexicon.reach(name, start)) or (ENTITY,)
            self._add(written_name(name), "predicate", _words(self.lexicon.readings[name]), target)

    def _fields(self, fields: dict[str, list[FieldInfo]]) -> None:
        for name, infos in fields.items():
            self._add(written_name(name), "field", "a list" if infos[0].many else said_kind(infos[0].kind))

    def _given(self, place: _Place) -> None:
        for name, thing in place.state.things.items():
            self._add(written_name(name), "name", thing.said)

    def _tags(self, types: Types) -> None:
        for name, one in self.lexicon.vocabulary.tags.items():
            if not one.types or any(self.lexicon.below(held) & types for held in one.types):
                self._add(written_name(name), "tag", one.label.get("en") or one.label.get("") or "")

    def values(self, items: list[Any]) -> None:
        """Offer the choices of the field that is compared."""
        compared = next((one for one in reversed(items) if isinstance(one, s.Path)), None)
        if compared is None or _kind(items[-1]) not in {"OP", "EQUAL", "LPAR", "COMMA", "OR_NAME"}:
            return
        place = self._walk(items)
        if len(compared.names) == 2 and (thing := place.state.things.get(compared.names[0])) is not None:
            fields = thing.fields
        elif place.brackets and place.brackets[-1] is not None:
            fields = place.brackets[-1]
        else:
            fields = self.lexicon.entity_fields(place.subject)
        for info in fields.get(compared.names[-1], ()):
            for choice in info.choices:
                self._add(written_text(choice), "value", info.name)

    def keywords(self, accepted: set[str]) -> None:
        """Offer the words of the language that the parser takes."""
        for word in _words_of(accepted):
            self._add(word, "keyword")


def _words_of(accepted: set[str]) -> Iterator[str]:
    for terminal, words in _KEYWORDS.items():
        if terminal in accepted:
            yield from words


def _words(reading: AnyReading) -> str:
    if isinstance(reading, DerivedReading):
        words = reading.derived.reading if reading.forward else reading.derived.inverse_reading
    else:
        words = reading.words
    return words.get("en") or words.get("") or reading.name.replace("_", " ")
