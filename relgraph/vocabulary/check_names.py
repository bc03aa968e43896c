"""Names: which are possible, which are taken, and which two things may not share one."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator

from relgraph.errors import VocabularyError
from relgraph.vocabulary.document import Mark, problem
from relgraph.vocabulary.ends import reading_ends
from relgraph.vocabulary.model import ENTITY, Vocabulary
from relgraph.vocabulary.near import near

Path = tuple[str, ...]

LONGEST_NAME = 200
_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def fault(path: Path, message: str, *, candidates: Collection[str] = (), hint: str | None = None) -> VocabularyError:
    """Return an error at a place of a vocabulary, whose line the reader of a document adds."""
    return problem(message, Mark(), path, candidates=candidates, hint=hint)


def unknown(path: Path, kind: str, name: str, known: Collection[str]) -> VocabularyError:
    """Return the error for a name that refers to nothing."""
    return fault(path, f"there is no {kind} '{name}'", candidates=near(name, known))


def name_problem(name: str) -> str | None:
    """Return what keeps a text from being a name, or None.

    >>> name_problem("Société mère"), name_problem("a`b")
    (None, 'a name cannot have a backtick')
    """
    if not name or name != name.strip():
        return "a name cannot be empty, or begin or end with a space"
    if len(name) > LONGEST_NAME:
        return f"a name of {len(name):,} characters is longer than {LONGEST_NAME}"
    if "`" in name:
        return "a name cannot have a backtick"
    for mark in name:
        kind = unicodedata.category(mark)
        if kind in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(mark) in _TURNING:
            return f"a name cannot have the invisible character U+{ord(mark):04X}"
    if not unicodedata.is_normalized("NFC", name):
        return "a name must be in Unicode's composed form (NFC)"
    return None


def name_faults(vocabulary: Vocabulary) -> Iterator[VocabularyError]:
    """Yield names that are not possible, that are reserved, and that two things share, ignoring case."""
    seen: dict[str, tuple[str, str]] = {}
    for kind, path, name in _named(vocabulary):
        text = name_problem(name)
        folded = name.casefold()
        if text:
            yield fault(path, text)
        elif folded == ENTITY.casefold():
            yield fault(path, f"'{name}' is taken: {ENTITY} is the type that every entity has")
        elif folded in seen:
            other, spelled = seen[folded]
            same = "" if spelled == name else ", for upper and lower case are the same"
            yield fault(path, f"the {kind} '{name}' has the name of the {other} '{spelled}'{same}")
        else:
            seen[folded] = (kind, name)


def _named(vocabulary: Vocabulary) -> Iterator[tuple[str, Path, str]]:
    yield from (("type", ("types", name), name) for name in vocabulary.types)
    yield from (("tag", ("tags", name), name) for name in vocabulary.tags)
    for section, table in (("predicates", vocabulary.predicates), ("derived", vocabulary.derived)):
        for one in table.values():
            yield "predicate", (section, one.name), one.name
            if one.inverse != one.name:
                yield "inverse", (section, one.name, "inverse"), one.inverse


def field_reading_faults(vocabulary: Vocabulary) -> Iterator[VocabularyError]:
    """Yield fields that have the name of a predicate that starts at their type: a question could mean either."""
    readings = {one.name for one in vocabulary.predicates.values()} | set(vocabulary.readings)
    for one in vocabulary.derived.values():
        readings |= {one.name, one.inverse}
    for type_name, declared in vocabulary.types.items():
        for field in declared.fields:
            if field.name not in readings:
                continue
            start, _ = reading_ends(vocabulary, field.name)
            if start is None or not start.isdisjoint(vocabulary.subtypes(type_name)):
                yield fault(
                    ("types", type_name, "fields", field.name),
                    f"the field '{field.name}' has the name of a predicate that starts at {type_name}",
                    hint="rename one of the two, for a question could mean either",
                )
