from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ACME  Inc.", "acme inc."),
        ("\tSociété\u00a0Générale\n", "societe generale"),
        ("Straße", "strasse"),
        ("Ærø, Łódź, Đakovo, Þór", "aero, lodz, dakovo, thor"),
        ("İstanbul Işık", "istanbul isik"),
        ("O’Neill", "o'neill"),
        ("O`Neill", "o'neill"),
        ("“A”–B", '"a"-b'),
        ("ＡＢＣ ﬁ ½", "abc fi 1⁄2"),
        ("ガス", "ガス"),
        ("한국", "한국"),
        ("Й ё", "и е"),
        ("العَرَبِيَّة", "العربية"),
        ("हिन्दी", "हिन्दी"),
        ("", ""),
        ("a\0b", "a\0b"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_case_and_surrounding_space_do_not_matter(text: str) -> None:
    assert fold(f"  {text}\n") == fold(text)
    assert fold(text.casefold()) == fold(text)
