"""Fields and attributes that get another name: the keys inside the JSON cells follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from relgraph.engines.sqlite.codec import dumps, loads
from relgraph.engines.sqlite.connection import Link
from relgraph.engines.sqlite.names import Names
from relgraph.engines.sqlite.snapshot import Rows
from relgraph.vocabulary.model import Vocabulary

Rename = tuple[str, str, str, str]


def rename_keys(link: Link, names: Names, vocabulary: Vocabulary, renames: Sequence[Rename]) -> None:
    """Rename keys in the rows of today and of the past, which is read in today's names too.

    Owners may be given by the name they had or by the one they have now.
    """
    now = {(kind, old): new for kind, _, old, new in renames if kind in ("type", "predicate")}
    fields: dict[int, dict[str, str]] = defaultdict(dict)
    attributes: dict[int, dict[str, str]] = defaultdict(dict)
    for kind, given, old, new in renames:
        if kind == "field":
            owner = now.get(("type", given), given)
            for name in vocabulary.subtypes(owner) if owner in vocabulary.types else ():
                fields[names.types.number[name]][old] = new
        elif kind == "attribute":
            owner = now.get(("predicate", given), given)
            if owner in names.predicates.number:
                attributes[names.predicates.number[owner]][old] = new
    link.many(
        "UPDATE predicates SET renamed_in = (SELECT max(version) FROM vocabulary) WHERE number = ?",
        [(number,) for number in attributes],
    )
    for past in ("", "_past"):
        for number, keys in fields.items():
            rows = link.rows(f"SELECT fields, rowid FROM entities{past} WHERE type = ?", (number,))
            link.many(f"UPDATE entities{past} SET fields = ? WHERE rowid = ?", _renamed(rows, keys))
        for number, keys in attributes.items():
            rows = link.rows(f"SELECT attributes, rowid FROM relations{past} WHERE predicate = ?", (number,))
            link.many(f"UPDATE relations{past} SET attributes = ? WHERE rowid = ?", _renamed(rows, keys))


def _renamed(rows: Rows, keys: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    for text, rowid in rows:
        held = loads(text)
        if keys.keys() & held.keys():
            yield dumps({keys.get(name, name): value for name, value in held.items()}), rowid
