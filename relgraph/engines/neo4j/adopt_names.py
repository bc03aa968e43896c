"""Names for what a database holds that relgraph did not make, and which of its labels are types, parents and tags."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from relgraph.vocabulary.check_names import LONGEST_NAME, name_problem
from relgraph.vocabulary.model import ENTITY

UNLABELED = "Node"
"""The type of nodes without a label."""


def possible(kept: str) -> str:
    """Return a label or property name as a name of a vocabulary: itself, but for what a name cannot have.

    >>> possible("Odd Label"), possible("a`b"), possible(" x ")
    ('Odd Label', 'a’b', 'x')
    """
    if name_problem(kept) is None:
        return kept
    text = unicodedata.normalize("NFC", kept).replace("`", "’")
    text = "".join(mark for mark in text if name_problem(f"x{mark}x") is None or mark.isspace())
    text = re.sub(r"\s+", " ", text).strip()[:LONGEST_NAME].strip()
    return text if text and name_problem(text) is None else "unnamed"


def predicate_name(kind: str) -> str:
    """Return a relationship type as the name of a predicate: lower case, words joined by low lines.

    >>> predicate_name("ACTED_IN"), predicate_name("worksFor"), predicate_name("is part of")
    ('acted_in', 'works_for', 'is_part_of')
    """
    text = possible(kind)
    if not text.isupper():
        text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"[\s\-]+", "_", text).lower()


class Taken:
    """Names that are given out, so that no two things get one, whatever their case."""

    def __init__(self, names: Iterable[str] = (ENTITY,)) -> None:
        self._taken = {name.casefold() for name in names}

    def free(self, *wanted: str) -> str:
        """Return the first name that is free, or the last with a number behind it, and take it; cut where too long."""
        number = 2
        found = next((cut for one in wanted if (cut := one[:LONGEST_NAME]).casefold() not in self._taken), "")
        while not found:
            behind = f"_{number}"
            tried = f"{wanted[-1][: LONGEST_NAME - len(behind)]}{behind}"
            found = "" if tried.casefold() in self._taken else tried
            number += 1
        self._taken.add(found.casefold())
        return found


@dataclass(frozen=True, slots=True)
class Labels:
    """What the labels of a database are.

    ``parents`` gives for each label that is a type the labels that all its nodes have too, nearest only; ``tags`` are
    those that only mark nodes of several types; ``joined`` are combinations of types that are in no order.
    """

    parents: Mapping[str, tuple[str, ...]]
    tags: tuple[str, ...]
    joined: tuple[tuple[str, ...], ...]

    def ancestors(self, label: str) -> frozenset[str]:
        """Return all labels above one."""
        above: set[str] = set()
        for parent in self.parents[label]:
            above |= {parent, *self.ancestors(parent)}
        return frozenset(above)

    def most_specific(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Return those labels of a node that no other one of it implies, sorted; tags and unknown ones left out."""
        types = [one for one in labels if one in self.parents]
        covered = {above for one in types for above in self.ancestors(one)}
        return tuple(sorted(one for one in types if one not in covered))


def sorted_out(combinations: Sequence[frozenset[str]]) -> Labels:
    """Return what labels are, from every combination that nodes have.

    A label whose nodes all have another one too is a subtype of that. One that never stands alone, goes along with
    several others and has nothing below it marks nodes, and is a tag.

    >>> found = sorted_out([frozenset(one) for one in ({"Person"}, {"Person", "Actor"}, {"Film"}, {"Film", "Old"},
    ...     {"Person", "Old"})])
    >>> found.parents, found.tags
    ({'Actor': ('Person',), 'Film': (), 'Person': ()}, ('Old',))
    """
    labels = sorted({one for combination in combinations for one in combination})
    always = {
        label: frozenset.intersection(*[one for one in combinations if label in one]) - {label} for label in labels
    }
    above = {
        # of two labels that always go together the longer name is the subtype
        label: {one for one in always[label] if label not in always[one] or (len(one), one) < (len(label), label)}
        for label in labels
    }
    below = {one for label in labels for one in above[label]}
    tags = [
        label for label in labels if frozenset({label}) not in combinations and not above[label] and label not in below
    ]
    # marks need something to stand on: of labels that only ever meet each other, none is one
    tags = [label for label in tags if all(one - set(tags) for one in combinations if label in one)]
    parents = {
        label: tuple(sorted(one for one in above[label] if not any(one in above[near] for near in above[label])))
        for label in labels
        if label not in tags
    }
    found = Labels(parents, tuple(tags), ())
    joined = {found.most_specific(one) for one in combinations}
    return Labels(parents, tuple(tags), tuple(sorted(one for one in joined if len(one) > 1)))
