"""What an empty answer says of texts: that they are there in another case or with other accents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from relgraph.errors import QueryLimitError, QueryTimeout
from relgraph.network.execute.names import parts_of, remembered
from relgraph.network.execute.run import Run
from relgraph.network.execute.tail import Answer
from relgraph.query import ir

_WILD: Final = frozenset("*?")


def nearly(run: Run, query: ir.Query, ask: Callable[[Run, ir.Query], Answer]) -> None:
    """Note, of a question that finds nothing, that it would find something if its texts were compared loosely.

    ``=`` on texts is exact, and a text in another spelling is easily taken for none.
    """
    said: list[str] = []

    def loose(node: Any) -> Any:
        match node:
            case ir.Compare("=", ir.Attribute(kind="text") as left, right) if (
                _is_free(left) and (word := _word(run, right)) is not None
            ):
                said.append(f"{left.name} = {_quoted(word)}")
                return ir.TextTest("matches", left, ir.Constant(word, "text"))
            case ir.OneOf(ir.Attribute(kind="text") as left, values, negated=False) if _is_free(left):
                words = [word for one in _each(run, values) if (word := _word(run, one)) is not None]
                said.append(f"{left.name} in ({', '.join(map(_quoted, words))})")
                return ir.AnyOf(tuple(ir.TextTest("matches", left, ir.Constant(one, "text")) for one in words))
            case _:
                return node

    if not _spells(query) or isinstance(query, ir.SetQuery):
        return
    looser = _changed(query, loose)
    if not said:
        return
    found = query.variables[0]
    column = ir.Column("", ir.Ref(found.name, found.sort), found.sort)
    tail = ir.Tail((column,), (found.name,), limit=1)
    asking = run.quietly()
    try:
        if ask(asking, replace(query, tail=tail)).size or not ask(asking, replace(looser, tail=tail)).size:
            return
    except (QueryLimitError, QueryTimeout):
        # the answer is there: a note that would cost too much is left out
        return
    texts = " and ".join(dict.fromkeys(said))
    run.notes.said.append(
        f"nothing has {texts}, spelled so; in another case or with other accents something has: "
        "'=' is exact, 'matches' is not"
    )


@remembered
def _spells(query: ir.Query) -> bool:
    """Return whether a question compares a text that people spell: most do not, and are done with at once."""
    compared = (one.left for one in parts_of(query) if isinstance(one, ir.Compare | ir.OneOf))
    return any(isinstance(left, ir.Attribute) and left.kind == "text" and _is_free(left) for left in compared)


def _is_free(attribute: ir.Attribute) -> bool:
    """Return whether people spell it: what is built in is spelled by the vocabulary, a name excepted."""
    return not attribute.builtin or attribute.name in {"name", "source"}


def _quoted(word: str) -> str:
    return f'"{word}"'


def _changed(node: Any, change: Callable[[Any], Any]) -> Any:
    """Return a question with its comparisons changed, those excepted that a row must not pass."""
    if isinstance(node, tuple):
        return tuple(_changed(one, change) for one in node)
    if isinstance(node, ir.Not | ir.Only | ir.Count) or type(node).__module__ != ir.__name__:
        return node
    made = change(node)
    if made is not node or not is_dataclass(node) or isinstance(node, type):
        return made
    return replace(node, **{one.name: _changed(getattr(node, one.name), change) for one in fields(node)})


def _each(run: Run, values: tuple[ir.Expression, ...] | ir.Parameter) -> tuple[Any, ...]:
    if isinstance(values, ir.Parameter):
        return tuple(ir.Constant(one, "text") for one in run.parameter(values))
    return values


def _word(run: Run, value: ir.Expression) -> str | None:
    """Return a text that stands in the question and has no wildcard in it."""
    match value:
        case ir.Constant(str() as word):
            pass
        case ir.Parameter(kind="text", many=False):
            word = run.parameter(value)
        case _:
            return None
    return None if _WILD.intersection(word) else word
