"""The index of words: folded, with prefixes, and with the characters of scripts that write no spaces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from relgraph.engines.sqlite.codec import loads
from relgraph.engines.sqlite.connection import Link
from relgraph.folding import fold
from relgraph.model.records import EntityRow
from relgraph.vocabulary.model import Vocabulary

# Chinese, Japanese, Korean, and the scripts of South-East Asia that run words together
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# the vowel signs of the scripts of India are marks to Python, and part of the word to people
_SIGNS = "\u0900-\u0963\u0966-\u0dff"
_WORD = re.compile(f"[{_UNSPACED}]+|(?:[^\\W_{_UNSPACED}]|[{_SIGNS}])+")
_RUN = re.compile(f"[{_UNSPACED}]+")
_LONGEST = 1_000_000
# bm25 weighs the caption ten times the other words
RANK = "bm25(search, 10.0, 1.0)"


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def words(text: str) -> str:
    """Return a text as the index keeps it: folded words; of a run without spaces its pairs, then its characters.

    The pairs stand in order, so that a longer word is a phrase of them. Words are told apart here and nowhere else:
    the tokenizer of the index splits at spaces only.

    >>> words("Société-東京都")
    'societe 東京 京都 東 京 都'
    """
    found = []
    folded = fold(text[:_LONGEST])
    if folded.isascii() and folded.replace(" ", "").isalnum():
        return folded
    for word in _WORD.findall(folded):
        if not word.isascii() and _RUN.fullmatch(word):
            found += _pairs(word)
            found += word
        else:
            found.append(word)
    return " ".join(found)


def terms(text: str) -> list[str]:
    """Return the words a user looks for, as the index has them: those without spaces between as phrases of pairs."""
    found = []
    for word in _WORD.findall(fold(text)):
        unspaced = len(word) > 1 and _RUN.fullmatch(word)
        found.append(" ".join(_pairs(word)) if unspaced else word)
    return found


def expression(text: str) -> str | None:
    """Return a text of a user as a search that finds all its words, each as the start of one; None if it has none.

    >>> expression('ACME "Ste')
    '"acme"* AND "ste"*'
    >>> expression("東京都")
    '"東京 京都"*'
    >>> expression("- ' *") is None
    True
    """
    return " AND ".join([f'"{term}"*' for term in terms(text)]) or None


def score(row: EntityRow, wanted: Sequence[str], vocabulary: Vocabulary) -> float:
    """Return how well one row answers (0: not at all), for rows that the index no longer has."""
    total = 0.0
    for _, caption, further in entries([row], vocabulary):
        columns = [(10.0, f" {caption}"), (1.0, f" {further}")]
        for term in wanted:
            best = max(weight if f" {term}" in text else 0.0 for weight, text in columns)
            if not best:
                return 0.0
            total += best / (1 + len(columns[0][1]) / 100)
    return total


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def entries(rows: Iterable[EntityRow], vocabulary: Vocabulary) -> Iterator[tuple[int, str, str]]:
    """Yield (number, caption, further words) for the live ones among these rows."""
    searched: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if row.state != "live":
            continue
        names = searched.get(row.type)
        if names is None:
            names = vocabulary.search(row.type) if row.type in vocabulary.types else ()
            searched[row.type] = names
        further = [text for name in names for text in _texts(row.fields.get(name)) if text != row.caption]
        yield row.number, words(row.caption), words(" ".join(further)) if further else ""


def add(link: Link, rows: Iterable[EntityRow], vocabulary: Vocabulary) -> None:
    """Put rows into the index."""
    link.many("INSERT INTO search (rowid, caption, words) VALUES (?, ?, ?)", entries(rows, vocabulary))


def remove(link: Link, numbers: Iterable[int]) -> None:
    """Take entities out of the index."""
    link.many("DELETE FROM search WHERE rowid = ?", [(number,) for number in numbers])


def rebuild(link: Link, vocabulary: Vocabulary, types: Mapping[int, str]) -> None:
    """Fill the index anew, after a vocabulary changed what is searched."""
    link.run("DELETE FROM search")
    rows = link.rows("SELECT number, type, caption, fields FROM entities WHERE state = 'live'")
    add(
        link,
        (
            EntityRow(number, "", types[kind], caption, loads(fields), "live", None, 0)
            for number, kind, caption, fields in rows
        ),
        vocabulary,
    )
