"""Reading text: the grammar, literals, limits, and what is refused."""

import logging
import subprocess
import sys
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest
from lark import Lark, logger
from lark import __version__ as lark_version

from relgraph.errors import QueryError, QueryLimitError, QuerySyntaxError
from relgraph.query import syntax as s
from relgraph.query import tables
from relgraph.query.parse import grammar, parse
from relgraph.query.words import RESERVED
from relgraph.values import Money, Percent


def test_the_grammar_has_no_conflict(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(logger, "propagate", True)
    with caplog.at_level(logging.DEBUG, logger=logger.name):
        Lark('start: "a" | "a" start "b"? | start "c"\nWS: " "', parser="lalr", debug=True)
        assert "onflict" in caplog.text
        caplog.clear()
        grammar.__wrapped__(debug=True)
    assert "onflict" not in caplog.text


ASKED = [
    line.partition(" ||| ")[2]
    for line in (Path(__file__).parent / "data" / "questions.txt").read_text(encoding="utf-8").splitlines()
]


def test_the_tables_that_are_shipped_are_those_of_the_grammar() -> None:
    text = tables.grammar_text()
    shipped = tables.shipped()
    assert shipped["grammar"] == sha256(text.encode()).hexdigest(), "run: make tables"
    if shipped["lark"] != lark_version:
        pytest.skip(f"the tables are those of Lark {shipped['lark']}: the parser is made from the grammar")
    assert files("relgraph.query").joinpath("tables.json").read_text(encoding="utf-8") == tables.document_of(text)
    assert grammar().source_path == "<deserialized>"


def test_the_parser_from_tables_reads_as_the_one_from_the_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = ["find Company that", "find", "find Company[", "find Company limit x", "supplies", 'find Company with "A"']
    texts = [*ASKED, *wrong, "find क्षेत्र as p̂q", "find Company -- and so on\n limit 3"]

    def read(text: str) -> object:
        try:
            return parse(text)
        except QueryError as error:
            return str(error), error.hint, error.candidates, error.details

    found = [read(text) for text in texts]
    monkeypatch.setattr(tables, "shipped", lambda: None)
    made = grammar.__wrapped__()
    assert made.source_path != "<deserialized>"
    monkeypatch.setattr("relgraph.query.parse.grammar", lambda: made)
    assert [read(text) for text in texts] == found


@pytest.mark.parametrize("other", [{"lark": "0.1"}, {"grammar": "another"}])
def test_tables_of_another_grammar_or_another_lark_are_not_taken(other: dict[str, str]) -> None:
    assert tables.loaded(tables.grammar_text(), {**tables.shipped(), **other}) is None


def test_tables_are_made_by_a_command_that_can_check_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "grammar.lark").write_text(tables.grammar_text(), encoding="utf-8")
    monkeypatch.setattr(tables, "files", lambda _: tmp_path)
    monkeypatch.setattr(sys, "argv", ["tables", "--check"])
    with pytest.raises(SystemExit, match="out of date"):
        tables.main()
    monkeypatch.setattr(sys, "argv", ["tables"])
    tables.main()
    assert "written" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["tables", "--check"])
    tables.main()


def test_reading_no_question_loads_no_parser() -> None:
    code = "import sys, relgraph.query.parse, relgraph.query.fluent; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_reserved_word_is_a_name_in_backticks_only(word: str) -> None:
    with pytest.raises(QuerySyntaxError):
        parse(f"find Company as {word}")
    query = parse(f"find Company as `{word}`")
    assert isinstance(query, s.Find)
    assert query.found.name == word
    assert parse(str(query)) == query


def test_me_and_us_are_reserved_in_lower_case_only() -> None:
    assert str(parse("find US supplies ME")) == "find US supplies ME"


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("42", 42),
        ("1_000", 1000),
        ("10k", 10_000),
        ("2M", 2_000_000),
        ("1bn", 1_000_000_000),
        ("1.5k", 1500),
        ("25%", Percent("25%")),
        ("12.5 %", Percent("12.5%")),
        ("-25%", Percent("-25%")),
        ("9000 EUR", Money("9000", "EUR")),
        ("EUR 9000.50", Money("9000.50", "EUR")),
        ("10k EUR", Money("10000", "EUR")),
    ],
)
def test_numbers_are_exact(said: str, value: object) -> None:
    query = parse(f"find Company where x = {said}")
    assert isinstance(query, s.Find)
    assert isinstance(query.where, s.Comparison)
    assert query.where.right == s.Number(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ('"a b"', "a b"),
        ("'it\\'s'", "it's"),
        ('"\\u00e9\\n\\t\\\\"', "é\n\t\\"),
        ('"\\ud83d\\ude00"', "😀"),
        ("“a\\nb”", "a\\nb"),
        ("„a“", "a"),
        ("«a»", "a"),
        ('"-- no comment ["', "-- no comment ["),
    ],
)
def test_texts_in_all_quotes(said: str, value: str) -> None:
    query = parse(f"find Company where x = {said} -- a comment")
    assert isinstance(query, s.Find)
    assert query.where == s.Comparison("=", s.Path(("x",)), s.Text(value))


def test_keywords_are_read_in_any_case_and_names_are_not() -> None:
    assert parse("FIND Company THAT IS owned_by US AND NOT supplies 'x' LIMIT 3") != parse("find Company")
    assert parse("Find Company Where x = 1") == parse("find Company where x = 1")
    assert parse("find Company") != parse("find company")


def test_noise_is_no_part_of_the_question() -> None:
    assert parse("find Person who is employed_by Company that is owned_by 'X' but not knows me;") == parse(
        "find Person employed_by Company owned_by 'X' and not knows me"
    )


def test_spans_say_where_a_part_stands() -> None:
    text = "find Person employed_by Company[sector = 'Steel']"
    query = parse(text)
    assert isinstance(query, s.Find)
    assert isinstance(query.clause, s.Chain)
    step = query.clause.links[0].step
    assert text[slice(*step.span)] == "employed_by"
    target = query.clause.links[0].target
    assert isinstance(target, s.Types)
    assert text[slice(*target.options[0].filter.span)] == "sector = 'Steel'"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    [
        "find A " + "(" * 1000,
        "find A " + "(" * 51 + "p B" + ")" * 51,
        "find A p " + "B p " * 13 + "C",
        "find A p " + "B p " * 2000 + "C",
        "find A " + "not " * 2000 + "p B",
        "find A where x = " + "1+" * 1000 + "1",
        "find A where x = '" + "x" * 10_000 + "'",
        "find A where x = " + "é" * 5001,
    ],
    ids=["open", "nested", "chain", "long-chain", "not", "sum", "size", "bytes"],
)
def test_what_is_too_large_is_refused_with_its_limit(text: str) -> None:
    with pytest.raises(QueryLimitError, match=r"more than|at most|larger than"):
        parse(text)


def test_what_is_just_within_the_limits_is_read() -> None:
    deep = "find A " + "(" * 50 + "p B" + ")" * 50
    assert parse(deep)
    nested = "find A p " + "(B p " * 49 + "C" + ")" * 49
    query = parse(nested)
    assert parse(str(query)) == query
    assert parse("find A p " + "B p " * 11 + "C")


def test_brackets_in_quotes_and_comments_do_not_nest() -> None:
    assert parse("find A where x = '" + "(" * 100 + "' -- " + "[" * 100)


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("find A limit 1 limit 2", "twice"),
        ("find A show x as of 2024-01-01 show y", "twice"),
        ("find shortest paths from me via knows", "missing-end"),
        ("find shortest paths from me from us to 'x'", "twice"),
        ("find A where x = 2024-13-01", "date"),
        ("find A where x = 2024-02-30T10:00", "date"),
        ("find A where x = 99999999999999999999", "number"),
        ("find A where x = 5 XXQ", "number"),
        ('find A where x = "\\ud800"', "surrogate"),
    ],
)
def test_what_the_grammar_alone_would_take_is_checked(text: str, about: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert caught.value.details["about"] == about
    assert caught.value.details["span"]


def test_half_a_character_is_refused() -> None:
    with pytest.raises(QuerySyntaxError):
        parse("find A where x = '\ud800'")


def test_an_error_shows_its_line_and_a_caret() -> None:
    with pytest.raises(QueryError) as caught:
        parse("find Company\n  owns [x] X\n  'y' oops")
    error = caught.value
    assert (error.details["line"], error.details["column"]) == (3, 7)
    assert str(error).split("\n")[1:3] == ["  |   'y' oops", "  |       ^^^^"]


def test_wide_characters_before_the_place_move_the_caret() -> None:
    with pytest.raises(QueryError) as caught:
        parse("find A where x = '東京' oops")
    lines = str(caught.value).split("\n")
    assert lines[2].index("^") == lines[1].index("oops") + 2
