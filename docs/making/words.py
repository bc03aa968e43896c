"""Markdown from the texts of the code."""

from __future__ import annotations

import inspect
import re
import textwrap

ROLE = re.compile(r":(?:meth|class|func|mod|exc|attr):`(?P<name>[^`]+)`")
SECTION = re.compile(r"^(?P<name>Raises|Returns|Yields|Args):$")


def cell(text: str) -> str:
    """Return a text as it may stand in a table."""
    return text.replace("|", "\\|").replace("\n", " ").strip()


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def prose(docstring: str | None) -> str:
    """Return a docstring as Markdown: roles and double backticks as code, examples and drawings as blocks."""
    text = ROLE.sub(r"`\g<name>`", inspect.cleandoc(docstring or "")).replace("``", "`")
    parts = []
    for part in re.split(r"\n\s*\n", text):
        lines = part.split("\n")
        if lines[0].startswith(">>>"):
            parts.append(f"```pycon\n{part}\n```")
        elif section := SECTION.match(lines[0]):
            listed = _items(textwrap.dedent("\n".join(lines[1:])))
            parts.append(f"{section['name']}:\n\n" + "\n".join(f"- {one}" for one in listed))
        else:
            parts.append(part)
    return "\n\n".join(parts)


def _items(text: str) -> list[str]:
    found: list[str] = []
    for line in text.splitlines():
        if line.startswith(" ") and found:
            found[-1] += f" {line.strip()}"
        elif line.strip():
            found.append(line.strip())
    return found
