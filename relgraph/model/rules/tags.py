"""Which tags an entity must carry, or must not, to stand at an end of a predicate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from relgraph.model.columns import Columns
from relgraph.model.rules.breach import LISTED, NOTHING, Breach, End, Found, Mask, together
from relgraph.vocabulary.model import Level, Predicate, TagRule, Vocabulary

Words = NDArray[np.uint64]
"""One row an entity, one column per 64 tag names: bit *i* of word *w* is tag ``64 * w + i``."""


def mask_of(names: Sequence[str], tag_names: Sequence[str]) -> Words:
    """Return the words in which exactly these tags are set; those that no entity can carry are left out.

    >>> mask_of(["b"], ["a", "b"]).tolist()
    [2]
    """
    words = [0] * ((len(tag_names) + 63) // 64)
    place = {name: index for index, name in enumerate(tag_names)}
    for name in names:
        index = place.get(name)
        if index is not None:
            words[index // 64] |= 1 << (index % 64)
    return np.array(words, np.uint64)


def offending(rule: TagRule | None, tags: Words, tag_names: Sequence[str]) -> Words:
    """Return, as words, the tags that each entity lacks or should not have; all zero where it fits."""
    if rule is None:
        return np.zeros_like(tags)
    needed, forbidden = mask_of(rule.all, tag_names), mask_of(rule.none, tag_names)
    return (needed & ~tags) | (forbidden & tags)


def breaches(
    vocabulary: Vocabulary,
    relations: Columns,
    tag_names: Sequence[str],
    *,
    subject: Words,
    object: Words,  # noqa: A002 - the two ends have one name everywhere
    was: tuple[Words, Words] | None = None,
    today: int | None = None,
    only: str | None = None,
    levels: Sequence[Level] = ("error",),
    limit: int = LISTED,
) -> Found:
    """Return which ends lack a tag that their predicate, or one that it implies, requires, or carry one it forbids.

    ``subject`` and ``object`` are aligned with the relations; ``tag_names`` has every tag of the vocabulary. ``was``
    gives the tags before, where it is they that change: only a tag newly lacking or newly forbidden counts.
    ``today`` leaves out relations that end by then, ``only`` the rules of every predicate but one. A symmetric
    predicate fits if it does either way round.
    """
    parts = []
    for code, name in enumerate(relations.predicates):
        for broad in vocabulary.broader(name):
            rule = vocabulary.predicates[broad]
            if (rule.subject_tags is None and rule.object_tags is None) or only not in {None, broad}:
                continue
            rows = relations.predicate == code
            if today is not None:
                rows &= relations.until > today
            turned = _turned(rule, (subject, object), was, tag_names) if rule.symmetric else None
            for end in ("subject", "object"):
                tag_rule = rule.subject_tags if end == "subject" else rule.object_tags
                if tag_rule is None or tag_rule.level not in levels:
                    continue
                offends = offending(tag_rule, subject if end == "subject" else object, tag_names)
                new = offends
                if was is not None:
                    new = offends & ~offending(tag_rule, was[0 if end == "subject" else 1], tag_names)
                wrong = rows & new.any(axis=1)
                if turned is not None:
                    wrong &= ~turned
                if wrong.any():
                    parts.append(
                        _described(
                            rule,
                            tag_rule,
                            end=end,
                            relations=relations,
                            wrong=wrong,
                            offends=offends,
                            tag_names=tag_names,
                            limit=limit,
                        )
                    )
    return together(parts) if parts else NOTHING


def _turned(
    rule: Predicate, ends: tuple[Words, Words], was: tuple[Words, Words] | None, tag_names: Sequence[str]
) -> Mask:
    """Return which relations of a symmetric predicate fit the other way round, or did not fit at all before."""

    def fits(one: Words, other: Words) -> Mask:
        left, right = offending(rule.subject_tags, one, tag_names), offending(rule.object_tags, other, tag_names)
        return np.logical_not(np.concatenate((left, right), axis=1).any(axis=1))

    turned: Mask = fits(ends[1], ends[0])
    return turned if was is None else turned | ~(fits(*was) | fits(was[1], was[0]))


def _described(
    rule: Predicate,
    tag_rule: TagRule,
    *,
    end: End,
    relations: Columns,
    wrong: Mask,
    offends: Words,
    tag_names: Sequence[str],
    limit: int,
) -> Found:
    places = np.flatnonzero(wrong)
    places = places[np.argsort(relations.number[places], kind="stable")]
    entities = relations.subject if end == "subject" else relations.object
    listed = []
    for place in places[:limit].tolist():
        words = offends[place].tolist()
        names = [name for index, name in enumerate(tag_names) if words[index // 64] >> (index % 64) & 1]
        listed.append(
            Breach(
                "tags",
                rule.name,
                tag_rule.level,
                int(entities[place]),
                end,
                (int(relations.number[place]),),
                measured=tuple(names),
                allowed=(tag_rule.all, tag_rule.none),
                details={
                    "relation": relations.predicates[int(relations.predicate[place])],
                    "lacking": [name for name in names if name in tag_rule.all],
                    "forbidden": [name for name in names if name in tag_rule.none],
                },
            )
        )
    return Found(tuple(listed), len(places))
