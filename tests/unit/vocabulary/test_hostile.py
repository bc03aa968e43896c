"""Whatever shape a vocabulary has, it is read or refused; nothing crashes, and what is read can be used."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relgraph.errors import VocabularyError
from relgraph.vocabulary import keys
from relgraph.vocabulary.check import check_vocabulary, warnings
from relgraph.vocabulary.ends import reading_ends
from relgraph.vocabulary.load import vocabulary_from_dict, vocabulary_from_text
from relgraph.vocabulary.model import Derived, Predicate, Vocabulary
from relgraph.vocabulary.plan import make_plan

NAMES = st.sampled_from(["A", "B", "C", "a", "p", "q", "r", "name", "share", "Entity", "id", "", " x", "a.b", "é"])
SCALARS = (
    NAMES
    | st.sampled_from(["true", "warn", "none", "pair", "100%", "1 EUR", "integer", "choice", "2024", "[", "(a+)+"])
    | st.booleans()
    | st.integers(-3, 3)
    | st.none()
    | st.floats()
    | st.text(max_size=3)
)
LISTS = st.lists(NAMES, max_size=3)
ANYTHING = st.recursive(
    SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=3), max_leaves=4
)


def section(known: Any, **likely: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    values = {key: likely[key] | ANYTHING if key in likely else LISTS | NAMES | ANYTHING for key in known}
    return st.fixed_dictionaries({}, optional=values)


KINDS = st.sampled_from(keys.KINDS)
FIELDS = st.dictionaries(NAMES, KINDS | section(keys.FIELD, type=KINDS), max_size=3)
SUMS = section(keys.SUM, attribute=NAMES, per=st.sampled_from(["subject", "object"]), max=st.sampled_from(["100%", 5]))
TYPES = section(keys.TYPE, fields=FIELDS, extends=LISTS, abstract=st.booleans(), label=NAMES)
PREDICATES = section(
    keys.PREDICATE,
    inverse=NAMES,
    symmetric=st.booleans(),
    attributes=FIELDS,
    sum=SUMS | st.lists(SUMS, max_size=2),
    subject=LISTS,
    object=LISTS,
    between=st.lists(st.tuples(NAMES, NAMES), max_size=2),
    implies=LISTS,
    roles=st.dictionaries(st.sampled_from(list(keys.ROLES)), NAMES, max_size=2),
)
DERIVED = section(keys.DERIVED, inverse=NAMES, over=NAMES, path=LISTS, measure=st.sampled_from(list(keys.MEASURES)))
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "types": st.dictionaries(NAMES, TYPES, max_size=3),
        "tags": st.dictionaries(NAMES, section(keys.TAG, types=LISTS), max_size=2),
        "predicates": st.dictionaries(NAMES, PREDICATES, max_size=3),
        "derived": st.dictionaries(NAMES, DERIVED, max_size=3),
        "vocabulary": NAMES,
        "include": st.sampled_from([[], ["ownership"], ["nothing"]]),
    },
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(DOCUMENTS)
def test_any_shape_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        vocabulary = vocabulary_from_dict(document)
    except VocabularyError as error:
        assert error.to_dict()["message"]  # noqa: PT017  (either way is right)
        return
    assert vocabulary_from_text(vocabulary.to_yaml()) == vocabulary
    assert isinstance(warnings(vocabulary), list)
    assert str(make_plan(Vocabulary(), vocabulary))


@pytest.mark.parametrize("text", ["- a", "just words", "types: [A]", "predicates: {p: [q]}", "types: {A: {fields: 5}}"])
def test_documents_of_another_shape(text: str) -> None:
    with pytest.raises(VocabularyError, match=r"must be (keys|names) with"):
        vocabulary_from_text(text)


def test_paths_that_double_without_end_are_refused() -> None:
    base = Predicate("p0", "q0")
    paths = [Derived(f"p{n}", f"q{n}", path=(f"p{n - 1}",) * 2) for n in range(1, 200)]
    found = check_vocabulary(Vocabulary(predicates={"p0": base}, derived={one.name: one for one in paths}))
    assert [one.details["where"] for one in found[:1]] == ["derived.p6.path"]
    assert "64 steps" in str(found[0])


def test_paths_in_a_circle_have_ends_of_any_type() -> None:
    ring = {"a": Derived("a", "x", path=("b", "b")), "b": Derived("b", "y", path=("a", "a"))}
    assert reading_ends(Vocabulary(derived=ring), "a") == (None, None)
