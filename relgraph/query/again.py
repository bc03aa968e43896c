"""Names that are said again where nothing can stand: right after themselves in a chain."""

from __future__ import annotations

from collections.abc import Iterator

from relgraph.query import ir
from relgraph.query.words import written_name


def never_again(query: ir.Query) -> Iterator[str]:
    r"""Yield what to say of each single hop that leads back to the very entity it starts at, which holds of nothing.

    >>> from relgraph.query.bind import bind
    >>> from relgraph.vocabulary.load import vocabulary_from_text
    >>> some = vocabulary_from_text("types: {Person: {}}\npredicates: {knows: {symmetric: true}}")
    >>> list(never_again(bind("find Person as p knows p", some).query))
    ['`knows p` holds of nothing: a relation of an entity to itself is no step; `find relations` lists those']
    """
    match query:
        case ir.Find():
            yield from _within(query.test, query.variables[0].name)
        case ir.SetQuery(_, operands):
            for one in operands:
                yield from never_again(one)
        case _:
            return


def _within(test: ir.Test, at: str | None) -> Iterator[str]:
    """Look at what must hold of every row: a part that is denied, or one of several, may well hold of nothing."""
    match test:
        case ir.All(parts):
            for part in parts:
                yield from _within(part, at)
        case ir.Chain(links):
            for link in links:
                match link.target:
                    case ir.Same(name):
                        if name == at and link.step.hops == ir.ONE_HOP:
                            yield _said(link.step, name)
                        at = name
                    case ir.Pattern(inner=inner, name=name):
                        if inner is not None:
                            yield from _within(inner, name)
                        at = name
                    case _:
                        at = None
        case _:
            return


def _said(step: ir.Step, name: str) -> str:
    words = "|".join(dict.fromkeys(getattr(one, "written", "") or "any" for one in step.alternatives))
    return (
        f"`{words} {written_name(name)}` holds of nothing: a relation of an entity to itself is no step;"
        " `find relations` lists those"
    )
