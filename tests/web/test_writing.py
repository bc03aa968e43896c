from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

BOTH_STORES = True


def test_facts_are_changed_in_place_and_named_in_the_history(fresh: Callable[..., Any]) -> None:
    place = fresh()
    editor, acme = place.visitor("editor"), place.graph.entity("ACME")
    answer = editor.send(
        f"/entity/{acme.id}/facts", version=str(acme.version), **{"field.sector": "Rail", "reason": "they moved"}
    )
    assert answer.status_code == 303, answer.text[-900:]
    assert place.graph.get(acme.id)["sector"] == "Rail"
    last = place.graph.history(acme.id)[-1]
    assert (last.actor, last.event.reason) == ("editor", "they moved")


def test_a_page_that_is_out_of_date_changes_nothing(fresh: Callable[..., Any]) -> None:
    place = fresh()
    editor, acme = place.visitor("editor"), place.graph.entity("ACME")
    place.graph.update(acme, sector="Steel")
    answer = editor.send(f"/entity/{acme.id}/facts", version=str(acme.version), **{"field.sector": "Rail"})
    assert answer.status_code == 409
    assert "changed by somebody else" in answer.text
    assert place.graph.get(acme.id)["sector"] == "Steel"


def test_a_relation_is_added_ended_and_retracted(fresh: Callable[..., Any]) -> None:
    place = fresh()
    editor, acme, bolt = place.visitor("editor"), place.id("ACME"), place.graph.add("Company", name="Bolt New")
    answer = editor.send(f"/entity/{acme}/relate", reading="supplied_by", target="Bolt New", since="2024-03")
    assert answer.status_code == 303, answer.text[-900:]
    (made,) = place.graph.relations("supplies", subject=bolt)
    answer = editor.send(
        f"/relation/{made.id}/change", action="end", on="2025-01-01", version=str(made.version), **{"from": acme}
    )
    assert answer.status_code == 303, answer.text[-900:]
    ended = place.graph.relation(made.id)
    assert str(ended.until) == "2025-01-01"
    editor.send(f"/relation/{made.id}/change", action="retract", version=str(ended.version), **{"from": acme})
    assert not list(place.graph.relations("supplies", subject=bolt, ever=True))


def test_a_refused_form_comes_back_with_what_was_typed(fresh: Callable[..., Any]) -> None:
    place = fresh()
    editor, acme = place.visitor("editor"), place.id("ACME")
    answer = editor.send(f"/entity/{acme}/relate", reading="owns", target="ACNE", since="2024", source="my own notes")
    assert answer.status_code == 404
    assert "ACME" in answer.text
    assert 'value="my own notes"' in answer.text


def test_an_entity_is_added_and_trashed_and_comes_back(fresh: Callable[..., Any]) -> None:
    place = fresh()
    admin = place.visitor("admin")
    answer = admin.send("/entities/new", type="Company", **{"field.name": "Newcomer"})
    assert answer.status_code == 303
    made = place.graph.entity("Newcomer")
    admin.send(f"/entity/{made.id}/trash", version=str(made.version))
    assert admin.get(f"/entity/{made.id}").status_code == 404
    assert "Newcomer" not in admin.get("/search?q=newcomer").text.split("<main")[1].split("<h1>")[1].split("</h1>")[1]
    last = place.graph.transactions(limit=1)[0]
    admin.send("/undo", transaction=last.id)
    assert admin.get(f"/entity/{made.id}").status_code == 200


def test_an_import_is_checked_run_and_taken_back(fresh: Callable[..., Any]) -> None:
    place = fresh()
    editor = place.visitor("editor")
    mapping = b"""mapping: few
source: few
inputs: {rows: {file: data/rows.csv}}
entities:
  - {from: rows, type: Company, key: "{id}", fields: {name: name}}
"""
    answer = editor.client.post(
        "/import",
        data={
            "form_token": editor.token,
            "mapping": (BytesIO(mapping), "few.yaml"),
            "data": (BytesIO(b"id,name\n1,Imported One\n2,Imported Two\n"), "rows.csv"),
        },
    )
    assert answer.status_code == 303, answer.text[-600:]
    job = answer.headers["Location"]
    assert editor.over(job)["report"]["summary"]["created"] == 2
    assert not place.graph.search("Imported")
    editor.send(job, action="run")
    done = editor.over(job)
    assert done["state"] == "done"
    assert len(place.graph.search("Imported")) == 2
    editor.send(job, action="undo")
    assert not place.graph.search("Imported")
    assert place.visitor("admin").get(job).status_code == 404


def test_a_mapping_reads_no_file_of_the_server(fresh: Callable[..., Any]) -> None:
    place = fresh()
    editor = place.visitor("editor")
    for file in ("/etc/passwd", "../../../../etc/passwd", "..", "_mapping/few.yaml"):
        mapping = f"""mapping: few
source: few
inputs: {{rows: {{file: "{file}"}}}}
entities:
  - {{from: rows, type: Company, key: "{{id}}", fields: {{name: name}}}}
"""
        answer = editor.client.post(
            "/api/v1/imports",
            data={"mapping": (BytesIO(mapping.encode()), "few.yaml")},
            headers={"X-Form-Token": editor.token},
        )
        assert answer.status_code == 422, file
        assert "root:" not in answer.text


def test_a_question_is_saved_and_shared(fresh: Callable[..., Any]) -> None:
    place = fresh()
    place.visitor("editor").send("/query/save", q="find Company", name="All of them", shared="yes")
    assert "All of them" in place.visitor("reader").get("/").text
    place.visitor("editor").send("/query/save", q="find Person", name="Only mine")
    assert "Only mine" not in place.visitor("reader").get("/").text


def test_a_view_keeps_its_places(fresh: Callable[..., Any]) -> None:
    place = fresh()
    editor, acme = place.visitor("editor"), place.id("ACME")
    saved = editor.json(
        "/explore/save.json", {"name": "One", "ids": [acme], "places": {acme: [12.5, -3]}, "shared": True}
    ).json
    told = place.visitor("reader").get(f"/explore.json?view={saved['id']}").json
    assert [(one["x"], one["y"]) for one in told["nodes"]] == [(12.5, -3.0)]


def test_expanding_pins_what_is_shown(market: Any) -> None:
    editor = market.visitor("editor")
    first = editor.get(f"/explore.json?focus={market.id('SugarCRM')}&n=8").json
    places = {one["id"]: [one["x"], one["y"]] for one in first["nodes"]}
    more = editor.json(
        "/explore/expand.json", {"id": market.id("ACME"), "ids": list(places), "places": places, "most": 5}
    ).json
    now = {one["id"]: [one["x"], one["y"]] for one in more["nodes"]}
    assert len(now) > len(places)
    assert {one: now[one] for one in places} == places


def test_a_path_says_how_it_goes(market: Any) -> None:
    editor = market.visitor("editor")
    told = editor.json("/explore/path.json", {"from": market.id("ACME"), "to": market.id("MySQL"), "ids": []}).json
    assert told["path"][0] == market.id("ACME")
    assert told["path"][-1] == market.id("MySQL")
    assert told["said"].startswith("2 relations")
