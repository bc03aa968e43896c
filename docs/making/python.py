"""The page about the Python names, from their docstrings."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields, is_dataclass
from types import FunctionType
from typing import Any

import relgraph
from docs.making.words import prose
from relgraph.asking import Prepared
from relgraph.errors import RelgraphError
from relgraph.exchange.report import Report, ReportRow
from relgraph.model.hooks import Proposal
from relgraph.query.fluent import Builder, Find, Sets
from relgraph.query.terms import Aggregates, Condition, Step, Term
from relgraph.result import Result, Row
from relgraph.vocabulary.plan import Plan, Problem

GIVEN: tuple[type, ...] = (Result, Row, Prepared, Report, ReportRow, Plan, Problem, Proposal)
"""What public methods give back or hand over without its having a public name."""
BUILT: tuple[type, ...] = (Find, Builder, Sets, Step, Term, Condition, Aggregates)
"""What the functions that build questions give back."""
OPENED = ("open", "copy")
FACE = ("Graph", "View", "Transaction")
INTRODUCTION = """\
# The Python names

Everything here is reached as `relgraph.NAME`. A network is opened with [open](#open) and is a [Graph](#graph), which
is also the [View](#view) of now and today. Changes are made in a [Transaction](#transaction). What is read comes as
values, which never query. Errors are listed [on their own page](errors.md).

Keyword arguments may be added in later versions; names and meanings stay within a major version.
"""


def page() -> str:
    """Return the page."""
    parts = [INTRODUCTION]
    for title, names in sections().items():
        parts.append(f"## {title}\n")
        parts.extend(described(name, getattr(relgraph, name)) for name in names)
    parts.append(
        "## What questions are built of\n\n"
        "These come from the functions under [Questions in Python](#questions-in-python) and from one another; each\n"
        "method returns a new value. Find and Sets have the methods of [Builder](#builder) too.\n"
    )
    parts.extend(described(kind.__name__, kind) for kind in BUILT)
    parts.append(
        "## What comes back\n\n"
        "These come from methods of the classes above, not from hand; they have no name in `relgraph` itself.\n"
    )
    parts.extend(described(kind.__name__, kind) for kind in GIVEN)
    return "\n".join(parts)


def sections() -> dict[str, list[str]]:
    """Return the public names, errors aside, under the heading where they stand."""
    vocabulary = [name for name in relgraph.__all__ if _module(name).startswith("relgraph.vocabulary")]
    values = [name for name in relgraph.__all__ if _module(name).startswith("relgraph.values")]
    questions = [name for name in relgraph.__all__ if _module(name).startswith("relgraph.query")]
    told = {*OPENED, *FACE, *vocabulary, *values, *questions}
    rest = [name for name in relgraph.__all__ if name not in told and not _is_error(getattr(relgraph, name))]
    return {
        "Opening": list(OPENED),
        "The network": list(FACE),
        "The vocabulary": vocabulary,
        **({"Questions in Python": questions} if questions else {}),
        "What is read": rest,
        "Exact values": values,
    }


def _module(name: str) -> str:
    thing = getattr(relgraph, name)
    return str(getattr(thing, "__module__", None) or type(thing).__module__)


def _is_error(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, RelgraphError)


def described(name: str, thing: Any) -> str:
    """Return the section of one public name."""
    if isinstance(thing, type):
        return _class(name, thing)
    if callable(thing):
        return f"### {name}\n\n{_code(_signature(f'relgraph.{name}', thing))}\n\n{prose(thing.__doc__)}\n"
    return f"### {name}\n\n{prose(type(thing).__doc__)}\n"


def _class(name: str, kind: type) -> str:
    parts = [f"### {name}\n", f"{prose(kind.__doc__)}\n"]
    if kind.__name__ == "Graph":
        parts.append("It has every method of [View](#view), and these:\n")
    listed = _fields(kind)
    if listed:
        parts.append(f"Fields: {', '.join(f'`{one}`' for one in listed)}.\n")
    for member, value in members(kind):
        if isinstance(value, property):
            parts.append(f"- `{member}`: {_line(value.__doc__)}")
    if any(isinstance(value, property) for _, value in members(kind)):
        parts.append("")
    for member, value in members(kind):
        if isinstance(value, property):
            continue
        plain = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        parts.append(f"#### {name}.{member}\n\n{_code(_signature(member, plain))}\n\n{prose(plain.__doc__)}\n")
    return "\n".join(parts)


def members(kind: type) -> list[tuple[str, Any]]:
    """Return the public properties and methods of a class, in the order they are written, those of its bases after."""
    found: dict[str, Any] = {}
    bases = [one for one in kind.__mro__ if one.__module__.startswith("relgraph")]
    if kind is relgraph.Graph or kind in BUILT:
        bases = [kind]
    for base in bases:
        for name, value in vars(base).items():
            if name.startswith("_") or name in found:
                continue
            if isinstance(value, property | classmethod | staticmethod | FunctionType):
                found[name] = value
    return [(name, value) for name, value in found.items() if _doc(value)]


def _doc(value: Any) -> str | None:
    plain = value.__func__ if isinstance(value, classmethod | staticmethod) else value
    return plain.__doc__ if isinstance(plain.__doc__, str) else None


def _fields(kind: type) -> list[str]:
    if not is_dataclass(kind):
        return []
    return [one.name for one in fields(kind) if not one.name.startswith("_") and one.init]


def _line(docstring: str | None) -> str:
    return " ".join(prose(docstring).split())


def _code(text: str) -> str:
    return f"```text\n{text}\n```"


def _signature(name: str, thing: Any) -> str:
    signature = inspect.signature(thing)
    kept = [one for key, one in signature.parameters.items() if key not in {"self", "cls"}]
    kept = [one.replace(annotation=_kind(one.annotation)) for one in kept]
    text = str(signature.replace(parameters=kept, return_annotation=_kind(signature.return_annotation)))
    text = re.sub(r"'([^']*)'(?=[,)]| =|$)", r"\1", text)
    text = re.sub(r"<object object at 0x[0-9a-f]+>", "...", text)
    if len(name) + len(text) <= 110:
        return name + text
    return name + _folded(text)


def _kind(annotation: Any) -> Any:
    if isinstance(annotation, str):
        return _Said(annotation)
    return annotation


class _Said:
    """An annotation as it was written."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _folded(text: str) -> str:
    depth, parts, start = 0, [], 1
    close = len(text) - 1
    for index, one in enumerate(text):
        depth += one in "([{"
        depth -= one in ")]}"
        if one == "," and depth == 1:
            parts.append(text[start:index].strip())
            start = index + 1
        if depth == 0:
            close = index
            break
    parts.append(text[start:close].strip())
    return "(\n" + "".join(f"    {part},\n" for part in parts) + ")" + text[close + 1 :]
