"""What a find is made of: what is tested at once, what is optional, and what waits for that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from relgraph.network.execute.names import given, needed, remembered, used
from relgraph.query import ir


@dataclass(frozen=True, slots=True)
class Parts:
    """What a find tests: at once, after the optional parts whose names it looks at, and these; the names wanted."""

    required: tuple[ir.Test, ...]
    late: tuple[ir.Test, ...]
    optional: tuple[ir.Optional, ...]
    wanted: frozenset[str]


@remembered
def parted(find: ir.Find) -> Parts:
    """Return the parts of a find."""
    optional = tuple(part for part in _flat(find.test) if isinstance(part, ir.Optional))
    required: list[ir.Test] = [part for part in _flat(find.test) if not isinstance(part, ir.Optional)]
    if find.found.inner is not None:
        required.append(find.found.inner)
    late: list[ir.Test] = []
    open_names = given(optional)
    for _ in required:
        found = next((one for one in required if one not in late and needed(one) & open_names), None)
        if found is None:
            break
        late.append(found)
        open_names |= given(found)
    looked_at = used(find.tail) | frozenset(find.tail.things)
    wanted = looked_at.union(*(needed(part) for part in (*required, *optional)))
    return Parts(tuple(one for one in required if one not in late), tuple(late), optional, wanted)


def _flat(test: ir.Test) -> Iterable[ir.Test]:
    if isinstance(test, ir.All):
        for part in test.parts:
            yield from _flat(part)
    else:
        yield test
