"""Names for the other end are suggested as English would have them."""

import pytest

from relgraph.vocabulary.check import warnings
from relgraph.vocabulary.inverse import reads_as_noun, suggested_inverse
from relgraph.vocabulary.load import load_vocabulary


@pytest.mark.parametrize(
    ("name", "inverse"),
    [
        ("owns", "owned_by"),
        ("supplies", "supplied_by"),
        ("manages", "managed_by"),
        ("finances", "financed_by"),
        ("teaches", "taught_by"),
        ("watches", "watched_by"),
        ("knows", "known_by"),
        ("makes", "made_by"),
        ("head_of", "has_head"),
        ("has_head", "head_of"),
        ("employed_by", "employs"),
        ("supplied_by", "supplies"),
        ("managed_by", "manages"),
        ("made_by", "makes"),
        ("located_in", "location_of"),
        ("possède", "inverse_of_possède"),
    ],
)
def test_suggestions(name: str, inverse: str) -> None:
    assert suggested_inverse(name) == inverse


@pytest.mark.parametrize("name", ["owns", "a", "of", "_", "has_", "_of", "ies", "s", "ed_by", "会社", "x y", "é" * 300])
def test_a_suggestion_is_always_another_name(name: str) -> None:
    assert suggested_inverse(name) not in ("", name)


def test_the_names_of_the_packs_are_no_nouns_and_some_nouns_are() -> None:
    assert not warnings(load_vocabulary("crm"))
    assert all(reads_as_noun(one) for one in ("partner", "supplier", "employee", "contact", "subsidiary", "owner"))
