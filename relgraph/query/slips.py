"""Which of the things that people write by habit stands in a text, and where."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from relgraph.query.habits import SLIPS
from relgraph.query.problems import Problem, syntax, unknown
from relgraph.query.syntax import Span

if TYPE_CHECKING:
    from relgraph.vocabulary.model import Vocabulary

QUOTED: Final = re.compile(
    r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|`[^`\n]*`|--[^\n]*'
)
WORD: Final = re.compile(r"(?<![\w$@.])[^\W\d]\w*")


def slip_near(
    text: str, span: Span, vocabulary: Vocabulary | None, *, only: frozenset[str] | None = None
) -> Problem | None:
    """Return the first known slip up to that place, or None."""
    masked = masked_text(text)
    known = known_names(vocabulary) if vocabulary is not None else set()
    found = []
    for slip in SLIPS:
        if only is not None and slip.about not in only:
            continue
        for match in slip.pattern.finditer(masked):
            if slip.near and match[0].strip() in known:
                continue
            at = match.span("at" if "at" in slip.pattern.groupindex else 0)
            matched = masked[slice(*at)]
            begin, end = at[0] + len(matched) - len(matched.lstrip()), at[0] + len(matched.rstrip())
            if begin > span[1] or (slip.near and not at[0] <= span[0] <= at[1]):
                continue
            hint = slip.hint if isinstance(slip.hint, str) else slip.hint(match)
            said = " ".join(text[begin:end].split())
            found.append(syntax(slip.about, slip.message.replace("{0}", said), (begin, end), hint=hint))
            if only is None:
                break
    if vocabulary is not None and (unjoined := _unjoined(masked, span, vocabulary)):
        found.append(unjoined)
    if vocabulary is not None and only is None and (bare := _bare_flag(masked, span, vocabulary)):
        found.append(bare)
    if only is not None:
        found = [one for one in found if one.span[0] < span[1] and span[0] < one.span[1]]
    return min(found, key=lambda one: one.span, default=None)


_RESEEN: Final = frozenset(
    {
        "tense",
        "equals",
        "article",
        "date",
        "group",
        "is",
        "like",
        "named",
        "sort",
        "unjoined",
        "before",
        "except",
        "exists",
        "null",
    }
)


def slip_behind(text: str, problems: list[Problem], vocabulary: Vocabulary) -> Problem | None:
    """Return the slip that made names unknown or kinds unlike, where the words themselves could be read."""
    for problem in problems:
        slip = slip_near(text, problem.span, vocabulary, only=_RESEEN)
        if slip is not None:
            return slip
    return None


def masked_text(text: str) -> str:
    """Return the text with what stands in quotes, backticks and comments blotted out, at the same length."""

    def blot(found: re.Match[str]) -> str:
        said = found[0]
        return " " * len(said) if said.startswith("--") else f"{said[0]}{chr(1) * (len(said) - 2)}{said[-1]}"

    return QUOTED.sub(blot, text)


def _unjoined(masked: str, span: Span, vocabulary: Vocabulary) -> Problem | None:
    known = known_names(vocabulary)
    words = list(WORD.finditer(masked))
    for one, other in pairwise(words):
        joined = f"{one[0]}_{other[0]}"
        between = masked[one.end() : other.start()]
        if one.start() <= span[1] and between.isspace() and joined in known and one[0] not in known:
            hint = f"the words of one name are joined: {joined}"
            place = (one.start(), other.end())
            return unknown("unjoined", f"'{one[0]} {other[0]}' is one name", place, hint=hint, candidates=(joined,))
    return None


_BARE: Final = re.compile(r"(?:\b(?:where|and|or|not|but)|\()\s*([^\W\d]\w*)\s*\Z", re.IGNORECASE)


def _bare_flag(masked: str, span: Span, vocabulary: Vocabulary) -> Problem | None:
    """Return the field of truth that stands alone where a comparison is wanted, right before the place."""
    found = _BARE.search(masked, 0, span[0])
    if found is None or found[1] in vocabulary.names():
        return None
    truths = {field.name for one in vocabulary.types.values() for field in one.fields if field.kind == "boolean"}
    if found[1] not in truths:
        return None
    hint = f"write {found[1]} = true; alone it stands in brackets, as in Company[{found[1]}]"
    return syntax("truth", f"'{found[1]}' is compared with nothing", found.span(1), hint=hint)


def known_names(vocabulary: Vocabulary) -> set[str]:
    """Return every name that a question may use without introducing it."""
    fields = {field.name for one in vocabulary.types.values() for field in one.fields}
    attributes = {field.name for one in vocabulary.predicates.values() for field in one.attributes}
    built_in = {"id", "name", "type", "degree", "since", "until", "source", "confidence", "recorded_at", "recorded_by"}
    return {*vocabulary.names(), *fields, *attributes, *built_in, "predicate", "subject", "object"}
