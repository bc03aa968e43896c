"""What is wrong with a question: collected, shown with its line and a caret, raised as one error."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from relgraph.errors import QueryError, QueryLimitError, QueryNameError, QuerySyntaxError, QueryTypeError
from relgraph.folding import fold
from relgraph.query.syntax import NOWHERE, Span

_WIDTH: Final = 100
_CONTEXT: Final = 60
_LISTED: Final = 25
"""How many problems are told at once; a text of thousands is told in its first ones."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where; ``about`` is a stable word for the kind of slip, such as ``unknown-type``."""

    error: type[QueryError]
    about: str
    message: str
    span: Span = NOWHERE
    hint: str | None = None
    candidates: tuple[str, ...] = ()


class Refused(Exception):
    """Carries one problem from deep in the parser to the door, which knows the text."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def syntax(about: str, message: str, span: Span, *, hint: str | None = None, candidates: Iterable[str] = ()) -> Problem:
    """Return a problem with the form of the text."""
    return Problem(QuerySyntaxError, about, message, span, hint, tuple(candidates))


def unknown(
    about: str, message: str, span: Span, *, hint: str | None = None, candidates: Iterable[str] = ()
) -> Problem:
    """Return a problem with a name."""
    return Problem(QueryNameError, about, message, span, hint, tuple(candidates))


def mistyped(
    about: str, message: str, span: Span, *, hint: str | None = None, candidates: Iterable[str] = ()
) -> Problem:
    """Return a problem with kinds that do not go together, or a question that has no meaning."""
    return Problem(QueryTypeError, about, message, span, hint, tuple(candidates))


def too_much(about: str, message: str, span: Span = NOWHERE, *, hint: str | None = None) -> Problem:
    """Return a problem with a limit."""
    return Problem(QueryLimitError, about, message, span, hint)


def nearest(name: str, known: Iterable[str], *, count: int = 3) -> tuple[str, ...]:
    """Return the known names that look most like this one, best first, ignoring case and accents.

    >>> nearest("suplies", ["supplies", "owns", "supplied_by"])
    ('supplies', 'supplied_by')
    """
    folded: dict[str, str] = {}
    for one in known:
        folded.setdefault(fold(one).replace("_", " "), one)
    close = get_close_matches(fold(name).replace("_", " "), list(folded), n=count, cutoff=0.6)
    return tuple(folded[one] for one in close)


def error_of(text: str, problems: Sequence[Problem]) -> QueryError:
    """Return the one error that tells all problems.

    It is of the class of the first problem in the text. ``details`` has ``line``, ``column`` (from 1), ``span``
    (offsets), ``text``, ``about`` and the plain ``message`` of that first one, and ``errors``, which lists all of
    them (of very many the first) in the order of the text, each with ``code``, ``message``, ``hint``, ``candidates``
    and ``details``.
    """
    ordered = sorted(dict.fromkeys(problems), key=lambda one: one.span)
    count = len(ordered)
    ordered = ordered[:_LISTED]
    first = ordered[0]
    told = [_told(text, one) for one in ordered]
    listed = [
        {
            "code": one.error.code,
            "message": one.message,
            "hint": one.hint,
            "candidates": list(one.candidates),
            "details": _details(text, one),
        }
        for one in ordered
    ]
    details = {**_details(text, first), "message": first.message, "errors": listed}
    if len(ordered) == 1:
        return first.error(told[0], hint=first.hint, candidates=first.candidates, details=details)
    shown = [
        str(one.error(said, hint=one.hint, candidates=one.candidates)) for one, said in zip(ordered, told, strict=True)
    ]
    if count > len(shown):
        shown.append(f"and {count - len(shown):,} more")
    return first.error(f"{count:,} errors in the question\n" + "\n".join(shown), details=details)


def _details(text: str, problem: Problem) -> dict[str, Any]:
    details: dict[str, Any] = {"about": problem.about, "text": text}
    if problem.span != NOWHERE:
        line, column, _ = _place(text, problem.span[0])
        details |= {"line": line, "column": column, "span": list(problem.span)}
    return details


def _place(text: str, offset: int) -> tuple[int, int, int]:
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1, start


def _told(text: str, problem: Problem) -> str:
    if problem.span == NOWHERE:
        return problem.message
    begin, end = problem.span
    line, column, start = _place(text, begin)
    stop = text.find("\n", start)
    row = text[start : stop if stop >= 0 else len(text)]
    left = begin - start
    right = max(min(end - start, len(row)), left + 1)
    row, left, right = _cut(row, left, right)
    before, marked = row[:left], row[left:right]
    caret = " " * _columns(before) + "^" * max(_columns(marked), 1)
    plain = "".join(one if one.isprintable() else " " for one in row)
    return f"line {line}, column {column}: {problem.message}\n  | {plain}\n  | {caret}"


def _cut(row: str, left: int, right: int) -> tuple[str, int, int]:
    """Keep what stands around the mark where the line is too long to show."""
    if len(row) <= _WIDTH:
        return row, left, right
    right = min(right, left + _CONTEXT)
    start = max(left - _CONTEXT // 2, 0)
    stop = min(max(right, left + _CONTEXT), len(row))
    lead, trail = ("…" if start else ""), ("…" if stop < len(row) else "")
    moved = start - len(lead)
    return f"{lead}{row[start:stop]}{trail}", left - moved, right - moved


def _columns(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return len(text) + wide - sum(bool(unicodedata.combining(one)) for one in text)
