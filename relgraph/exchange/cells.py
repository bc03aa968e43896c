"""Where a value of a row comes from: a column, a template over columns or a constant, then steps in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from relgraph.errors import ValueProblem

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_SPACES = re.compile(r"\s+")


def look_up(values: Mapping[str, object], column: str) -> object:
    """Return a row's value by column, or by path through nested objects; None where there is none.

    >>> look_up({"props": {"ts": 5}}, "props.ts")
    5
    """
    if column in values:
        return values[column]
    if "." in column:
        found: object = values
        for part in column.split("."):
            if not isinstance(found, Mapping):
                return None
            found = found.get(part)
        return found
    return None


def as_text(value: object) -> str:
    """Return a cell's value as the text that stands for it in keys and templates."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case bytes():
            raise ValueProblem("holds bytes, which are no text", hint="leave this column out, or convert it first")
        case Mapping() | list():
            raise ValueProblem("holds several values", hint="name one of them with a path such as address.city")
        case _:
            return str(value)


@dataclass(frozen=True, slots=True)
class Template:
    """Text with columns in braces; ``{{`` and ``}}`` are braces. ``pieces`` are texts and column names in turn."""

    pieces: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Return the template of a text; ValueProblem where a brace stands alone or names nothing.

        >>> Template.parse("{first} {last}").columns
        ('first', 'last')
        """
        pieces = [""]
        at = 0
        for found in _PLACE.finditer(text):
            pieces[-1] += text[at : found.start()]
            at = found.end()
            match found[0]:
                case "{{" | "}}" as brace:
                    pieces[-1] += brace[0]
                case "{" | "}" as brace:
                    raise ValueProblem(f"'{brace}' stands alone in '{text}'", hint="write {{ or }} for a brace itself")
                case _:
                    name = found[1].strip()
                    if not name:
                        raise ValueProblem(f"the braces in '{text}' name no column")
                    pieces += [name, ""]
        pieces[-1] += text[at:]
        return cls(tuple(pieces))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are named."""
        return self.pieces[1::2]

    def fill(self, values: Mapping[str, object], *, whole: bool) -> str | None:
        """Return the text for a row; None where every column is empty, with ``whole`` where any is."""
        parts = list(self.pieces)
        present = 0
        for place in range(1, len(parts), 2):
            value = look_up(values, parts[place])
            if value is None or value == "":
                if whole:
                    return None
                parts[place] = ""
            else:
                parts[place] = as_text(value)
                present += 1
        if not present and len(parts) > 1:
            return None
        text = "".join(parts)
        return text if whole else _SPACES.sub(" ", text).strip()


class Step(Protocol):
    """One transformation of a value that is there; ValueProblem where it cannot be done."""

    def __call__(self, value: object) -> object:
        """Return the value afterwards, None for none."""
        ...


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a value comes from, and the steps that it goes through; ``whole``: a part missing is all missing."""

    column: str | None = None
    template: Template | None = None
    constant: object = None
    steps: tuple[Step, ...] = ()
    default: object = None
    whole: bool = False
    line: int = field(default=0, compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        if self.column is not None:
            return (self.column,)
        return self.template.columns if self.template is not None else ()

    def value(self, values: Mapping[str, object]) -> object:
        """Return the value for a row, None for none; ValueProblem says what cannot be made of it."""
        value: object
        if self.column is not None:
            value = look_up(values, self.column)
        elif self.template is not None:
            value = self.template.fill(values, whole=self.whole)
        else:
            value = self.constant
        for step in self.steps:
            if value is None or value == "":
                break
            value = step(value)
        return self.default if value is None or value == "" else value

    def text(self, values: Mapping[str, object]) -> str | None:
        """Return the value for a row as text, None for none."""
        value = self.value(values)
        return None if value is None else as_text(value)


def cells_of(*cells: Cell | None) -> Iterator[Cell]:
    """Yield the cells that are there."""
    for cell in cells:
        if cell is not None:
            yield cell
