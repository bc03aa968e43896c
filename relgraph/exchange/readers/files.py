"""Files as they are delivered: missing, compressed, cut off, in an encoding that nobody wrote down."""

from __future__ import annotations

import codecs
import difflib
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from relgraph.errors import LoadError
from relgraph.exchange.readers.base import Meter

_GZIP = b"\x1f\x8b"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK = 1 << 20


def require_file(path: Path) -> None:
    """Raise :class:`LoadError` unless the path is a file, naming files beside it that may have been meant."""
    if path.is_file():
        return
    if path.is_dir():
        raise LoadError(f"'{path}' is a folder, not a file")
    beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    raise LoadError(
        f"there is no file '{path}'",
        hint=None if beside else f"the folder '{path.parent}' is missing or empty",
        candidates=difflib.get_close_matches(path.name, beside, n=3),
        details={"file": str(path)},
    )


@contextmanager
def open_bytes(path: Path, meter: Meter) -> Iterator[io.BufferedIOBase]:
    """Open a plain or gzip-compressed file; the meter counts bytes of the file as it lies on the disk."""
    require_file(path)
    try:
        raw = path.open("rb")
    except OSError as problem:
        raise LoadError(f"'{path}' cannot be opened: {problem.strerror or problem}") from problem
    with raw:
        meter.total = path.stat().st_size
        meter.unit = "bytes"
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        try:
            if packed:
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield _Metered(unpacked, raw, meter)
            else:
                yield _Metered(raw, raw, meter)
        except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
            raise LoadError(
                f"'{path}' ends in the middle or is damaged: it cannot be unpacked to its end",
                hint="get the file again; its transfer was probably cut off",
                details={"file": str(path)},
            ) from problem
        meter.done = meter.total


class _Metered(io.BufferedIOBase):
    """A readable binary file that tells a meter how far the file on the disk was read."""

    def __init__(self, file: io.BufferedIOBase, raw: IO[bytes], meter: Meter) -> None:
        self._file = file
        self._raw = raw
        self._meter = meter

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        data = self._file.read(size)
        self._meter.done = self._raw.tell()
        return data

    def read1(self, size: int = -1, /) -> bytes:
        return self.read(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        data = self._file.readline(-1 if size is None else size)
        self._meter.done = self._raw.tell()
        return data


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding's name, and whether it was guessed from the bytes rather than known."""

    name: str
    guessed: bool = False


def find_encoding(path: Path) -> Encoding:
    """Tell a text file's encoding: by its mark, as UTF-8 if all of it is, else the likeliest one.

    The whole file is looked at, a piece at a time, so that a letter on the last line counts too.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    with open_bytes(path, Meter()) as file:
        head = file.read(_CHUNK)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return Encoding(name)
        piece, before = head, b""
        while piece:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                return Encoding(_likeliest(head[: _CHUNK // 16] + b"\n" + before[-4096:] + piece), guessed=True)
            before, piece = piece, file.read(_CHUNK)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return Encoding(_likeliest(before or head), guessed=True)
    return Encoding("utf-8")


def _likeliest(sample: bytes) -> str:
    """Return the encoding that explains the sample best, the common Windows one among equals."""
    from charset_normalizer import from_bytes  # noqa: PLC0415  (slow to import, and most files are UTF-8)

    # lines with letters outside ASCII are what tells encodings apart; the rest is the same in all of them
    lines = [line for line in sample.split(b"\n") if any(byte > 127 for byte in line)]
    found = from_bytes(b"\n".join(lines)[:65536])
    best = found.best()
    if best is None:
        return "cp1252"
    western = next((one for one in found if one.encoding == "cp1252" or "cp1252" in one.could_be_from_charset), None)
    if western is not None and western.chaos <= best.chaos + 0.02:
        return "cp1252"
    return best.encoding


def known_encoding(name: str) -> str:
    """Return the encoding's own name, or raise :class:`LoadError` when there is none by that name."""
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError) as problem:
        raise LoadError(
            f"there is no encoding '{name}'",
            hint="common ones are utf-8, cp1252 (Western Windows), latin-1, cp1250, utf-16, mac-roman, shift-jis",
            candidates=difflib.get_close_matches(name.lower(), ["utf-8", "cp1252", "latin-1", "utf-16", "cp1250"]),
        ) from problem


def wrong_encoding(path: Path, encoding: str, problem: UnicodeError) -> LoadError:
    """Make the error for bytes that are no text in this encoding: the line, the byte, and what may be right."""
    line, byte = _first_wrong(path, encoding)
    guess = find_encoding(path)
    where = f"line {line} of '{path.name}'" if line else f"'{path.name}'"
    what = f"the byte 0x{byte:02x}" if byte is not None else "a byte"
    proposal = guess.name if known_encoding(guess.name) != known_encoding(encoding) else "cp1252"
    return LoadError(
        f"{where} holds {what}, which is no text in the encoding {encoding}",
        hint=f"set `encoding: {proposal}` in the reader of the mapping, or save the file as UTF-8",
        details={"file": str(path), "line": line, "encoding": encoding, "proposal": proposal, "problem": str(problem)},
    )


def _first_wrong(path: Path, encoding: str) -> tuple[int | None, int | None]:
    """Return the line and the byte at which the encoding first fails, where lines can be told without decoding."""
    if known_encoding(encoding).startswith(("utf-16", "utf-32")):
        return None, None
    with open_bytes(path, Meter()) as file:
        number = 0
        while line := file.readline():
            number += 1
            try:
                line.decode(encoding)
            except UnicodeDecodeError as problem:
                return number, line[problem.start]
    return None, None
