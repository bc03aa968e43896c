"""YAML as a tree: texts stay texts, lines are known, hostile documents are refused."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.errors import RelgraphError, VocabularyError
from relgraph.vocabulary.document import MAX_CHARACTERS, MAX_DEPTH, Item, from_plain, read_yaml
from relgraph.vocabulary.load import vocabulary_from_text


def below(item: Item, *path: str) -> Item:
    for key in path:
        assert item.mapping is not None
        item = item.mapping[key]
    return item


@pytest.mark.parametrize(
    "word", ["no", "NO", "yes", "010", "12:30", "1_000", "1e3", "0x1F", "2024-01-01", "on", ".nan"]
)
def test_words_that_yaml_would_turn_into_something_else_stay_as_written(word: str) -> None:
    found = below(read_yaml(f"key: {word}"), "key")
    assert (found.value, found.plain) == (word, True)


def test_quoted_words_are_not_plain() -> None:
    assert not below(read_yaml("key: 'true'"), "key").plain
    assert not below(read_yaml("key: |\n  true"), "key").plain


def test_each_value_knows_the_line_of_its_key() -> None:
    tree = read_yaml("types:\n\n  Company:\n    fields:\n      name: text\n", "my.yaml")
    mark = below(tree, "types", "Company", "fields").mark
    assert (mark.file, mark.line) == ("my.yaml", 4)
    assert str(below(tree, "types", "Company").mark) == "my.yaml, line 3"


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        ("a: 1\na: 2", "'a' is here twice, first on line 1", 2),
        ("a: !!python/object:os.system x", "tag tag:yaml.org,2002:python/object:os.system", 1),
        ("a: !custom {b: 1}", "tag !custom", 1),
        ("a: &x [*x]", "stands inside what it names", 1),
        ("a: &x {b: {c: *x}}", "stands inside what it names", 1),
        ("a: *nowhere", "names nothing", 1),
        ("a: 1\n---\nb: 2", "a second document", 2),
        ("? [a, b]\n: 1", "a key must be a word", 1),
        ("a: [1\nb: 2", "this is no YAML", 2),
        ("a:\n\t- b", "this is no YAML", 2),
    ],
)
def test_documents_that_are_refused(text: str, says: str, line: int) -> None:
    with pytest.raises(VocabularyError, match=r"(?s).*") as caught:
        read_yaml(text)
    assert says in str(caught.value)
    assert caught.value.details["line"] == line


def test_deep_nesting_is_refused_without_recursion() -> None:
    for text in ("[" * 100_000, "{a: " * 100_000, "- " * 50_000 + "x"):
        with pytest.raises(VocabularyError):
            read_yaml(text)
    assert read_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH).sequence is not None
    with pytest.raises(VocabularyError, match="levels deep"):
        read_yaml("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))


def test_repetition_by_aliases_is_counted() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(VocabularyError, match="aliases counted"):
        read_yaml("\n".join(lines))


def test_a_document_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(VocabularyError, match="characters are more than"):
        read_yaml(" " * (MAX_CHARACTERS + 1))


@pytest.mark.parametrize("text", ["a: \x00", "\ud800: x", "a: \x07"])
def test_characters_that_yaml_does_not_have(text: str) -> None:
    with pytest.raises(VocabularyError, match="no YAML"):
        read_yaml(text)


def test_anchors_may_repeat_a_part() -> None:
    tree = read_yaml("a: &part {x: 1}\nb: *part")
    assert below(tree, "b", "x").value == "1"
    assert below(tree, "b").mark.line == 2


def test_names_are_in_composed_form() -> None:
    tree = read_yaml("Socie\u0301te\u0301: 1")
    assert tree.mapping is not None
    assert list(tree.mapping) == ["Soci\u00e9t\u00e9"]


def test_values_of_python_become_a_tree() -> None:
    tree = from_plain({"a": [1, True, None, "x", 0.1, Decimal("2.50")]})
    assert tree.plain_value() == {"a": [1, True, None, "x", Decimal("0.1"), Decimal("2.50")]}
    with pytest.raises(VocabularyError, match="a key must be text"):
        from_plain({1: "x"})


def test_values_of_python_that_contain_themselves_are_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(VocabularyError, match="refers to itself"):
        from_plain({"a": loop})


@given(st.text(alphabet=st.sampled_from("abc: -{}[]&*!|>'\"#\n\t,?%@`~é\x00true0"), max_size=60))
def test_any_text_is_a_vocabulary_or_a_clear_error(text: str) -> None:
    try:
        vocabulary_from_text(text)
    except RelgraphError as error:
        assert error.code.startswith("vocabulary")  # noqa: PT017  (either way is right)
