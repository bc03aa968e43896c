"""Questions as JSON: the same unbound form, versioned, for programs that build or send them.

Every part is an object whose ``is`` names it (the classes of :mod:`relgraph.query.syntax`, in words joined by
``_``); what is left out has its default. Exact numbers are texts under ``decimal``, ``percent`` and ``money``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from relgraph.errors import QueryLimitError, QuerySyntaxError, ValueProblem
from relgraph.query import syntax as s
from relgraph.query.literals import plain
from relgraph.query.parse import MAX_DEPTH, checked
from relgraph.query.problems import nearest
from relgraph.values import Money, Percent, exact

VERSION: Final = 1
MAX_BYTES: Final = 200_000
# the whole numbers that every reader of JSON keeps exactly
_EXACT: Final = 2**53
_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


def to_json(query: s.Query) -> str:
    """Return a question as JSON text, which :func:`from_json` reads back as an equal one.

    >>> from relgraph.query.parse import parse
    >>> print(to_json(parse("find Person"))[:59])
    {"relgraph": "query", "version": 1, "query": {"is": "find",
    """
    return json.dumps({"relgraph": "query", "version": VERSION, "query": _plain(query)}, ensure_ascii=False)


def from_json(given: str | bytes | Mapping[str, Any]) -> s.Query:
    """Return the question that JSON text, or what was read from it, says.

    Raises QuerySyntaxError for what is no question, naming the part, and QueryLimitError for what is too large.

    >>> from relgraph.query.parse import parse
    >>> str(from_json(parse("find Person knows me").to_json()))
    'find Person knows me'
    """
    whole = _read(given)
    if whole.get("relgraph") != "query" or not isinstance(whole.get("query"), Mapping):
        raise _wrong("this is no question", hint='it has the form {"relgraph": "query", "version": 1, "query": {..}}')
    if whole.get("version") != VERSION:
        message = f"questions of version {whole.get('version')!r} cannot be read here"
        raise _wrong(message, hint=f"this program reads version {VERSION}")
    _limit(whole)
    query = _node(whole["query"], "query")
    if not isinstance(query, s.Query):
        raise _wrong("'query' is a part of a question, not a question")
    return checked(query)


def _wrong(message: str, *, hint: str | None = None, candidates: tuple[str, ...] = ()) -> QuerySyntaxError:
    return QuerySyntaxError(message, hint=hint, candidates=candidates, details={"about": "json"})


def _read(given: str | bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    if len(given) > MAX_BYTES:
        raise QueryLimitError(f"a question as JSON has at most {MAX_BYTES:,} bytes")
    try:
        whole = json.loads(given)
    except RecursionError:
        raise QueryLimitError(f"the question is nested too deep: more than {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise _wrong(f"this is no JSON: {error}") from None
    if not isinstance(whole, dict):
        raise _wrong("a question is a JSON object")
    return whole


def _limit(whole: object) -> None:
    """Refuse what is too deep before anything recurses into it."""
    layer, level = [whole], 0
    while layer:
        level += 1
        if level > 2 * MAX_DEPTH:
            raise QueryLimitError(f"the question is nested too deep: more than {MAX_DEPTH} levels")
        below: list[object] = []
        for one in layer:
            if isinstance(one, Mapping):
                below.extend(one.values())
            elif isinstance(one, list | tuple):
                below.extend(one)
        layer = below


# ----------------------------------------------------------------------------------------------------- writing


def _plain(node: s.Node) -> dict[str, Any]:
    made: dict[str, Any] = {"is": _word(type(node))}
    for one in fields(node):
        value = getattr(node, one.name)
        if one.name == "span" or (one.default is not MISSING and value == one.default):
            continue
        if isinstance(value, s.Node):
            made[one.name] = _plain(value)
        elif isinstance(value, tuple):
            listed = []
            for part in value:
                # one call a level: a comprehension would double the depth of the stack
                listed.append(_plain(part) if isinstance(part, s.Node) else part)  # noqa: PERF401
            made[one.name] = listed
        else:
            made[one.name] = _scalar(value)
    return made


def _scalar(value: object) -> object:
    match value:
        case Percent():
            return {"percent": str(value)}
        case Money():
            return {"money": f"{value.amount:f} {value.currency}"}
        case Decimal():
            return {"decimal": f"{value:f}"}
        case int() if not isinstance(value, bool) and abs(value) > _EXACT:
            return {"decimal": str(value)}
        case _:
            return value


def _word(kind: type[s.Node]) -> str:
    return _CAPITAL.sub("_", kind.__name__).lower()


# ----------------------------------------------------------------------------------------------------- reading


@cache
def _kinds() -> dict[str, type[s.Node]]:
    bases = {s.Node, s.Query}
    found = [one for one in vars(s).values() if isinstance(one, type) and issubclass(one, s.Node) and one not in bases]
    return {_word(one): one for one in found}


@cache
def _forms(word: str) -> tuple[type[s.Node], dict[str, Any], frozenset[str]]:
    """Return the class of a word, the types its fields take, and the fields that must be given."""
    kind = _kinds()[word]
    hints = {name: hint for name, hint in get_type_hints(kind).items() if name != "span"}
    needed = frozenset(one.name for one in fields(kind) if one.default is MISSING)
    return kind, hints, needed


def _node(data: Mapping[str, Any], where: str) -> s.Node:
    word = data.get("is")
    if not isinstance(word, str) or word not in _kinds():
        near = nearest(word, _kinds()) if isinstance(word, str) else ()
        raise _wrong(f"in {where}: 'is' must name a part of a question, not {word!r}", candidates=near)
    kind, hints, needed = _forms(word)
    made: dict[str, Any] = {}
    for name, value in data.items():
        if name == "is":
            continue
        if name not in hints:
            raise _wrong(f"in {where}: {word} has no '{name}'", candidates=nearest(name, hints))
        at = f"{where}.{name}"
        if isinstance(value, Mapping) and "is" in value:
            made[name] = _node(value, at)
        elif isinstance(value, Mapping):
            made[name] = _number(value, at)
        elif isinstance(value, list | tuple):
            parts = []
            for part in value:
                # the same: one call a level
                parts.append(_node(part, at) if isinstance(part, Mapping) else part)  # noqa: PERF401
            made[name] = tuple(parts)
        else:
            made[name] = value
        if not _fits(made[name], hints[name]):
            raise _wrong(f"in {where}: this is no '{name}' of {word}", hint=f"it takes {_said(hints[name])}")
    if missing := needed - made.keys():
        raise _wrong(f"in {where}: {word} needs '{min(missing)}'")
    return kind(**made)


def _number(value: Mapping[str, Any], where: str) -> int | Decimal | Percent | Money:
    try:
        match dict(value):
            case {"percent": str() as said, **rest} if not rest:
                return Percent.parse(said)
            case {"money": str() as said, **rest} if not rest:
                return Money.parse(said)
            case {"decimal": str() as said, **rest} if not rest:
                return plain(exact(said)) if "." in said else int(said)
    except (ValueProblem, ValueError) as problem:
        raise _wrong(f"in {where}: {problem}") from None
    raise _wrong(f"in {where}: this is no number", hint='such as {"decimal": "1.5"}, or a part with \'is\'')


def _fits(value: object, hint: Any) -> bool:
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        return any(_fits(value, one) for one in get_args(hint))
    if origin is Literal:
        return isinstance(value, str) and value in get_args(hint)
    if origin is tuple:
        inner = get_args(hint)
        if not isinstance(value, tuple):
            return False
        if len(inner) == 2 and inner[1] is Ellipsis:
            return all(_fits(one, inner[0]) for one in value)
        return len(value) == len(inner) and all(_fits(one, part) for one, part in zip(value, inner, strict=True))
    if hint is type(None):
        return value is None
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(hint, type) and isinstance(value, hint)


def _said(hint: Any) -> str:
    origin = get_origin(hint)
    if origin is Literal:
        return " or ".join(repr(one) for one in get_args(hint))
    if origin in {Union, UnionType}:
        return " or ".join(dict.fromkeys(_said(one) for one in get_args(hint)))
    if origin is tuple:
        return f"a list of {_said(get_args(hint)[0])}"
    if hint is type(None):
        return "null"
    return _word(hint) if isinstance(hint, type) and issubclass(hint, s.Node) else str(getattr(hint, "__name__", hint))
