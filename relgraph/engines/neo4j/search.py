"""Words: how texts stand in the full-text index, and how a search is put to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relgraph.folding import fold
from relgraph.model.records import EntityRow
from relgraph.vocabulary.model import Vocabulary

# Chinese, Japanese, Korean, and the scripts of South-East Asia that run words together
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_WORD = re.compile(f"[{_UNSPACED}]+|[^\\W_{_UNSPACED}]+")
_RUN = re.compile(f"[{_UNSPACED}]+")
_LONGEST = 1_000_000
"""Characters of a text that are searched."""
_LONGEST_WORD = 255
"""Characters of a word that the index keeps together."""
# a hit in the name weighs as ten elsewhere, and a whole word more than the start of one
_NAME, _WHOLE = 10, 4


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _tokens(text: str) -> Iterator[str]:
    for word in _WORD.findall(fold(text[:_LONGEST])):
        if _RUN.fullmatch(word):
            yield from _pairs(word)
            yield from word
        else:
            yield word


def caption_words(caption: str) -> str:
    """Return a caption as the index keeps it: folded words, and pairs and single signs of scripts without spaces.

    >>> caption_words("Société 東京都")
    'societe 東京 京都 東 京 都'
    """
    return " ".join(_tokens(caption))


def further_words(row: EntityRow, vocabulary: Vocabulary) -> str:
    """Return the words of the searched fields, apart from what the caption says already."""
    names = vocabulary.search(row.type) if row.type in vocabulary.types else ()
    texts = [text for name in names for text in _texts(row.fields.get(name)) if text != row.caption]
    return " ".join(_tokens(" ".join(texts))) if texts else ""


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def expression(text: str) -> str | None:
    """Return what a person typed as a query of the index: every word must be there, each at least as a start.

    None where there is no word in it. Words hold letters and digits only, so nothing can be read as an operator.

    >>> expression("- ' *") is None
    True
    """
    terms = []
    for found in _WORD.findall(fold(text)):
        if _RUN.fullmatch(found):
            parts = _pairs(found) or [found]
            one = f'"{" ".join(parts)}"' if len(parts) > 1 else parts[0]
            starts = [one]
        else:
            word = found[:_LONGEST_WORD]
            starts = [f"{word}^{_WHOLE}", f"{word}*"]
        choices = [
            f"_caption_words:{one}^{_NAME}" if "^" not in one else f"_caption_words:{_raised(one)}" for one in starts
        ]
        choices += [f"_words:{one}" for one in starts]
        terms.append(f"({' OR '.join(choices)})")
    return " AND ".join(terms) or None


def _raised(term: str) -> str:
    word, _, weight = term.partition("^")
    return f"{word}^{int(weight) * _NAME}"


def weight(text: str, row: EntityRow, vocabulary: Vocabulary) -> float:
    """Return how well an entity as it was matches a search, 0 where a word is not in it.

    It stands in for the index where that no longer has the words of then.
    """
    named, beside = _words(caption_words(row.caption)), _words(further_words(row, vocabulary))
    total = 0.0
    for found in _WORD.findall(fold(text)):
        parts = _pairs(found) or [found] if _RUN.fullmatch(found) else [found[:_LONGEST_WORD]]
        best = 0.0
        for words, factor in ((named, _NAME), (beside, 1)):
            if all(part in words for part in parts):
                best = max(best, float(factor * _WHOLE))
            elif any(word.startswith(parts[0]) for word in words) and len(parts) == 1:
                best = max(best, float(factor))
        if not best:
            return 0.0
        total += best
    return total


def _words(kept: str) -> frozenset[str]:
    return frozenset(kept.split())
