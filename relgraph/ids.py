"""Identifiers that sort by the time they were made."""

from __future__ import annotations

import os
import random
import threading
import time

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
    global _last_millisecond, _counter  # noqa: PLW0603 - one sequence per process
    with _lock:
        now = time.time_ns() // 1_000_000
        if now > _last_millisecond:
            _last_millisecond = now
            # the top bit stays free, so that steps within the millisecond have room
            _counter = _source.getrandbits(73)
        else:
            _counter += 1 + _source.getrandbits(32)
        now, tail = _last_millisecond, _counter
    text = f"{now << 80 | 7 << 76 | (tail >> 62) << 64 | 2 << 62 | tail & 0x3FFFFFFFFFFFFFFF:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
