from __future__ import annotations

import builtins
import contextlib
import gzip
import json
import sqlite3
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.errors import LoadError
from relgraph.exchange.readers import (
    CsvReader,
    JsonlReader,
    JsonReader,
    Meter,
    Reader,
    Row,
    SqliteReader,
    XlsxReader,
    reader_for,
)


def read(reader: Reader, path: Path, meter: Meter | None = None) -> list[Row]:
    return list(reader.read(path, meter or Meter()))


def values(reader: Reader, path: Path) -> list[dict[str, object]]:
    return [dict(row.values) for row in read(reader, path)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, data: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


# csv


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_tells_the_delimiter(folder: Path, delimiter: str) -> None:
    lines = [delimiter.join(cells) for cells in (["name", "city"], ['"A, B; C | D\tE"', "Lyon"], ["Bolt", "Metz"])]
    path = write(folder, "\n".join(lines))
    assert values(CsvReader(), path) == [{"name": "A, B; C | D\tE", "city": "Lyon"}, {"name": "Bolt", "city": "Metz"}]


def test_csv_decimal_commas_do_not_look_like_delimiters(folder: Path) -> None:
    path = write(folder, "name;share\nACME;1,5\nBolt;2,5\nCord;3,5\n")
    assert values(CsvReader(), path)[0] == {"name": "ACME", "share": "1,5"}


def test_csv_given_delimiter_wins_and_tab_has_a_name(folder: Path) -> None:
    path = write(folder, "a,b\tc\n1,2\t3\n")
    assert values(CsvReader(delimiter="tab"), path) == [{"a,b": "1,2", "c": "3"}]
    with pytest.raises(LoadError, match="one character"):
        read(CsvReader(delimiter=", "), path)


def test_csv_rows_carry_the_line_they_begin_at(folder: Path) -> None:
    path = write(folder, 'name,note\nACME,"two\nlines"\n\nBolt,x\n')
    assert [(row.number, row.values["name"]) for row in read(CsvReader(), path)] == [(2, "ACME"), (5, "Bolt")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_csv_tells_the_encoding(folder: Path, encoding: str) -> None:
    text = "société;ville\nÉtablissements Crème & Fils;Orléans\nFrères Lumière – Cie;Besançon\n"
    path = write(folder, text.encode(encoding))
    first = values(CsvReader(), path)[0]
    assert first == {"société": "Établissements Crème & Fils", "ville": "Orléans"}


def test_csv_a_letter_on_the_last_line_counts_for_the_encoding(folder: Path) -> None:
    path = write(folder, b"name,city\n" + b"plain,text\n" * 200_000 + "Müller,Köln\nGötz,Düren\n".encode("cp1252"))
    meter = Meter()
    assert read(CsvReader(), path, meter)[-1].values == {"name": "Götz", "city": "Düren"}
    assert "a guess" in meter.notes[0]


def test_csv_wrong_encoding_names_line_and_remedy(folder: Path) -> None:
    path = write(folder, "name\nBolt\nMüller\n".encode("cp1252"))
    with pytest.raises(LoadError, match=r"line 3 of 'data.csv' holds the byte 0xfc") as caught:
        read(CsvReader(encoding="utf-8"), path)
    assert "encoding: cp1252" in str(caught.value)
    with pytest.raises(LoadError, match="no encoding 'utf-9'") as unknown:
        read(CsvReader(encoding="utf-9"), path)
    assert "utf-8" in unknown.value.candidates


def test_csv_skips_until_the_header(folder: Path) -> None:
    path = write(folder, 'Notes:\n"When exporting, some rows may be missing"\n\nFirst Name,URL\nAda,u1\n')
    assert values(CsvReader(skip_until="First Name"), path) == [{"First Name": "Ada", "URL": "u1"}]
    with pytest.raises(LoadError, match=r"no line of 'data.csv' has the cell 'First name'") as caught:
        read(CsvReader(skip_until="First name"), path)
    assert caught.value.candidates == ("First Name",)


def test_csv_without_header(folder: Path) -> None:
    path = write(folder, "100,200\n101,201\n")
    assert values(CsvReader(columns=("from", "to")), path)[1] == {"from": "101", "to": "201"}


def test_csv_short_and_long_rows(folder: Path) -> None:
    path = write(folder, "a,b,c\n1\n1,2,3,,\n1,2,3,4\n")
    short, padded, long = read(CsvReader(), path)
    assert short.values == {"a": "1", "b": None, "c": None}
    assert padded.values == {"a": "1", "b": "2", "c": "3"}
    assert padded.problem is None
    assert long.problem == "has 4 cells where the header has 3; too much: '4'"


def test_csv_text_with_unquoted_delimiters_is_put_together_where_that_is_sure(folder: Path) -> None:
    meter = Meter()
    path = write(folder, "name,street,city\nPavlova, Ltd.,Viale Dante, 75,Ravenna\nA,B,C,D\nA, B, C,D,E,F\n")
    whole, unsure, worse = read(CsvReader(), path, meter)
    assert whole.values == {"name": "Pavlova, Ltd.", "street": "Viale Dante, 75", "city": "Ravenna"}
    assert whole.problem is None
    assert unsure.problem is not None
    assert worse.problem is not None
    assert "1 records of 'data.csv' have cells with ', ' in them" in meter.notes[0]


def test_csv_repeated_and_empty_column_names(folder: Path) -> None:
    meter = Meter()
    path = write(folder, "mail,mail,\n1,2,3\n")
    assert read(CsvReader(), path, meter)[0].values == {"mail": "1", "mail (2)": "2", "column 3": "3"}
    assert "again" in meter.notes[0]


@pytest.mark.parametrize(
    ("record", "cells"),
    [
        ('"He said "hi" there",x', ['He said "hi" there', "x"]),
        ('"ends with "quote"",x', ['ends with "quote"', "x"]),
        ('"good ""pair"", and "bad" one",x', ['good "pair", and "bad" one', "x"]),
        ('"never closed,x', ['"never closed', "x"]),
        ('"space after" ,x', ["space after", "x"]),
        ('5" pipe,x', ['5" pipe', "x"]),
        ('"two\nlines "bad" here",x', ['two\nlines "bad" here', "x"]),
    ],
)
def test_csv_bad_quotes_lose_nothing(folder: Path, record: str, cells: list[str]) -> None:
    path = write(folder, f'a,b\nfirst,row\n{record}\nlast,"row"\n')
    assert [list(row.values.values()) for row in read(CsvReader(), path)] == [["first", "row"], cells, ["last", "row"]]


def test_csv_comma_quote_space_and_no_escapes(folder: Path) -> None:
    path = write(folder, '"First Name", "Note"\n"Ada","a "b" c"\n')
    assert values(CsvReader(), path) == [{"First Name": "Ada", "Note": 'a "b" c'}]


def test_csv_keeps_nul_and_long_cells(folder: Path) -> None:
    long = "x" * 1_000_000
    path = write(folder, f"a,b\nx\0y,{long}\n")
    assert values(CsvReader(), path) == [{"a": "x\0y", "b": long}]


def test_csv_missing_file_names_its_neighbour(folder: Path) -> None:
    write(folder, "a\n", "customers.csv")
    with pytest.raises(LoadError, match="there is no file") as caught:
        read(CsvReader(), folder / "customer.csv")
    assert caught.value.candidates == ("customers.csv",)
    with pytest.raises(LoadError, match="is a folder"):
        read(CsvReader(), folder)
    with pytest.raises(LoadError, match="is empty"):
        read(CsvReader(), write(folder, "", "empty.csv"))


def test_csv_meter_counts_bytes_while_reading(folder: Path) -> None:
    path = write(folder, "a,b\n" + "some,thing\n" * 50_000)
    meter = Meter()
    rows = CsvReader().read(path, meter)
    for _ in range(10_000):
        next(rows)
    assert meter.total == path.stat().st_size
    fraction = meter.fraction()
    assert fraction is not None
    assert 0 < fraction < 0.5
    assert sum(1 for _ in rows) == 40_000
    assert meter.fraction() == 1.0


def test_csv_gzip_and_cut_off(folder: Path) -> None:
    packed = gzip.compress(b"a,b\n" + b"1,2\n" * 10_000)
    assert len(read(CsvReader(), write(folder, packed, "data.csv.gz"))) == 10_000
    with pytest.raises(LoadError, match="ends in the middle"):
        read(CsvReader(), write(folder, packed[:-20], "cut.csv.gz"))


cells = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8))
def test_csv_any_cells_survive(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_text('"a","b"\n' + "".join(f"{quoted(a)},{quoted(b)}\n" for a, b in rows), encoding="utf-8", newline="")
    got = [(row.values["a"], row.values["b"]) for row in CsvReader(delimiter=",", encoding="utf-8").read(path, Meter())]
    assert got == [row for row in rows if any(row)]


@given(st.binary(max_size=300))
def test_csv_any_bytes_give_rows_or_a_clear_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.csv"
    path.write_bytes(data)
    with contextlib.suppress(LoadError):
        read(CsvReader(), path)


# jsonl


def test_jsonl_numbers_stay_exact(folder: Path) -> None:
    line = '{"id": 4613937818241074769, "share": 0.1, "nested": {"ts": 1}}\n\n{"id": 2}\n'
    rows = read(JsonlReader(), write(folder, line, "x.jsonl"))
    assert rows[0].values == {"id": 4613937818241074769, "share": Decimal("0.1"), "nested": {"ts": 1}}
    assert rows[1].number == 3


def test_jsonl_gzip(folder: Path) -> None:
    meter = Meter()
    path = write(folder, gzip.compress(b'{"a": 1}\n' * 1000), "x.jsonl.gz")
    assert len(read(JsonlReader(), path, meter)) == 1000
    assert meter.fraction() == 1.0


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"a": 1', "is no JSON"),
        ("[1]", "no object"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": 1, "a": 2}', "'a' is there twice"),
        ('{"a": ' + "[" * 100_000, "nested too deeply"),
        ('{"a": ' + "9" * 5000 + "}", "cannot be read"),
    ],
)
def test_jsonl_a_bad_line_is_a_row_with_a_problem(folder: Path, line: str, problem: str) -> None:
    good, bad, after = read(JsonlReader(), write(folder, '{"a": 1}\n' + line + '\n{"a": 3}\n', "x.jsonl"))
    assert good.problem is None
    assert bad.number == 2
    assert problem in (bad.problem or "")
    assert after.values == {"a": 3}


def test_jsonl_what_is_none_is_refused_whole(folder: Path) -> None:
    with pytest.raises(LoadError, match="no JSON Lines file: its line 1"):
        read(JsonlReader(), write(folder, "name,city\n", "x.jsonl"))
    with pytest.raises(LoadError, match=r"line 2 of 'x.jsonl' holds the byte 0xfc"):
        read(JsonlReader(), write(folder, b'{"a": 1}\n{"a": "\xfc"}\n', "x.jsonl"))


# json


COMPANIES = """[
  {"id": 4613937818241074769, "share": 0.10,
   "nested": {"at": [1, "]"]}},

  {"id": 2, "name": "a \\" ] } [ \u00e9"}
]
"""


def test_json_rows_are_the_objects_of_the_array_with_the_line_they_begin_at(folder: Path) -> None:
    one, two = read(JsonReader(), write(folder, COMPANIES, "x.json"))
    assert one.values == {"id": 4613937818241074769, "share": Decimal("0.10"), "nested": {"at": [1, "]"]}}
    assert (one.number, two.number) == (2, 5)
    assert two.values == {"id": 2, "name": 'a " ] } [ é'}
    assert values(JsonReader(), write(folder, "[]", "x.json")) == []
    assert values(JsonReader(), write(folder, b"\xef\xbb\xbf[{}]", "x.json")) == [{}]


def test_json_rows_may_stand_under_keys(folder: Path) -> None:
    text = '{"meta": {"data": [1]}, "n": 12, "data": {"more": null, "accounts": ' + COMPANIES + '}, "after": 1}'
    path = write(folder, gzip.compress(text.encode()), "x.json.gz")
    assert [row["id"] for row in values(JsonReader(at="data.accounts"), path)] == [4613937818241074769, 2]
    with pytest.raises(LoadError, match=r"has nothing at 'data\.acounts'(.|\n)*no key 'acounts' beside more, accounts"):
        read(JsonReader(at="data.acounts"), path)
    with pytest.raises(LoadError, match=r"holds no array of objects at its beginning(.|\n)*`at`"):
        read(JsonReader(), path)
    with pytest.raises(LoadError, match="holds no array at 'n'"):
        read(JsonReader(at="n"), path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[{"a": 1}, {"a": 2', "is no JSON.*line 1"),
        ('[{"a": 1},\n{"a": }]', "is no JSON.*line 2"),
        ('[{"a": 1} {"a": 2}]', "comma"),
        ('[{"a": 1}', "comma or the end"),
        ("", "holds no array"),
        ('[{"a": NaN}]', "NaN is no number"),
        ('[{"a": 1, "a": 2}]', "'a' is there twice"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_json_that_is_none_is_refused(folder: Path, text: str, problem: str) -> None:
    with pytest.raises(LoadError, match=problem):
        read(JsonReader(), write(folder, text, "x.json"))


def test_json_what_is_no_object_is_a_row_with_a_problem(folder: Path) -> None:
    one, two, three = read(JsonReader(), write(folder, '[{"a": 1}, 12, {"a": 3}]', "x.json"))
    assert (one.problem, two.problem, three.values) == (None, "is JSON, but no object", {"a": 3})


def test_json_in_another_encoding(folder: Path) -> None:
    path = write(folder, '[{"a": "Müller"}]'.encode("cp1252"), "x.json")
    assert values(JsonReader(encoding="cp1252"), path) == [{"a": "Müller"}]
    with pytest.raises(LoadError, match="holds the byte 0xfc"):
        read(JsonReader(), path)


def test_json_is_read_in_pieces_wherever_they_are_cut(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"n": n, "t": "é]" * (n % 7), "x": [1.5, {"y": None}]} for n in range(200)]
    path = write(folder, json.dumps({"skip": rows[:3], "rows": rows}, indent=1, ensure_ascii=False), "x.json")
    for chunk in (1, 2, 3, 17, 1 << 16):
        monkeypatch.setattr("relgraph.exchange.readers.json._CHUNK", chunk)
        meter = Meter()
        found = [dict(row.values) for row in read(JsonReader(at="rows"), path, meter)]
        assert [(one["n"], one["t"]) for one in found] == [(one["n"], one["t"]) for one in rows]
        assert meter.fraction() == 1.0


# sqlite


@pytest.fixture
def database(folder: Path) -> Path:
    path = folder / "data.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE company (id INTEGER, name TEXT)")
        connection.executemany("INSERT INTO company VALUES (?, ?)", [(1, "ACME"), (2, None)])
    connection.close()
    return path


def test_sqlite_table_and_query(database: Path) -> None:
    meter = Meter()
    rows = read(SqliteReader(table="company"), database, meter)
    assert [(row.number, dict(row.values)) for row in rows] == [
        (1, {"id": 1, "name": "ACME"}),
        (2, {"id": 2, "name": None}),
    ]
    assert (meter.done, meter.total, meter.unit) == (2, 2, "rows")
    query = "WITH x AS (SELECT id * 2 AS double FROM company) SELECT double, 'ü' AS u FROM x ORDER BY double"
    assert values(SqliteReader(query=query), database)[1] == {"double": 4, "u": "ü"}


def test_sqlite_names_what_is_wrong(database: Path, folder: Path) -> None:
    with pytest.raises(LoadError, match="no table 'companies'") as caught:
        read(SqliteReader(table="companies"), database)
    assert caught.value.candidates == ("company",)
    with pytest.raises(LoadError, match="either a `table` or a `query`"):
        read(SqliteReader(), database)
    with pytest.raises(LoadError, match="no SQLite database"):
        read(SqliteReader(table="x"), write(folder, "name,city\n" * 100, "x.sqlite"))
    with pytest.raises(LoadError, match="twice"):
        read(SqliteReader(query="SELECT id, id FROM company"), database)
    with pytest.raises(LoadError, match="no such column"):
        read(SqliteReader(query="SELECT nme FROM company"), database)


def test_sqlite_cut_off(folder: Path) -> None:
    path = folder / "big.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a TEXT)")
    connection.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 500)
    connection.commit()
    connection.close()
    cut = write(folder, path.read_bytes()[:100_000], "cut.sqlite")
    with pytest.raises(LoadError, match="damaged or cut off"):
        read(SqliteReader(table="t"), cut)


@pytest.mark.parametrize("query", ["DELETE FROM company", "ATTACH 'other.db' AS other", "DROP TABLE company"])
def test_sqlite_queries_only_read(database: Path, query: str) -> None:
    before = database.read_bytes()
    with pytest.raises(LoadError, match="more than read"):
        read(SqliteReader(query=query), database)
    assert database.read_bytes() == before


def test_sqlite_text_in_another_encoding(folder: Path) -> None:
    path = folder / "old.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a TEXT)")
    connection.execute("INSERT INTO t VALUES (CAST(x'4dfc6c6c6572' AS TEXT))")
    connection.commit()
    connection.close()
    with pytest.raises(LoadError, match=r"row 1 of 'old.sqlite' holds text that is not utf-8"):
        read(SqliteReader(table="t"), path)
    assert values(SqliteReader(table="t", encoding="cp1252"), path) == [{"a": "Müller"}]


# xlsx


def workbook(folder: Path, rows: list[list[Any]], name: str = "book.xlsx") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Customers"
    for row in rows:
        sheet.append(row)
    path = folder / name
    book.save(path)
    return path


def test_xlsx_values_as_they_are_meant(folder: Path) -> None:
    path = workbook(folder, [["name", "share", "since", "n"], ["ACME", 0.1, date(2024, 3, 1), 5.0], [], ["Bolt"]])
    rows = read(XlsxReader(), path)
    assert rows[0] == Row(2, {"name": "ACME", "share": Decimal("0.1"), "since": date(2024, 3, 1), "n": 5})
    assert rows[1] == Row(4, {"name": "Bolt", "share": None, "since": None, "n": None})


def test_xlsx_sheet_header_and_problems(folder: Path) -> None:
    path = workbook(folder, [["Report of May"], ["Name", "Mail"], ["Ada", "#N/A"], ["Bob", "b", "extra"]])
    first, second = read(XlsxReader(sheet="Customers", skip_until="Name"), path)
    assert first.problem == "holds the error #N/A in the column 'Mail'"
    assert "right of the header" in (second.problem or "")
    with pytest.raises(LoadError, match="no sheet 'Customer'") as caught:
        read(XlsxReader(sheet="Customer"), path)
    assert caught.value.candidates == ("Customers",)
    with pytest.raises(LoadError, match="has the cell 'Nom'"):
        read(XlsxReader(skip_until="Nom"), path)


def test_xlsx_other_files(folder: Path) -> None:
    with pytest.raises(LoadError, match="old format"):
        read(XlsxReader(), write(folder, b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old.xlsx"))
    with pytest.raises(LoadError, match="no workbook"):
        read(XlsxReader(), write(folder, "name,city\n", "x.xlsx"))
    whole = workbook(folder, [["a"]] + [[i] for i in range(1000)]).read_bytes()
    with pytest.raises(LoadError, match="no workbook, or it is damaged"):
        read(XlsxReader(), write(folder, whole[: len(whole) // 2], "cut.xlsx"))


def test_xlsx_without_its_package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(folder, [["a"], [1]])
    for name in [one for one in sys.modules if one.split(".")[0] == "openpyxl"]:
        monkeypatch.delitem(sys.modules, name)
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("openpyxl"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(LoadError, match="needs the package openpyxl") as caught:
        read(XlsxReader(), path)
    assert "relgraph[xlsx]" in str(caught.value)


def test_readers_are_lazy(folder: Path) -> None:
    path = write(folder, "a\n" + "1\n" * 100)
    rows: Iterator[Row] = CsvReader().read(path, Meter())
    assert next(rows).values == {"a": "1"}


@pytest.mark.parametrize(
    ("name", "reader"),
    [("a.csv", "csv"), ("A.CSV.GZ", "csv"), ("x.tsv", "csv"), ("b.jsonl.gz", "jsonl"), ("b.xlsx", "xlsx"), ("b", None)],
)
def test_reader_by_suffix(name: str, reader: str | None) -> None:
    assert reader_for(name) == reader
