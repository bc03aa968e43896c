"""Values as algorithms and data frames take them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from relgraph.values.dates import PartialDate
from relgraph.values.money import Money
from relgraph.values.percent import Percent


def plain(value: Any) -> Any:
    """Return a value as algorithms take it: exact numbers as floats, dates as ISO text, money as its amount.

    >>> plain(Percent("25%")), plain(Money("9000 EUR")), plain(PartialDate(2024, 3))
    (0.25, 9000.0, '2024-03')
    """
    match value:
        case Percent() | Decimal():
            return float(value)
        case Money():
            return float(value.amount)
        case PartialDate():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case tuple():
            return [plain(one) for one in value]
        case _:
            return value
