"""Days from one date to another, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from relgraph.network.execute.scalars import one_day
from relgraph.network.execute.table import Values, packed_codes
from relgraph.query.ir import Days
from relgraph.values import PartialDate

_NONE: Final = -(2**40)
_DATES: Final = date | PartialDate | Days


def days_between(later: Values, earlier: Values) -> Values | None:
    """Return the days from the earlier to the later value of each row; None where something else is taken away.

    A value that is missing, or is no single day, leaves the row without one.
    """
    if not all(one is None or isinstance(one, _DATES) for one in earlier.items):
        return None
    first, second = _ordinals(earlier.items)[earlier.codes], _ordinals(later.items)[later.codes]
    missing = (first == _NONE) | (second == _NONE)
    days = second - first
    there = days[~missing]
    if not len(there):
        return Values.constant(None, len(days))
    low = int(there.min())
    told, places = packed_codes((there - low).astype(np.intp), int(there.max()) - low + 1)
    codes = np.full(len(days), len(told), np.intp)
    codes[~missing] = places
    return Values(codes, [*(told + low).tolist(), None])


def _ordinals(items: Sequence[Any]) -> NDArray[np.int64]:
    days = (one_day(one) for one in items)
    return np.array([_NONE if one is None else one.toordinal() for one in days] or [_NONE], np.int64)
