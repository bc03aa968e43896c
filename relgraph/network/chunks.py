"""Adjacency arrays as chunks of bytes, to be kept in a store, and back.

Each chunk is a frame of 32 bytes (magic, format, index, count, checksum of what follows) and up to 4 MB of one
stream: the length of a manifest, the manifest as JSON, and the arrays one after the other, aligned to 8 bytes.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relgraph.errors import StoreFormatError
from relgraph.network.arrays import Adjacency
from relgraph.network.block import Block
from relgraph.network.pointers import Pointers
from relgraph.network.rows import Words

FORMAT = 1
CHUNK = 4 * 1024 * 1024
"""The size of a chunk, frame included, in bytes."""

_FRAME = struct.Struct("<4sIIII12x")
_MAGIC = b"rgad"
_HINT = "drop the stored arrays and build them from the relations again"
_COLUMNS = ("number", "subject", "object", "since", "until", "inward", "sure_at", "sure_since", "sure_until")


def to_chunks(adjacency: Adjacency, *, size: int = CHUNK) -> Iterator[bytes]:
    """Yield the arrays as chunks of at most ``size`` bytes; changes laid over the base are folded in first."""
    folded = adjacency.fold()
    arrays = _arrays(folded)
    manifest = json.dumps(
        {
            "arrays": [[name, array.dtype.str, len(array)] for name, array in arrays],
            "texts": list(folded.words),
        }
    ).encode()
    pieces = [
        memoryview(struct.pack("<Q", len(manifest))),
        memoryview(manifest),
        memoryview(bytes(-len(manifest) % 8)),
    ]
    for _, array in arrays:
        pieces.append(np.ascontiguousarray(array).view(np.uint8).data)
        pieces.append(memoryview(bytes(-array.nbytes % 8)))
    room = size - _FRAME.size
    total = sum(len(piece) for piece in pieces)
    count = -(-total // room)
    stream = iter(pieces)
    rest = memoryview(b"")
    for index in range(count):
        payload = bytearray()
        while len(payload) < room:
            if not rest:
                following = next(stream, None)
                if following is None:
                    break
                rest = following
            taken = room - len(payload)
            payload += rest[:taken]
            rest = rest[taken:]
        yield _FRAME.pack(_MAGIC, FORMAT, index, count, zlib.crc32(payload)) + payload


def from_chunks(chunks: Iterable[bytes]) -> Adjacency:
    """Return the arrays that chunks hold, given in their order; an array inside one chunk is not copied.

    Raises:
        StoreFormatError: a chunk is damaged, missing, out of order, or of another format.

    """
    bodies = _bodies(chunks)
    room = len(bodies[0])
    (length,) = struct.unpack_from("<Q", _part(bodies, room, 0, 8))
    manifest = json.loads(bytes(_part(bodies, room, 8, length)))
    at = 8 + length + -length % 8
    arrays: dict[str, NDArray[Any]] = {}
    for name, kind, count in manifest["arrays"]:
        dtype = np.dtype(kind)
        size = count * dtype.itemsize
        arrays[name] = np.frombuffer(_part(bodies, room, at, size), dtype)
        at += size + -size % 8
    columns = {name: arrays[name] for name in _COLUMNS}
    block = Block(
        **columns,
        outward_pointers=Pointers(arrays["outward.starts"], arrays.get("outward.keys")),
        inward_pointers=Pointers(arrays["inward.starts"], arrays.get("inward.keys")),
        amounts={name[7:]: array for name, array in arrays.items() if name.startswith("amount.")},
        codes={name[5:]: array for name, array in arrays.items() if name.startswith("code.")},
    )
    words = {name: _words(arrays[f"text.{name}"], arrays[f"ends.{name}"]) for name in manifest["texts"]}
    return Adjacency.over(block, words)


def _arrays(adjacency: Adjacency) -> list[tuple[str, NDArray[Any]]]:
    block = adjacency.base
    found: list[tuple[str, NDArray[Any]]] = [(name, getattr(block, name)) for name in _COLUMNS]
    for name, pointers in (("outward", block.outward_pointers), ("inward", block.inward_pointers)):
        found.append((f"{name}.starts", pointers.starts))
        if pointers.keys is not None:
            found.append((f"{name}.keys", pointers.keys))
    found += [(f"amount.{name}", column) for name, column in block.amounts.items()]
    found += [(f"code.{name}", column) for name, column in block.codes.items()]
    for name, words in adjacency.words.items():
        encoded = [text.encode() for text in words.texts]
        found.append((f"text.{name}", np.frombuffer(b"".join(encoded), np.uint8)))
        found.append((f"ends.{name}", np.cumsum([len(one) for one in encoded], dtype=np.int64)))
    return found


def _words(text: NDArray[np.uint8], ends: NDArray[np.int64]) -> Words:
    whole = text.tobytes()
    texts = []
    start = 0
    for end in ends.tolist():
        texts.append(whole[start:end].decode())
        start = end
    return Words(texts)


def _bodies(chunks: Iterable[bytes]) -> list[memoryview]:
    bodies: list[memoryview] = []
    expected = 1
    for index, chunk in enumerate(chunks):
        if len(chunk) < _FRAME.size or chunk[:4] != _MAGIC:
            raise StoreFormatError(f"chunk {index} of the stored arrays is not one", hint=_HINT)
        _, version, place, expected, checksum = _FRAME.unpack_from(chunk)
        if version != FORMAT:
            raise StoreFormatError(f"the stored arrays are of format {version}, not {FORMAT}", hint=_HINT)
        body = memoryview(chunk)[_FRAME.size :]
        if place != index or zlib.crc32(body) != checksum:
            raise StoreFormatError(f"chunk {index} of the stored arrays is damaged or out of order", hint=_HINT)
        bodies.append(body)
    if len(bodies) != expected:
        raise StoreFormatError(f"{len(bodies)} of {expected} chunks of the stored arrays are there", hint=_HINT)
    return bodies


def _part(bodies: list[memoryview], room: int, start: int, length: int) -> memoryview | bytearray:
    """Return a stretch of the stream: a view where it lies in one chunk, else a copy."""
    first, offset = divmod(start, room)
    if not length:
        return memoryview(b"")
    if offset + length <= len(bodies[first]):
        return bodies[first][offset : offset + length]
    joined = bytearray()
    while len(joined) < length:
        joined += bodies[first][offset : offset + length - len(joined)]
        first, offset = first + 1, 0
    return joined
