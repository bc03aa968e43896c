"""Between names of the vocabulary and labels, relationship types and property names of the database.

What relgraph keeps for itself starts with ``_``; a name of the vocabulary that starts so gets one more.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property, lru_cache

from relgraph.vocabulary.model import ENTITY, Vocabulary

# the database knows no NUL in a name, and its parser reads \u0060 as a backtick even between backticks
_ESCAPES = (("＼", "＼＼"), ("\\", "＼/"), ("\0", "＼0"))


@lru_cache(maxsize=10_000)
def token(name: str) -> str:
    r"""Return a name of the vocabulary as the database keeps it: itself, but for what it cannot hold.

    >>> token("Company"), token("_x"), token("a\\b")
    ('Company', '__x', 'a＼/b')
    """
    for plain, escaped in _ESCAPES:
        name = name.replace(plain, escaped)
    return f"_{name}" if name.startswith("_") else name


@lru_cache(maxsize=10_000)
def untoken(kept: str) -> str | None:
    r"""Return the name behind a property or label, None where it is one of relgraph's own.

    >>> untoken("__x"), untoken("_told"), untoken("a＼/b")
    ('_x', None, 'a\\b')
    """
    if kept.startswith("_"):
        kept = kept[1:]
        if not kept.startswith("_"):
            return None
    if "＼" not in kept:
        return kept
    parts = []
    at = 0
    while at < len(kept):
        if kept[at] == "＼" and at + 1 < len(kept):
            parts.append({"/": "\\", "0": "\0"}.get(kept[at + 1], "＼"))
            at += 2
        else:
            parts.append(kept[at])
            at += 1
    return "".join(parts)


def quoted(kept: str) -> str:
    """Return a label, relationship type or property name as it is written in Cypher.

    >>> quoted("OWNS"), quoted("a`b")
    ('`OWNS`', '`a``b`')
    """
    return f"`{kept.replace('`', '``')}`"


def label(type_name: str) -> str:
    """Return the label of an entity type."""
    return token(type_name)


@lru_cache(maxsize=10_000)
def relationship_type(predicate: str) -> str:
    """Return the relationship type of a predicate: its name in upper case, where that still tells it apart.

    >>> relationship_type("account_manager"), relationship_type("ılı")
    ('ACCOUNT_MANAGER', 'ılı')
    """
    upper = predicate.upper()
    # names differ when case is ignored; upper case alone would unite a few letters that folding keeps apart
    return token(upper if upper.casefold() == predicate.casefold() else predicate)


def labels_of(vocabulary: Vocabulary, type_name: str) -> list[str]:
    """Return every label that an entity of a type has."""
    return [ENTITY, *(label(one) for one in vocabulary.ancestors(type_name))]


class Names:
    """The names of one vocabulary, as the database has them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._types: dict[frozenset[str], str | None] = {}

    @cached_property
    def predicates(self) -> dict[str, str]:
        """Predicates by relationship type."""
        return {relationship_type(name): name for name in self.vocabulary.predicates}

    @cached_property
    def _by_label(self) -> dict[str, str]:
        return {label(name): name for name in self.vocabulary.types}

    def type_of(self, labels: list[str]) -> str | None:
        """Return the type that a node's labels say: the one whose ancestors are the others; None where none is."""
        key = frozenset(labels)
        if key not in self._types:
            named = [self._by_label[one] for one in labels if one in self._by_label]
            # a node that was labeled by hand may lack ancestors, or be of two types: the deepest one is taken
            named.sort(key=lambda name: (-len(self.vocabulary.ancestors(name)), name))
            self._types[key] = named[0] if named else None
        return self._types[key]

    def exactly(self, types: Collection[str]) -> str | None:
        """Return a label expression for entities of these types and of no other; None where no type is known.

        A type's subtypes carry its label too, so those that are not asked for are left out by name.
        """
        vocabulary = self.vocabulary
        whole = [
            name
            for name in vocabulary.types
            if name in types and all(below in types for below in vocabulary.subtypes(name))
        ]
        parts = []
        for name in vocabulary.types:
            if name not in types or any(one in whole for one in vocabulary.ancestors(name)[1:]):
                continue
            others = [one for one in vocabulary.subtypes(name) if one not in types]
            excluded = "".join(f"&!{quoted(label(one))}" for one in others)
            parts.append(f"({quoted(label(name))}{excluded})" if others else quoted(label(name)))
        return "|".join(parts) or None
