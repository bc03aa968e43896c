"""Identifiers that sort by the time they were made."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import overload

_BLOCK = 1000
_TAIL = 62

_lock = threading.Lock()
_source = random.Random()  # noqa: S311 - identifiers are no secrets; the seed comes from the system
_last_millisecond = 0
_counter = 0


def _reseed() -> None:
    # a forked child would otherwise go on with its parent's sequence
    global _source, _lock, _last_millisecond, _counter  # noqa: PLW0603 - one sequence per process
    _lock = threading.Lock()
    _source = random.Random(os.urandom(32))  # noqa: S311
    _last_millisecond = 0
    _counter = 0


_reseed()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reseed)


def uuid7() -> str:
    """Return a new UUID of version 7 as text: greater than every one this process made before.

    The first 48 bits are milliseconds since 1970; the other 74 are random, and grow by a random step within one
    millisecond or while the clock is set back.

    >>> first, second = uuid7(), uuid7()
    >>> first < second, len(first), first[14]
    (True, 36, '7')
    """
    with _lock:
        now, tail = _next()
    text = f"{now << 80 | 7 << 76 | (tail >> 62) << 64 | 2 << 62 | tail & 0x3FFFFFFFFFFFFFFF:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uuid7s() -> Iterator[str]:
    """Yield new ids without end, each greater than the one before: a quarter of the cost of :func:`uuid7` each.

    They are drawn in blocks, so the ids that others mint meanwhile may come to stand between two blocks.

    >>> minted = uuid7s()
    >>> uuid7() < next(minted) < next(minted)
    True
    """
    while True:
        yield from MintedIds(_BLOCK)


class MintedIds(Sequence[str]):
    """So many new ids, each greater than the one before, that are made into text only where they are read.

    >>> minted = MintedIds(3000)
    >>> len(minted), list(minted) == sorted(set(minted)), minted[2999] == list(minted)[-1]
    (3000, True, True)
    """

    __slots__ = ("_blocks", "_count")

    def __init__(self, count: int) -> None:
        self._count = count
        # of each block the text that its ids share, and the last 64 bits of each
        self._blocks = [_block(min(_BLOCK, count - at)) for at in range(0, count, _BLOCK)]

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(self._count))]
        block, at = divmod(range(self._count)[place], _BLOCK)
        before, lows = self._blocks[block]
        low = lows[at]
        return f"{before}{low >> 48:04x}-{low & 0xFFFFFFFFFFFF:012x}"

    def __iter__(self) -> Iterator[str]:
        for before, lows in self._blocks:
            digits = _digits(lows)
            yield from [f"{before}{digits[at : at + 4]}-{digits[at + 4 : at + 16]}" for at in range(0, len(digits), 16)]


def _next() -> tuple[int, int]:
    """Go one step on, under the lock; return the millisecond and the 74 bits behind it."""
    global _last_millisecond, _counter  # noqa: PLW0603 - one sequence per process
    now = time.time_ns() // 1_000_000
    if now > _last_millisecond:
        _last_millisecond = now
        # the top bit stays free, so that steps within the millisecond have room
        _counter = _source.getrandbits(73)
    else:
        _counter += 1 + _source.getrandbits(32)
    return _last_millisecond, _counter


def _digits(lows: array[int]) -> str:
    """Return 64-bit numbers as hexadecimal digits, sixteen each."""
    if sys.byteorder == "little":
        lows = lows[:]
        lows.byteswap()
    return lows.tobytes().hex()


def _block(count: int) -> tuple[str, array[int]]:
    """Draw so many ids, at most a block: the text that all begin with, and the 64 bits behind it of each."""
    global _counter  # noqa: PLW0603 - one sequence per process
    with _lock:
        now, tail = _next()
        room = count << 33
        if tail >> _TAIL != (tail + room) >> _TAIL:
            # what stands before the last 62 bits is the same in the whole block
            tail = (tail >> _TAIL) + 1 << _TAIL
        _counter = tail + room
        steps = array("I", _source.randbytes(4 * count))
    text = f"{now:012x}"
    low = 2 << _TAIL | tail & (1 << _TAIL) - 1
    # a random step may be nothing: the place in the block makes each id greater than the one before
    lows = array("Q", [low + at + one for at, one in enumerate(accumulate(steps), 1)])
    return f"{text[:8]}-{text[8:]}-7{tail >> _TAIL:03x}-", lows
