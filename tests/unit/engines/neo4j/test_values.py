from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo4j.time import Date, DateTime

from relgraph.engines.neo4j.names import Names, label, quoted, relationship_type, token, untoken
from relgraph.engines.neo4j.values import Forms, bounds, from_order_key, order_key, properties, put_bounds
from relgraph.model.records import OPEN_END, OPEN_START
from relgraph.values import canonical, datetime_text
from relgraph.vocabulary.fields import store
from relgraph.vocabulary.model import EntityType, Field, Predicate, Vocabulary


def thousandths(number: int) -> str:
    return canonical(Decimal(number) / 1000)


DAYS = st.dates().map(lambda day: day.isoformat())
NUMBERS = st.integers(-(10**14), 10**14).map(thousandths)
STORED: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "decimal": NUMBERS,
    "percent": NUMBERS,
    "money": st.tuples(NUMBERS, st.sampled_from(["EUR", "USD"])).map(list),
    "date": DAYS,
    "partial date": st.one_of(DAYS, DAYS.map(lambda day: day[:7]), DAYS.map(lambda day: day[:4])),
    "datetime": st.integers(-(10**15), 10**16).map(datetime_text),
}


def as_driver(value: Any) -> Any:
    """Return a property as the driver gives it back."""
    if isinstance(value, list):
        return [as_driver(one) for one in value]
    if isinstance(value, datetime):
        return DateTime.from_native(value)
    return Date.from_native(value) if isinstance(value, date) else value


@given(st.data(), st.sampled_from(sorted(STORED)), st.booleans())
def test_stored_forms_come_back_as_they_were(data: st.DataObject, kind: str, many: bool) -> None:
    strategy = STORED[kind]
    stored = data.draw(st.lists(strategy, max_size=4) if many else strategy)
    fields = {"x": Field("x", kind, many=many)}  # type: ignore[arg-type]
    held = {name: as_driver(value) for name, value in properties(fields, {"x": stored}).items()}
    assert Forms(fields, ()).stored(held) == {"x": stored}


@pytest.mark.parametrize("stored", ['[["5","EUR"]]', "5", [["5", "EUR"], ["6", "USD"]], ["a", "b"], 7, True])
@pytest.mark.parametrize("name", ["x", "_x"])
def test_what_has_no_field_any_more_comes_back_as_it_was(name: str, stored: Any) -> None:
    held = {key: as_driver(value) for key, value in properties({}, {name: stored}).items()}
    assert Forms({}, ()).stored(held) == {name: stored}


def test_a_name_that_begins_as_what_is_relgraphs_own_is_no_second_field() -> None:
    fields = {"_x": Field("_x", "partial date"), "_y": Field("_y", "decimal")}
    stored = {"_x": "2020", "_y": "no number"}
    held = {key: as_driver(value) for key, value in properties(fields, stored).items()}
    assert Forms(fields, ()).stored(held) == stored


def test_properties_look_natural() -> None:
    fields = {
        "price": Field("price", "money"),
        "share": Field("share", "percent"),
        "founded": Field("founded", "partial date"),
        "_own": Field("_own"),
    }
    stored = {name: store(fields[name], given) for name, given in (("price", "9 EUR"), ("share", "25%"))}
    assert properties(fields, {**stored, "founded": "1999-03", "_own": "x"}) == {
        "price": 9.0,
        "price_currency": "EUR",
        "share": 0.25,
        "founded": date(1999, 3, 1),
        "_founded_precision": 1,
        "__own": "x",
    }


def test_what_another_tool_wrote_is_shown_and_never_a_crash() -> None:
    fields = {
        "price": Field("price", "money"),
        "born": Field("born", "date"),
        "seen": Field("seen", "datetime"),
        "share": Field("share", "percent"),
        "names": Field("names", many=True),
        "years": Field("years", "partial date", many=True),
    }
    held = {
        "price": 7,
        "born": "long ago",
        "seen": 3,
        "share": "a half",
        "names": "one",
        "years": [1999],
        "extra": Date(2020, 1, 2),
        "nan": float("nan"),
        "_private": 1,
    }
    assert Forms(fields, ()).stored(held) == {
        "price": 7,
        "born": "long ago",
        "seen": 3,
        "share": "a half",
        "names": "one",
        "years": [1999],
        "extra": "2020-01-02",
        "nan": "nan",
    }


LAST = date.max.toordinal() + 1


@given(
    st.one_of(st.just(OPEN_START), st.integers(1, LAST - 1)),
    st.one_of(st.just(OPEN_END), st.integers(2, LAST)),
    st.integers(0, 2),
    st.integers(0, 2),
)
def test_bounds_come_back(since: int, until: int, low: int, high: int) -> None:
    held: dict[str, Any] = {}
    put_bounds(held, since, until, low, high)
    back = bounds({name: as_driver(value) for name, value in held.items()})
    assert back == (since, until, 0 if since == OPEN_START else low, 0 if until == OPEN_END else high)
    assert ("since" in held, "until" in held) == (since != OPEN_START, until != OPEN_END)


def test_a_bound_that_is_no_date_is_open() -> None:
    assert bounds({"since": "1999", "until": 5}) == (OPEN_START, OPEN_END, 0, 0)


@given(st.text(), st.text())
def test_order_keys_sort_by_code_point_however_the_server_compares(one: str, other: str) -> None:
    keys = order_key(one), order_key(other)
    assert (keys[0] < keys[1]) == (one < other)
    units = [key.encode("utf-16-be") for key in keys]
    assert (units[0] < units[1]) == (one < other)
    assert from_order_key(keys[0]) == one


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_are_kept_apart_and_come_back(one: str, other: str) -> None:
    assert untoken(token(one)) == one
    assert (token(one) == token(other)) == (one == other)
    assert "\x00" not in token(one)
    assert "\\" not in token(one)
    assert not token(one).startswith("_") or token(one).startswith("__")
    assert quoted(one).strip("`").count("`") % 2 == 0 or "`" in one


@given(st.text(min_size=1), st.text(min_size=1))
def test_predicates_apart_without_regard_to_case_have_types_apart(one: str, other: str) -> None:
    if one.casefold() != other.casefold():
        assert relationship_type(one) != relationship_type(other)


def test_exact_types_leave_out_subtypes_that_are_not_asked_for() -> None:
    names = Names(
        Vocabulary(
            types={
                "Party": EntityType("Party"),
                "Company": EntityType("Company", extends=("Party",)),
                "Bank": EntityType("Bank", extends=("Company",)),
                "Person": EntityType("Person", extends=("Party",)),
            },
            predicates={"owns": Predicate("owns", "owned_by")},
        )
    )
    assert names.exactly(["Party", "Company", "Bank", "Person"]) == "`Party`"
    assert names.exactly(["Company", "Person"]) == "(`Company`&!`Bank`)|`Person`"
    assert names.exactly(["Company", "Bank"]) == "`Company`"
    assert names.exactly(["Party", "Bank"]) == "(`Party`&!`Company`&!`Person`)|`Bank`"
    assert names.exactly(["Nothing"]) is None
    assert names.type_of(["Entity", "Party", "Company"]) == "Company"
    assert names.type_of(["Bank"]) == "Bank"
    assert names.type_of(["Movie"]) is None
    assert names.predicates == {"OWNS": "owns"}


@pytest.mark.parametrize("name", ["a\\u0060b", "a`b", "", "x\x00y", "＼", "＼/", "_", "__"])
def test_odd_names(name: str) -> None:
    if name:
        assert untoken(token(name)) == name
        assert "\\" not in label(name)
