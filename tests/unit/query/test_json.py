"""The JSON door: versioned, strict, and saying no more than text can."""

import json
from typing import Any

import pytest

from relgraph.errors import QueryError, QueryLimitError, QuerySyntaxError
from relgraph.query.jsonform import from_json
from relgraph.query.parse import parse


def whole(query: Any, **more: Any) -> dict[str, Any]:
    return {"relgraph": "query", "version": 1, "query": query, **more}


FIND: dict[str, Any] = {
    "is": "find",
    "found": {"is": "types", "options": [{"is": "type_option", "name": "Company"}]},
}


def test_defaults_may_be_left_out() -> None:
    assert from_json(whole(FIND)) == parse("find Company")
    assert json.loads(parse("find Company").to_json()) == whole(FIND)


def test_exact_numbers_survive() -> None:
    query = parse("find Company where a = 0.1 and b = 12.5% and c = 9000.50 EUR and d = 9007199254740993")
    assert from_json(query.to_json()) == query
    assert '"decimal": "9007199254740993"' in query.to_json()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{", "no JSON"),
        ("[]", "JSON object"),
        ("{}", "no question"),
        (whole(FIND, version=2), "version 2"),
        (whole([]), "no question"),
        (whole({"is": "fnd"}), "'is' must name"),
        (whole({"is": ["find"]}), "'is' must name"),
        (whole({"is": "text", "value": "x"}), "not a question"),
        (whole({"is": "find"}), "needs 'found'"),
        (whole({**FIND, "wher": None}), "has no 'wher'"),
        (whole({**FIND, "span": [1, 2]}), "has no 'span'"),
        (whole({**FIND, "counting": 1}), "no 'counting'"),
        (whole({**FIND, "found": "Company"}), "no 'found'"),
        (whole({**FIND, "found": {"is": "types", "options": "Company"}}), "no 'options'"),
        (whole({**FIND, "tails": {"is": "tails", "skip": {"percent": "x"}}}), "percent"),
        (whole({**FIND, "tails": {"is": "tails", "skip": {"other": "x"}}}), "no number"),
        (whole({**FIND, "tails": {"is": "tails", "skip": True}}), "no 'skip'"),
    ],
)
def test_what_is_no_question_is_refused_naming_the_part(given: Any, said: str) -> None:
    with pytest.raises(QuerySyntaxError, match=said):
        from_json(given)


@pytest.mark.parametrize(
    "found",
    [
        {"is": "types", "options": []},
        {"is": "fixed", "atoms": []},
        {"is": "fixed", "atoms": [{"is": "param", "name": "p show x"}]},
        {"is": "types", "options": [{"is": "type_option", "name": "a`b"}]},
        {"is": "types", "options": [{"is": "type_option", "name": "e\u0301"}]},
        {"is": "types", "options": [{"is": "type_option", "name": ""}]},
    ],
)
def test_what_text_cannot_say_json_cannot_either(found: Any) -> None:
    with pytest.raises(QueryError):
        from_json(whole({"is": "find", "found": found}))


def test_depth_and_size_are_limited() -> None:
    deep: Any = FIND
    for _ in range(600):
        deep = {"is": "grouped", "query": deep, "tails": {"is": "tails", "skip": 1}}
    with pytest.raises(QueryLimitError):
        from_json(whole(deep))
    with pytest.raises(QueryLimitError):
        from_json("[" * 100_000)
    with pytest.raises(QueryLimitError):
        from_json(" " * 300_000)


def test_the_deepest_text_survives() -> None:
    query = parse("find A " + "(" * 50 + "p B and not q C" + ")" * 50)
    assert from_json(query.to_json()) == query
    query = parse("find A where x = " + "1 + " * 200 + "1")
    assert from_json(query.to_json()) == query
