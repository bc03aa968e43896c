"""What a vocabulary must hold before anything is told in it: names, references, and rules that can be kept together."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from relgraph.errors import VocabularyError
from relgraph.vocabulary.check_derived import derived_faults
from relgraph.vocabulary.check_names import Path, fault, field_reading_faults, name_faults
from relgraph.vocabulary.check_predicates import predicate_faults
from relgraph.vocabulary.check_types import chain_faults, tag_faults, type_faults
from relgraph.vocabulary.ends import meet, reading_ends
from relgraph.vocabulary.inverse import reads_as_noun
from relgraph.vocabulary.model import Derived, Vocabulary


def check_vocabulary(vocabulary: Vocabulary) -> list[VocabularyError]:
    """Return everything that keeps a vocabulary from being used; empty when it holds.

    >>> from relgraph.vocabulary.model import Predicate, Vocabulary
    >>> loop = Predicate("owns", "owned_by", acyclic="error", irreflexive=None)
    >>> [error.details["where"] for error in check_vocabulary(Vocabulary(predicates={"owns": loop}))]
    ['predicates.owns.acyclic']
    """
    chains = list(chain_faults(vocabulary))
    broken = {(error.details["path"][0], error.details["path"][1]) for error in chains}
    sound = _without(vocabulary, broken)
    orphans = {name for name in sound.types if any(("types", one) in broken for one in sound.ancestors(name))}
    return [
        *name_faults(vocabulary),
        *chains,
        *type_faults(sound, orphans=orphans),
        *tag_faults(sound),
        *predicate_faults(sound),
        *derived_faults(sound),
        *_shared_names(sound),
    ]


def _shared_names(vocabulary: Vocabulary) -> Iterator[VocabularyError]:
    """Yield fields named like predicates, unless a derived one is too broken to ask where it starts."""
    if not any(True for _ in derived_faults(vocabulary)):
        yield from field_reading_faults(vocabulary)


def _without(vocabulary: Vocabulary, broken: Collection[tuple[str, str]]) -> Vocabulary:
    """Return the vocabulary without the chains in which something is wrong, so that the rest can be looked at."""
    if not broken:
        return vocabulary
    types = {
        name: replace(one, extends=()) if ("types", name) in broken else one for name, one in vocabulary.types.items()
    }
    predicates = {
        name: replace(one, implies=()) if ("predicates", name) in broken else one
        for name, one in vocabulary.predicates.items()
    }
    return replace(vocabulary, types=types, predicates=predicates)


def warnings(vocabulary: Vocabulary) -> list[VocabularyError]:
    """Return what a sound vocabulary allows and may still regret, such as a noun as the name of a predicate.

    >>> from relgraph.vocabulary.model import Predicate, Vocabulary
    >>> found = warnings(Vocabulary(predicates={"p": Predicate("manages_account", "account_manager")}))
    >>> found[0].candidates
    ('account_managed_by',)
    """
    return [*_nouns(vocabulary), *_single_steps(vocabulary)]


def _nouns(vocabulary: Vocabulary) -> Iterator[VocabularyError]:
    readings: list[tuple[Path, str]] = []
    for section, table in (("predicates", vocabulary.predicates), ("derived", vocabulary.derived)):
        for one in table.values():
            if isinstance(one, Derived) and len(one.path) == 1:
                # another name of a reading that reads well: "with no account_manager"
                continue
            readings.append(((section, one.name), one.name))
            if one.inverse != one.name:
                readings.append(((section, one.name, "inverse"), one.inverse))
    for path, name in readings:
        if reads_as_noun(name):
            hint = "name it so that it reads between a subject and an object"
            yield fault(
                path, f"'{name}' is a noun, but a predicate reads \"X {name} Y\"", candidates=_verbs(name), hint=hint
            )


def _single_steps(vocabulary: Vocabulary) -> Iterator[VocabularyError]:
    for one in vocabulary.derived.values():
        if one.over is not None and one.measure is None and not meet(*reading_ends(vocabulary, one.over)):
            message = f"'{one.over}' never takes a second step, for no type may stand at both its ends"
            yield fault(("derived", one.name, "over"), message, hint="a path follows several predicates")


def _verbs(noun: str) -> list[str]:
    if noun.endswith("ager"):
        return [f"{noun[:-1]}d_by"]
    if noun.endswith("er") and len(noun) > 5:
        return [f"{noun[:-2]}ed_by"]
    return [f"has_{noun}", f"{noun}_of"]
