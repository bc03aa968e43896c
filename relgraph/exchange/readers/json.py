"""JSON documents: an array of objects, by itself or somewhere inside, read one object after the other."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from relgraph.errors import LoadError
from relgraph.exchange.readers.base import Meter, Row
from relgraph.exchange.readers.files import known_encoding, open_bytes, wrong_encoding
from relgraph.exchange.readers.jsonl import no_number, once

_LONGEST = 64 << 20
_CHUNK = 1 << 16
_NO_ARRAY = "say with `at` under which keys its rows stand, such as data.accounts; one object a line is `reader: jsonl`"
_NEAR = 16
"""So near to the end of what was read, an error may only mean that there is more."""
_BLANK = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class JsonReader:
    """Reads the objects of an array: of the document itself, or of what stands ``at`` keys joined by dots.

    Numbers stay exact, integers of any length included. What is no object is reported as a row with a problem; a
    document that holds no such array is refused.
    """

    at: str = ""
    encoding: str = "utf-8-sig"

    def read(self, path: Path, meter: Meter) -> Iterator[Row]:
        """Yield a row for each element of the array."""
        with open_bytes(path, meter) as file:
            text = _Text(file, path, self.encoding)
            for key in self.at.split(".") if self.at else ():
                self._enter(text, key)
            if text.next() != "[":
                raise text.wrong(f"holds no array {self._where()}", hint=_NO_ARRAY)
            text.take()
            if text.next() == "]":
                text.take()
                return
            while True:
                text.next()
                number = text.line
                value = text.value()
                yield Row(number, value) if isinstance(value, dict) else Row(number, {}, "is JSON, but no object")
                mark = text.next()
                text.take()
                if mark == "]":
                    return
                if mark != ",":
                    raise text.wrong("is no JSON: a comma or the end of the array is missing")

    def _where(self) -> str:
        return f"at '{self.at}'" if self.at else "of objects at its beginning"

    def _enter(self, text: _Text, wanted: str) -> None:
        """Go on to the value of a key of the object that begins here."""
        found: list[str] = []
        if text.next() == "{":
            text.take()
            while text.next() == '"':
                key = str(text.value())
                if text.next() != ":":
                    raise text.wrong("is no JSON: a colon is missing")
                text.take()
                if key == wanted:
                    return
                found.append(key)
                text.next()
                text.value()
                if text.next() != ",":
                    break
                text.take()
        raise text.wrong(
            f"has nothing at '{self.at}'",
            hint=f"there is no key '{wanted}'" + (f" beside {', '.join(found[:10])}" if found else ""),
        )


class _Text:
    """The text of a document, of which only what is looked at is held."""

    def __init__(self, file: BufferedIOBase, path: Path, encoding: str) -> None:
        self._file = file
        self._path = path
        self._encoding = encoding
        self._decode = codecs.getincrementaldecoder(known_encoding(encoding))().decode
        self._json = json.JSONDecoder(parse_float=Decimal, parse_constant=no_number, object_pairs_hook=once)
        self._text = ""
        self._place = 0
        self._ended = False
        self.line = 1

    def _more(self) -> bool:
        """Read on, more at a time the more is held; return whether there was anything."""
        if self._ended:
            return False
        self._text = self._text[self._place :]
        self._place = 0
        if len(self._text) > _LONGEST:
            raise self.wrong(f"has a value of more than {_LONGEST >> 20} MB")
        data = self._file.read(max(_CHUNK, len(self._text)))
        self._ended = not data
        try:
            self._text += self._decode(data, self._ended)
        except UnicodeDecodeError as problem:
            raise wrong_encoding(self._path, self._encoding.removesuffix("-sig"), problem) from problem
        return not self._ended

    def next(self) -> str:
        """Pass over blanks and return the character that follows, "" at the end."""
        while True:
            end = self._end_of_blank()
            self.line += self._text.count("\n", self._place, end)
            self._place = end
            if end < len(self._text):
                return self._text[end]
            if not self._more():
                return ""

    def _end_of_blank(self) -> int:
        found = _BLANK.match(self._text, self._place)
        return self._place if found is None else found.end()

    def take(self) -> None:
        """Pass over one character."""
        self._place += 1

    def value(self) -> Any:
        """Return the value that begins here."""
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._place)
            except json.JSONDecodeError as problem:
                cut = problem.pos >= len(self._text) - _NEAR or problem.msg.startswith("Unterminated")
                if not cut or not self._more():
                    self.line += self._text.count("\n", self._place, problem.pos)
                    raise self.wrong(f"is no JSON: {problem.msg}") from problem
            except RecursionError:
                raise self.wrong("is nested too deeply") from None
            except ValueError as problem:
                raise self.wrong(f"cannot be read: {problem}") from problem
            else:
                # a number may go on in what was not read yet
                if end < len(self._text) or not self._more():
                    self.line += self._text.count("\n", self._place, end)
                    self._place = end
                    return value

    def wrong(self, what: str, *, hint: str | None = None) -> LoadError:
        """Make the error for a document that cannot be read on."""
        return LoadError(
            f"'{self._path.name}' {what}, line {self.line}",
            hint=hint or "get the file again, or write one object a line and read it as jsonl",
            details={"file": str(self._path), "line": self.line},
        )
