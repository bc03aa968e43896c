"""Words: how texts stand in the full-text index, and how a search is put to it."""

from __future__ import annotations

from collections.abc import Iterator

from relgraph.engines.sqlite.search import terms, words
from relgraph.model.records import EntityRow
from relgraph.vocabulary.model import Vocabulary

_LONGEST_WORD = 255
"""Characters of a word that the index keeps together."""
# a hit in the name weighs as ten elsewhere, and a whole word more than the start of one
_NAME, _WHOLE = 10, 4


def caption_words(caption: str) -> str:
    """Return a caption as the index keeps it: folded words, and pairs and single signs of scripts without spaces.

    The words are those of the embedded store, so that both find the same.

    >>> caption_words("Société 東京都")
    'societe 東京 京都 東 京 都'
    """
    return words(caption)


def further_words(row: EntityRow, vocabulary: Vocabulary) -> str:
    """Return the words of the searched fields, apart from what the caption says already."""
    names = vocabulary.search(row.type) if row.type in vocabulary.types else ()
    texts = [text for name in names for text in _texts(row.fields.get(name)) if text != row.caption]
    return words(" ".join(texts)) if texts else ""


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
    wanted = []
    for found in terms(text):
        if " " in found:
            starts = [f'"{found}"']
        else:
            word = found[:_LONGEST_WORD]
            starts = [f"{word}^{_WHOLE}", f"{word}*"]
        choices = [
            f"_caption_words:{one}^{_NAME}" if "^" not in one else f"_caption_words:{_raised(one)}" for one in starts
        ]
        choices += [f"_words:{one}" for one in starts]
        wanted.append(f"({' OR '.join(choices)})")
    return " AND ".join(wanted) or None


def _raised(term: str) -> str:
    word, _, weight = term.partition("^")
    return f"{word}^{int(weight) * _NAME}"


def weight(text: str, row: EntityRow, vocabulary: Vocabulary) -> float:
    """Return how well an entity as it was matches a search, 0 where a word is not in it.

    It stands in for the index where that no longer has the words of then.
    """
    named, beside = f" {caption_words(row.caption)} ", f" {further_words(row, vocabulary)} "
    total = 0.0
    for found in terms(text):
        wanted = found if " " in found else found[:_LONGEST_WORD]
        best = 0.0
        for kept, factor in ((named, _NAME), (beside, 1)):
            if f" {wanted} " in kept:
                best = max(best, float(factor * _WHOLE))
            elif f" {wanted}" in kept and " " not in found:
                best = max(best, float(factor))
        if not best:
            return 0.0
        total += best
    return total
