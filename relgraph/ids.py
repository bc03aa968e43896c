"""Identifiers that sort by the time they were made."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator

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
        yield from _block()


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


def _block() -> list[str]:
    global _counter  # noqa: PLW0603 - one sequence per process
    with _lock:
        now, tail = _next()
        room = _BLOCK << 33
        if tail >> _TAIL != (tail + room) >> _TAIL:
            # what stands before the last 62 bits is the same in the whole block
            tail = (tail >> _TAIL) + 1 << _TAIL
        _counter = tail + room
        step = _source.getrandbits
        steps = [1 + step(32) for _ in range(_BLOCK)]
    text = f"{now:012x}"
    before = f"{text[:8]}-{text[8:]}-7{tail >> _TAIL:03x}-"
    low = 2 << _TAIL | tail & (1 << _TAIL) - 1
    found = []
    for one in steps:
        low += one
        found.append(f"{before}{low >> 48:04x}-{low & 0xFFFFFFFFFFFF:012x}")
    return found
