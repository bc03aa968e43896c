from __future__ import annotations

import json
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as some

from relgraph.engines.sqlite.codec import dumps, loads

texts = some.text(some.characters(exclude_categories=["Cs"]))
values = some.recursive(
    texts | some.integers() | some.booleans() | some.none() | some.floats(allow_nan=False, allow_infinity=False),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


@given(some.dictionaries(texts, values, max_size=4))
def test_a_cell_is_the_same_compact_json_however_it_is_put_together(value: dict[str, object]) -> None:
    text = dumps(value)
    assert text == json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert dumps(MappingProxyType(value)) == text
    assert loads(text) == value


def test_texts_and_integers_are_written_without_the_encoder_as_it_would() -> None:
    value = {'a "b"': "c\\d\n\x00\x1f é 東", "n": -(10**30), "t": True}
    assert dumps(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":"))
