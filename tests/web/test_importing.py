"""A list is shown, its columns are given a meaning, it is checked, run, stopped, and taken back."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from relgraph_web import imports

from relgraph.exchange import load_into
from tests.web.conftest import Place, Visitor

LIST = b"Code;Name;Employees;Owner\n1;Neu GmbH;12;ACME\n2;Zwei AG;7;Nobody\n"
MEANT = {"column.0": "key", "column.1": "field name", "column.2": "field employees", "column.3": ""}


@pytest.fixture
def place(fresh: Callable[..., Place]) -> Place:
    return fresh()


def sent(visitor: Visitor, *files: tuple[bytes, str]) -> Any:
    data = [(BytesIO(text), name) for text, name in files]
    return visitor.client.post("/import", data={"form_token": visitor.token, "data": data})


def test_a_list_without_a_mapping_is_shown_and_given_one(place: Place) -> None:
    editor = place.visitor("editor")
    job = sent(editor, (LIST, "firms.csv")).headers["Location"]
    page = editor.get(job).text
    for word in ("Neu GmbH", "Zwei AG", "What do the columns of firms.csv mean?"):
        assert word in page
    told: Any = editor.get(job + ".json?type=Company").json
    assert told["state"] == "mapping"
    assert told["meanings"] == {"Code": "key", "Name": "field name", "Employees": "field employees", "Owner": ""}
    meant = {**MEANT, "column.3": "relation owned_by Company"}
    assert editor.send(job, action="map", type="Company", source="firms", **meant).status_code == 303
    checked = editor.over(job)
    assert checked["state"] == "checked"
    assert (checked["report"]["summary"]["created"], checked["report"]["summary"]["linked"]) == (2, 1)
    # the one that is not found is told by its row
    assert [(one["kind"], one["value"]) for one in checked["report"]["rows"]] == [("unresolved", "Nobody")]
    assert place.graph.search("Neu") == []
    editor.send(job, action="run")
    assert editor.over(job)["state"] == "done"
    (made,) = place.graph.search("Neu GmbH")
    assert (made["employees"], made.keys) == (12, (("firms", "1"),))
    assert [one.entity.name for one in place.graph.related(made, "owned_by")] == ["ACME"]
    editor.send(job, action="undo")
    assert place.graph.search("Neu") == []
    # and once more, with other columns
    assert "Other columns" in editor.get(job).text
    editor.send(job, action="map", type="Company", source="firms", **MEANT)
    assert editor.over(job)["report"]["summary"]["linked"] == 0


@pytest.mark.parametrize(
    ("meant", "said"),
    [
        ({**MEANT, "column.0": "", "column.1": ""}, "no column tells the rows apart"),
        ({**MEANT, "column.0": "field name"}, "two columns mean name"),
        ({**MEANT, "column.3": "field floors"}, "cannot mean"),
        ({**MEANT, "column.3": "relation owned_by Software"}, "cannot mean"),
    ],
)
def test_columns_that_cannot_be_meant_so_are_told(place: Place, meant: dict[str, str], said: str) -> None:
    editor = place.visitor("editor")
    job = sent(editor, (LIST, "firms.csv")).headers["Location"]
    answer = editor.send(job, action="map", type="Company", source="firms", **meant)
    assert answer.status_code == 422
    assert said in answer.text
    # what was chosen stands there still
    assert re.search(r'value="field employees" selected', answer.text)


HELD = b"Name;Owner;Share;Since;Last day\nNeu GmbH;ACME;62.5;2020-03;2023-12-31\nZwei AG;ACME;7;2021;\n"
OWNED = {"column.0": "field name", "column.1": "relation owned_by Company"}
MORE = {
    **OWNED,
    "column.2": "attribute owned_by Company share points",
    "column.3": "since owned_by Company",
    "column.4": "last owned_by Company",
}


def test_columns_say_more_of_a_relation(place: Place) -> None:
    editor = place.visitor("editor")
    job = sent(editor, (HELD, "held.csv")).headers["Location"]
    said: Any = editor.get(job + ".json?type=Company").json
    assert "relation owned_by Company" in said["offers"]
    assert not [one for one in said["offers"] if one.startswith(("attribute", "since", "until", "last"))]
    # what a relation may carry is offered once it is chosen, and guessed by the names of columns
    assert editor.send(job, action="details", type="Company", source="held", **OWNED).status_code == 303
    page = editor.get(job).text
    for words in ("More of “is owned by …” (Company)", "25 is 25%", "until, the last day"):
        assert words in page
    told: Any = editor.get(job + ".json").json
    assert told["state"] == "mapping"
    assert [told["meanings"][one] for one in ("Share", "Since", "Last day")] == [
        "attribute owned_by Company share", "since owned_by Company", ""
    ]  # fmt: skip
    assert told["offers"]["last owned_by Company"] == "until, the last day"
    # a share without its sign is refused by the check, which keeps nothing
    as_guessed = {**OWNED, "column.2": "attribute owned_by Company share"}
    assert editor.send(job, action="map", type="Company", source="held", **as_guessed).status_code == 303
    assert editor.over(job)["report"]["summary"]["refused"] == 2
    # other columns begin with what was chosen last
    assert 'value="attribute owned_by Company share" selected' in editor.get(job + "?map=1").text
    assert editor.send(job, action="map", type="Company", source="held", **MORE).status_code == 303
    assert editor.over(job)["report"]["summary"]["refused"] == 0
    editor.send(job, action="run")
    assert editor.over(job)["state"] == "done"
    stakes = {}
    for name in ("Neu GmbH", "Zwei AG"):
        (stake,) = place.graph.as_of("2022-06-01").relations("owns", object=place.graph.entity(name))
        stakes[name] = stake.subject.name, str(stake["share"]), str(stake.since), stake.until and str(stake.until)
    assert stakes == {
        "Neu GmbH": ("ACME", "62.5%", "2020-03", "2024-01-01"),
        "Zwei AG": ("ACME", "7%", "2021", None),
    }


@pytest.mark.parametrize(
    ("meant", "said"),
    [
        ({**MORE, "column.1": ""}, "which no column names"),
        ({**MORE, "column.3": "relation owned_by Company"}, "two columns name what the relation"),
        ({**MORE, "column.4": "since owned_by Company"}, "two columns mean since of"),
        ({**MORE, "column.3": "until owned_by Company"}, "two columns mean until of"),
        ({**MORE, "column.3": "attribute owned_by Company share"}, "two columns mean share of"),
        ({**MORE, "column.2": "attribute owned_by Company role"}, "cannot mean"),
        ({**MORE, "column.2": "attribute owned_by Company share tenths"}, "cannot mean"),
    ],
)
def test_details_that_cannot_be_meant_so_are_told(place: Place, meant: dict[str, str], said: str) -> None:
    editor = place.visitor("editor")
    job = sent(editor, (HELD, "held.csv")).headers["Location"]
    answer = editor.send(job, action="map", type="Company", source="held", **meant)
    assert answer.status_code == 422
    assert said in answer.text


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "no file was sent"),
        ([(LIST, "a.csv"), (LIST, "b.csv")], "2 files were sent without a mapping"),
        ([(b"", "a.csv")], "a.csv"),
        ([(b"Code;Name\n", "a.csv")], "no rows"),
        ([(b"\x00\x01", "a.pdf")], "no list that can be shown"),
    ],
)
def test_what_is_no_list_is_refused(place: Place, files: list[tuple[bytes, str]], said: str) -> None:
    answer = sent(place.visitor("editor"), *files)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_long_import_is_stopped_and_nothing_of_it_is_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = threading.Event()

    def slow(*given: Any, cancelled: Callable[[], bool], **named: Any) -> Any:
        # as long as it takes until somebody has looked at it
        return load_into(*given, cancelled=lambda: looked_at.wait() and cancelled(), **named)

    monkeypatch.setattr(imports, "load_into", slow)
    editor, before = place.visitor("editor"), place.graph.stats()["transactions"]
    rows = b"Code;Name\n" + b"".join(b"%d;F%d\n" % (one, one) for one in range(100))
    job = sent(editor, (rows, "many.csv")).headers["Location"]
    editor.send(job, action="map", type="Company", source="many", **{"column.0": "key", "column.1": "field name"})
    assert 'value="stop"' in editor.get(job).text
    assert editor.send(job, action="stop").status_code == 303
    looked_at.set()
    told = editor.over(job)
    assert told["state"] == "stopped"
    assert "nothing of it was kept" in editor.get(job).text
    assert place.graph.stats()["transactions"] == before
    # what was stopped may be begun again
    assert editor.send(job, action="check").status_code == 303
    editor.send(job, action="stop")
    editor.over(job)


def test_nothing_is_done_out_of_turn(place: Place) -> None:
    editor = place.visitor("editor")
    job = sent(editor, (LIST, "firms.csv")).headers["Location"]
    for action in ("run", "undo", "check", "burn"):
        assert editor.send(job, action=action).status_code == 400
    assert place.visitor("admin").send(job, action="map", type="Company").status_code == 404
    assert editor.send(job, action="map", type="Nothing", **MEANT).status_code == 404
