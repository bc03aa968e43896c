from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from relgraph.errors import ValueProblem
from relgraph.exchange.cells import Cell, Template, look_up
from relgraph.exchange.countries import country_code
from relgraph.exchange.transform import (
    AsDate,
    AsMoment,
    AsMoney,
    AsPercent,
    AsPhone,
    Case,
    Choose,
    Inclusive,
    Nulls,
    Number,
    Replace,
    Round,
    Scale,
    Split,
    Trim,
)


def test_columns_and_paths() -> None:
    row = {"a.b": 1, "a": {"b": 2, "c": {"d": 3}}}
    assert look_up(row, "a.b") == 1
    assert look_up(row, "a.c.d") == 3
    assert look_up(row, "a.x.d") is None
    assert look_up(row, "a.b.d") is None


def test_template_in_keys_needs_every_part_and_in_texts_leaves_out() -> None:
    cell = Cell(template=Template.parse("{first}  {last}"))
    assert cell.value({"first": None, "last": "Byron"}) == "Byron"
    assert cell.value({"first": "", "last": None}) is None
    key = Cell(template=Template.parse("{kind}:{id}"), whole=True)
    assert key.text({"kind": "Company", "id": 4613937818241074769}) == "Company:4613937818241074769"
    assert key.text({"kind": "Company", "id": None}) is None
    assert Template.parse("{{x}} {a}").fill({"a": 1}, whole=True) == "{x} 1"


@pytest.mark.parametrize("text", ["{a", "a}", "{}"])
def test_template_faults(text: str) -> None:
    with pytest.raises(ValueProblem):
        Template.parse(text)


def test_a_cell_takes_its_steps_in_order_and_its_default_at_the_end() -> None:
    cell = Cell(column="a", steps=(Trim(), Nulls(frozenset({"--"})), Case("upper")), default="NONE")
    assert cell.value({"a": "  two   words\n"}) == "TWO WORDS"
    assert cell.value({"a": " -- "}) == "NONE"
    assert cell.value({}) == "NONE"


def test_bytes_and_nested_values_are_no_text() -> None:
    for value in (b"\0", {"a": 1}, [1]):
        with pytest.raises(ValueProblem):
            Cell(column="a").text({"a": value})


def test_choose() -> None:
    choose = Choose({"1": "Customer", "Prospect": "Lead", "9": None})
    assert choose(1) == "Customer"
    assert choose("prospect ") == "Lead"
    assert choose("9") is None
    with pytest.raises(ValueProblem, match="'Prospekt' is none") as caught:
        choose("Prospekt")
    assert caught.value.candidates == ("Prospect",)
    assert Choose({}, "keep")("x") == "x"
    assert Choose({}, "empty")("x") is None


def test_lists() -> None:
    assert Split(";")(" a; ;b ") == ["a", "b"]
    assert Split(";")(" ; ") is None
    assert Choose({"a": "x"}, "empty")(["a", "b"]) == ["x"]
    assert Case("upper")(["a"]) == ["A"]
    assert Replace((("_", " "),))("a_b_c") == "a b c"


@pytest.mark.parametrize(
    ("step", "text", "number"),
    [
        (Number(), "1200.50", "1200.50"),
        (Number(",", "."), "1.200,50", "1200.50"),
        (Number(",", ""), "1 200,50", "1200.50"),
        (Number(".", "'"), "1'200", "1200"),
        (Number(), "\u22125", "-5"),
    ],
)
def test_numbers_as_they_are_written(step: Number, text: str, number: str) -> None:
    assert step(text) == Decimal(number)


def test_a_number_may_have_the_sign_of_a_percent() -> None:
    cell = Cell(column="a", steps=(Number(",", "."), AsPercent("points")))
    assert [cell.value({"a": text}) for text in ("12,5", "12,5 %", "1.250,5%")] == ["12.5%", "12.5%", "1250.5%"]
    with pytest.raises(ValueProblem, match="'many' is no number"):
        cell.value({"a": "many%"})
    with pytest.raises(ValueProblem):
        Cell(column="a", steps=(Number(), Round(0))).value({"a": "12%"})


def test_numbers_that_are_none() -> None:
    for text in ("x", "NaN", "1,5", ""):
        with pytest.raises(ValueProblem, match="is no number"):
            Number()(text)
    with pytest.raises(ValueProblem, match="decimal mark"):
        Number(",")("1.5")


def test_arithmetic_is_exact() -> None:
    assert Scale(Decimal(100), divide=True)("0.3") == Decimal("0.003")
    assert Scale(Decimal("0.1"))(3) == Decimal("0.3")
    assert Round(2)(Decimal("544595.7886430753")) == Decimal("544595.79")
    assert Round(0)("2.5") == 2


def test_percent_and_money() -> None:
    assert AsPercent("points")(Decimal("38.85")) == "38.85%"
    assert AsPercent("fraction")("0.25") == "25.00%"
    assert AsPercent("fraction")("25 %") == "25%"
    assert AsMoney("EUR")("1E+2") == "100 EUR"


@pytest.mark.parametrize(
    ("form", "text", "found"),
    [
        ("%d/%m/%Y", "31/05/2024", "2024-05-31"),
        ("%d %b %Y", "12 Mar 2024", "2024-03-12"),
        ("%m/%Y", "05/2024", "2024-05"),
        ("%Y", "2024", "2024"),
        ("iso", "2024-05", "2024-05"),
        ("iso", "1996-07-04 00:00:00.000", "1996-07-04"),
        ("milliseconds", "1578593325162", "2020-01-09"),
        ("seconds", "0", "1970-01-01"),
    ],
)
def test_dates_keep_their_precision(form: str, text: str, found: str) -> None:
    assert AsDate((form,))(text) == found


def test_the_first_form_that_fits_counts_and_none_is_refused() -> None:
    step = AsDate(("iso", "%d.%m.%Y"))
    assert step("1.5.2024") == "2024-05-01"
    assert step(date(2024, 5, 1)) == "2024-05-01"
    for text in ("2024-13-01", "30.2.2024", "soon"):
        with pytest.raises(ValueProblem, match="is no date of the form iso or"):
            step(text)


def test_moments_have_a_zone() -> None:
    assert AsMoment(("iso",), "Europe/Paris")("2024-07-01 12:00") == "2024-07-01T12:00:00+02:00"
    assert AsMoment(("milliseconds",))(1578593325162) == "2020-01-09T18:08:45.162000+00:00"
    assert AsMoment(("iso",))(datetime(2024, 1, 1, tzinfo=UTC)) == "2024-01-01T00:00:00+00:00"
    with pytest.raises(ValueProblem):
        AsMoment(("iso",))("noon")


def test_inclusive_ends_move_by_a_day_where_there_is_one() -> None:
    assert Inclusive()("2024-12-31") == "2025-01-01"
    assert Inclusive()("2024-05") == "2024-05"
    assert Inclusive()("9999-12-31") is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Germany", "DE"),
        ("no", "NO"),
        ("USA", "US"),
        ("UK", "GB"),
        ("côte d’ivoire", "CI"),
        ("Turkey", "TR"),
        ("", None),
    ],
)
def test_countries(name: str, code: str | None) -> None:
    assert country_code(name) == code


def test_unknown_countries_name_the_nearest() -> None:
    with pytest.raises(ValueProblem) as caught:
        country_code("Swizerland")
    assert caught.value.candidates[0] == "Switzerland"


@pytest.mark.parametrize(
    ("text", "dialed"),
    [
        ("01 42 68 53 00", "+33142685300"),
        ("+49 (0)30 / 0074321", "+49300074321"),
        ("0044 20 7946-0000", "+442079460000"),
        ("call the desk", "call the desk"),
    ],
)
def test_phones(text: str, dialed: str) -> None:
    assert AsPhone("+33")(text) == dialed
