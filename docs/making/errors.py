"""The page about errors: each class with its code, an example that raises it, and what that prints."""

from __future__ import annotations

import os
import re
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import relgraph
from docs.making.examples import BY_SERVER, EXAMPLES, SAMPLE
from docs.making.words import prose
from relgraph.errors import RelgraphError

INTRODUCTION = """\
# Errors

Every error that relgraph raises on purpose is a [RelgraphError](#relgrapherror). It carries `code` (stable, names the
kind), `message` (what happened), `hint` (what to do), `candidates` (names that may have been meant) and `details` (a
JSON-able mapping). `error.to_dict()` gives all five; `str(error)` is what a person reads. The command line turns errors
into [exit codes](commands.md#exit-codes). What is wrong with a question has [a page of its own](query-errors.md).

A refused change leaves nothing behind: either all of a transaction is kept or none of it.
"""
MINTED = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""An id that is another one each time."""
OPENING = """\
## The network of the examples

```python
{sample}
```
"""


def classes(kind: type[RelgraphError] = RelgraphError, depth: int = 0) -> Iterator[tuple[int, type[RelgraphError]]]:
    """Yield every error class with its depth in the tree, in the order of the tree."""
    yield depth, kind
    for one in kind.__subclasses__():
        if one.__module__ == "relgraph.errors":
            yield from classes(one, depth + 1)


def page() -> str:
    """Return the page."""
    every = list(classes())
    tree = "\n".join(f"{'    ' * depth}- [{kind.__name__}](#{kind.__name__.lower()})" for depth, kind in every)
    parts = [INTRODUCTION, f"## The tree\n\n{tree}\n", OPENING.format(sample=SAMPLE.strip()), "## One by one\n"]
    # one that stands under two others is described once
    parts.extend(_described(kind) for kind in dict.fromkeys(kind for _, kind in every))
    return "\n".join(parts)


def _described(kind: type[RelgraphError]) -> str:
    name = kind.__name__
    code = "" if name == "RelgraphError" else f"\n\nCode: `{kind.code}`"
    said = f"### {name}\n\n{_told(kind)}{code}\n"
    if name in BY_SERVER:
        when, error = BY_SERVER[name]
        printed = error()
        assert type(printed) is kind, f"{name}: {type(printed).__name__}"
        return f"{said}\n{when}\n\n```text\n{name}: {printed}\n```\n"
    if name not in EXAMPLES:
        return said
    program = textwrap.dedent(EXAMPLES[name]).strip()
    return f"{said}\n```python\n{_marked(program, name)}\n```\n\n```text\n{raised(program, kind)}\n```\n"


def _told(kind: type[RelgraphError]) -> str:
    return prose(kind.__doc__.split("\n\n>>>")[0] if kind.__doc__ else "").split("\n\n```pycon")[0]


def _marked(program: str, name: str) -> str:
    lines = program.split("\n")
    lines[-1] += f"  # {name}"
    return "\n".join(lines)


def raised(program: str, kind: type[RelgraphError]) -> str:
    """Run an example in a folder of its own; return what its error prints."""
    names: dict[str, Any] = {}
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            exec(SAMPLE, names)  # noqa: S102 - the examples of this documentation
            exec(program, names)  # noqa: S102
        except RelgraphError as error:
            if type(error) is not kind:
                raise
            return MINTED.sub("...", f"{kind.__name__}: {error}")
        finally:
            os.chdir(before)
            for value in names.values():
                if isinstance(value, relgraph.Graph):
                    value.close()
    message = f"the example of {kind.__name__} raises nothing"
    raise AssertionError(message)
