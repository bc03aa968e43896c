"""What relgraph writes beside entities and relations, and what of it another program has changed.

A record that lacks what it always has is not seen; :func:`unsound` is what finds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from neo4j.time import DateTime

WHOLE, TEXT, MOMENT, NUMBERS = (
    "INTEGER NOT NULL",
    "STRING NOT NULL",
    "ZONED DATETIME NOT NULL",
    "LIST<INTEGER NOT NULL>",
)
_IS: Final[Mapping[str, type]] = {WHOLE: int, TEXT: str, MOMENT: DateTime, NUMBERS: list}
_PAST: Final = {"_told": WHOLE, "_replaced": WHOLE, "_change": TEXT}

RECORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "_Key": {"source": TEXT, "key": TEXT, "entity": WHOLE, "_told": WHOLE},
    "_PastKey": {"source": TEXT, "key": TEXT, "entity": WHOLE, **_PAST},
    "_PastTag": {"entity": WHOLE, "tag": TEXT, **_PAST},
    "_Statement": {"relation": WHOLE, "source": TEXT, "key": TEXT, "_told": WHOLE},
    "_PastStatement": {"relation": WHOLE, "source": TEXT, "key": TEXT, **_PAST},
    "_PastEntity": {"_number": WHOLE, "id": TEXT, "_type": TEXT, **_PAST},
    "_PastRelation": {
        "_number": WHOLE,
        "id": TEXT,
        "_predicate": TEXT,
        "_subject": WHOLE,
        "_object": WHOLE,
        **_PAST,
    },
    "_Transaction": {"number": WHOLE, "id": TEXT, "recorded_at": MOMENT, "kind": TEXT, "vocabulary": WHOLE},
    "_Told": {"transaction": WHOLE, "numbers": NUMBERS},
    "_Saved": {"kind": TEXT, "name": TEXT, "document": TEXT},
}
"""What the records of each label always have, by the type that the database calls it."""


def sound(label: str, held: Mapping[str, Any]) -> bool:
    """Return whether a record has what its label always has; of a label that has no records, always."""
    return all(type(held.get(name)) is _IS[kind] for name, kind in RECORDS.get(label, {}).items())


def unsound() -> Iterator[tuple[str, str]]:
    """Yield for each label a condition on x that holds for records which are not sound.

    >>> dict(unsound())["_Told"]
    'NOT (x.`transaction` IS :: INTEGER NOT NULL AND x.`numbers` IS :: LIST<INTEGER NOT NULL>)'
    """
    for label, wanted in RECORDS.items():
        yield label, f"NOT ({' AND '.join(f'x.`{name}` IS :: {kind}' for name, kind in wanted.items())})"
