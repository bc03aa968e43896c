"""What may have been meant by a name that is not there."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches


def near(name: str, known: Collection[str]) -> list[str]:
    """Return the names that may have been meant, nearest first, upper and lower case being the same.

    >>> near("suplies", ["supplies", "owns"])
    ['supplies']
    """
    by_fold = {one.casefold(): one for one in known}
    return [by_fold[one] for one in get_close_matches(name[:200].casefold(), list(by_fold), n=3, cutoff=0.6)]
