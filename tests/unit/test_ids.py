from __future__ import annotations

import os
import threading
import time
import uuid
from itertools import islice

import pytest

from relgraph import ids
from relgraph.ids import uuid7, uuid7s


def test_they_are_uuids_of_version_7_that_grow() -> None:
    made = [uuid7() for _ in range(5000)]
    assert made == sorted(set(made))
    parsed = uuid.UUID(made[0])
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert str(parsed) == made[0]


def test_they_carry_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    later = 4_000_000_000_000
    monkeypatch.setattr(ids, "_last_millisecond", 0)
    monkeypatch.setattr(time, "time_ns", lambda: later * 1_000_000)
    assert uuid.UUID(uuid7()).int >> 80 == later


def test_they_grow_while_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    made = [first, *[uuid7() for _ in range(100)]]
    assert made == sorted(set(made))


def test_threads_never_make_the_same() -> None:
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend([uuid7() for _ in range(2000)])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8000


def test_a_forked_process_goes_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 5_000_000_000_000 * 1_000_000)
    uuid7()
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.write(write, uuid7().encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 36).decode() != uuid7()
    os.close(read)
    os.close(write)


def test_ids_drawn_in_blocks_are_ids_like_the_others_and_grow() -> None:
    made = [uuid7(), *islice(uuid7s(), 2500), uuid7()]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    for text in made:
        parsed = uuid.UUID(text)
        assert (parsed.version, parsed.variant, str(parsed)) == (7, uuid.RFC_4122, text)


def test_blocks_of_several_threads_do_not_meet() -> None:
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend(islice(uuid7s(), 2500))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(set(made)) == 10_000


def test_a_block_does_not_run_over_the_variant_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    last = (2**62 - 1) | 5 << 62
    monkeypatch.setattr(ids, "_next", lambda: (1, last))
    first = next(uuid7s())
    assert uuid.UUID(first).variant == uuid.RFC_4122
    assert first[14:18] == "7006"
