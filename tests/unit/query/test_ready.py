"""Names become ids and parameters values before a question runs; and what a question leaves out is said."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from relgraph.errors import QueryNameError, QueryTypeError
from relgraph.query import ir
from relgraph.query.bind import bind
from relgraph.query.ready import check_parameters, resolve
from relgraph.query.sentence import notes, sentence
from relgraph.values import Money, PartialDate, Percent
from relgraph.vocabulary.model import Vocabulary


def test_names_are_replaced_everywhere(commerce: Vocabulary) -> None:
    bound = bind(
        'find Company as c owned_by "X" and not controls "X" and optionally supplies "Y" where c != "Z"', commerce
    )
    assert [one.text for one in bound.names] == ["X", "X", "Y", "Z"]
    found = {one: f"id-{one.text}" for one in bound.names}
    ready = resolve(bound, found)
    assert ready.names == ()
    assert "Named(" not in repr(ready.query)
    assert repr(ready.query).count("EntityId(id='id-X')") == 2
    some = resolve(bound, {bound.names[0]: "x"})
    assert [one.text for one in some.names] == ["X", "Y", "Z"]
    assert resolve(bound, {}) is bound


def value(text: str, given: Any, vocabulary: Vocabulary) -> Any:
    (one,) = check_parameters(bind(text, vocabulary), {"v": given}).values()
    return one


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("find Company where name = $v", "x", "x"),
        ("find Company where sector in $v", ["Steel", "Rail"], ("Steel", "Rail")),
        ("find Company where degree > $v", 3, 3),
        ("find Company where revenue > $v", "9000 EUR", Money("9000", "EUR")),
        ("find Company where revenue > $v", Money("1", "EUR"), Money("1", "EUR")),
        ("find Company where revenue.amount > $v", 1.5, Decimal("1.5")),
        ("find Company where public = $v", True, True),
        ("find Company where founded > $v", 2020, ir.Days(date(2020, 1, 1), date(2020, 12, 31))),
        ("find Company where founded > $v", "2020-Q2", ir.Days(date(2020, 4, 1), date(2020, 6, 30))),
        ("find Company where founded > $v", PartialDate(2020, 2), ir.Days(date(2020, 2, 1), date(2020, 2, 29))),
        ("find Company where founded > $v", date(2020, 1, 2), ir.Days(date(2020, 1, 2), date(2020, 1, 2))),
        ("find Person owns[share > $v] us", "25%", Percent("25%")),
        ("find Company as of $v", date(2020, 1, 2), date(2020, 1, 2)),
        ("find Company as of $v", "2020-01-02", date(2020, 1, 2)),
        ("find Company during $v", 2020, ir.Days(date(2020, 1, 1), date(2020, 12, 31))),
        ("find Company known at $v", datetime(2020, 1, 2, 3), datetime(2020, 1, 2, 3)),  # noqa: DTZ001
        ("find Company known at $v", "2020-01-02T03:00", datetime(2020, 1, 2, 3)),  # noqa: DTZ001
        ("find Company limit $v", 5, 5),
        ("find Company owns $v", "acme", ("acme",)),
        ("find Company owns $v", ["a", "b"], ("a", "b")),
    ],
)
def test_parameters_take_the_form_of_their_kind(text: str, given: Any, expected: Any, commerce: Vocabulary) -> None:
    assert value(text, given, commerce) == expected


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("find Company where name = $v", 3),
        ("find Company where name = $v", "\ud800"),
        ("find Company where sector in $v", "Steel"),
        ("find Company where degree > $v", 2**64),
        ("find Company where degree > $v", True),
        ("find Company where revenue > $v", 9000),
        ("find Company where revenue > $v", "9000"),
        ("find Company where founded > $v", "soon"),
        ("find Company where revenue.amount > $v", float("nan")),
        ("find Person owns[share > $v] us", 0.25),
        ("find Company as of $v", 2020),
        ("find Company as of $v", "2020-02-30"),
        ("find Company limit $v", 1.5),
        ("find Company owns $v", []),
    ],
)
def test_what_a_kind_cannot_hold_is_refused(text: str, given: Any, commerce: Vocabulary) -> None:
    with pytest.raises(QueryTypeError, match=r"\$v"):
        value(text, given, commerce)


def test_missing_and_unknown_parameters_are_named(commerce: Vocabulary) -> None:
    bound = bind("find Company where name = $name", commerce)
    with pytest.raises(QueryNameError, match=r"\$name"):
        check_parameters(bound, {})
    with pytest.raises(QueryNameError, match=r"\$nme") as caught:
        check_parameters(bound, {"name": "x", "nme": "y"})
    assert caught.value.candidates == ("name",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("find Person knows Person knows 'Ann'", '"Ann" itself is left out'),
        ("find Company owned_by+ $who", "$who itself is left out"),
        ("find Person owns[share > 50%] us", "one relation, never a total; `ultimately_owns`"),
        ("find Company owned_by[share > 50%]+ us", "each hop, not the product"),
    ],
)
def test_what_is_easily_missed_is_said(text: str, said: str, commerce: Vocabulary) -> None:
    assert any(said in note for note in notes(bind(text, commerce), commerce))


@pytest.mark.parametrize("text", ["find Company owned_by* 'ACME'", "find Person employed_by Company owned_by 'ACME'"])
def test_nothing_is_said_where_nothing_is_left_out(text: str, commerce: Vocabulary) -> None:
    told = notes(bind(text, commerce), commerce)
    assert not [note for note in told if "itself" in note and "*" in text]


def test_the_sentence_repeats_its_subject_on_each_line(commerce: Vocabulary) -> None:
    told = sentence(
        'find Company supplies "ACME" and (owned_by us or with no contact) and with at least 2 owned_by Person'
        " as of 2024-01-01 group by sector show sector, count() order by sector desc limit 3",
        commerce,
    )
    assert told.split("\n") == [
        "Find each Company such that all of these hold, on 2024-01-01:",
        '  the Company supplies "ACME"',
        "  at least one of these holds:",
        "    the Company owned by us",
        "    it is not so that the Company contact something",
        "  the Company owned by at least 2 different entities, each a Person",
        "One row for each sector.",
        "Show sector, count().",
        "In order of sector, largest first.",
        "At most 3 rows.",
    ]


def test_the_sentence_uses_the_readings_of_a_language() -> None:
    words = Vocabulary.from_text(
        "types: {Company: {}}\n"
        "predicates: {owns: {inverse: owned_by, reading: {en: owns, fr: possède}, inverse_reading: {en: is owned by}}}"
    )
    assert 'the Company possède "X"' in sentence('find Company owns "X"', words, language="fr")
    assert 'the Company is owned by "X"' in sentence('find Company owned_by "X"', words)
