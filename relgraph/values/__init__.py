"""Values of fields and of time: exact numbers, percents, money, partial dates and periods.

All are immutable, hashable and compared exactly; each is parsed from the text that it prints.
"""

from relgraph.values.dates import (
    OPEN_END,
    OPEN_START,
    Interval,
    PartialDate,
    datetime_of,
    datetime_text,
    day_bounds,
    parse_datetime,
    period_bounds,
)
from relgraph.values.exact import DIGITS, canonical, exact, shown
from relgraph.values.money import Money
from relgraph.values.percent import Percent

__all__ = [
    "DIGITS",
    "OPEN_END",
    "OPEN_START",
    "Interval",
    "Money",
    "PartialDate",
    "Percent",
    "canonical",
    "datetime_of",
    "datetime_text",
    "day_bounds",
    "exact",
    "parse_datetime",
    "period_bounds",
    "shown",
]
