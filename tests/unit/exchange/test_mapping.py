from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.errors import LoadError
from relgraph.exchange.mapping import End, ImportMapping
from relgraph.exchange.mapping_file import (
    CELL_KEYS,
    CONDITION_KEYS,
    END_KEYS,
    ENTITY_KEYS,
    INPUT_KEYS,
    RELATION_KEYS,
    TOP_KEYS,
)
from relgraph.exchange.readers import READERS, CsvReader, SqliteReader
from relgraph.vocabulary.model import EntityType, Field, Predicate, Tag, Vocabulary

GOOD = """
mapping: sugar
source: sugar
description: the accounts of a SugarCRM
vocabulary: ../crm.yaml
on_conflict: keep
full: true
batches: {size: 5000}
inputs:
  accounts: {file: accounts.csv, delimiter: ";", trim: true, null: ["", NULL]}
  links: {file: crm.db, reader: sqlite, table: accounts_contacts}
entities:
  - from: accounts
    type: Company
    key: "account:{id}"
    keys: {vat: vat_number}
    fields:
      name: name
      country: {column: country, map: {Allemagne: DE}, otherwise: keep, country: true}
      sector: {value: Steel}
    tags:
      - customer
      - {tag: vip, if: {column: rating, is: [A, "1"]}}
    skip_if: {column: deleted, is: ["1"]}
relations:
  - from: links
    predicate: employs
    subject: "account:{account_id}"
    object: {name: "{first} {last}", type: Person, match: normalized}
    key: "{id}"
    attributes: {role: {column: role, trim: true}}
    since: {column: start, date: "%d/%m/%Y"}
    until: {column: end, date: ["%d/%m/%Y", iso], inclusive: true}
    mirrors: [account_id, contact_id]
"""

VOCABULARY = Vocabulary(
    types={
        "Company": EntityType("Company", fields=(Field("name"), Field("country", kind="country"), Field("sector"))),
        "Person": EntityType("Person", fields=(Field("name"),)),
        "Agent": EntityType("Agent", abstract=True),
    },
    tags={"customer": Tag("customer"), "vip": Tag("vip")},
    predicates={
        "works_for": Predicate("works_for", "employs", attributes=(Field("role"),)),
        "likes": Predicate("likes", "liked_by", time="none"),
    },
)


def faults(text: str) -> list[dict[str, object]]:
    with pytest.raises(LoadError) as caught:
        ImportMapping.from_text(text)
    found: list[dict[str, object]] = caught.value.details["errors"]
    return found


def test_a_whole_mapping() -> None:
    mapping = ImportMapping.from_text(GOOD, folder="data")
    assert (mapping.name, mapping.source, mapping.full, mapping.batch_size) == ("sugar", "sugar", True, 5000)
    assert mapping.on_conflict == "keep"
    assert mapping.vocabulary_path == Path("data/../crm.yaml")
    assert mapping.inputs["accounts"].reader == CsvReader(delimiter=";")
    assert mapping.inputs["accounts"].nulls == {"", "NULL"}
    assert mapping.inputs["links"].reader == SqliteReader(table="accounts_contacts")
    entity, relation = mapping.entities[0], mapping.relations[0]
    row = {"id": 7, "name": "ACME", "country": "Allemagne", "rating": "A", "deleted": "0", "vat_number": "v"}
    assert entity.key is not None
    assert (entity.key.source, entity.key.cell.text(row)) == ("sugar", "account:7")
    assert {name: cell.value(row) for name, cell in entity.fields.items()} == {
        "name": "ACME",
        "country": "DE",
        "sector": "Steel",
    }
    assert not entity.filters.skipped(row)
    assert entity.filters.skipped(row | {"deleted": 1})
    assert [all(one.holds(row) for one in tag.conditions) for tag in entity.tags] == [True, True]
    assert entity.columns == {"id", "name", "country", "vat_number", "rating", "deleted"}
    assert relation.object == End("name", relation.object.cell, "", "Person", "normalized")
    assert relation.subject.source == "sugar"
    assert relation.until is not None
    assert relation.until.value({"end": "31/12/2024"}) == "2025-01-01"
    assert relation.filters.mirrors == ("account_id", "contact_id")
    assert mapping.check(VOCABULARY) == ()


def test_norway_and_quoted_words_stay_as_written() -> None:
    text = GOOD.replace("sector: {value: Steel}", "country: {value: NO}").replace("country: {column", "land: {column")
    cell = ImportMapping.from_text(text).entities[0].fields["country"]
    assert cell.value({}) == "NO"


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("currency: EURO", "'EURO' is no currency"),
        ("currency: eur", "'eur' is no currency"),
        ("currency: ÉUR", "'ÉUR' is no currency"),
        ("map: FR", "map must be values with what they become"),
        ("map: [FR, DE]", "map must be values with what they become"),
        ("split: ''", "split needs the text between the parts"),
    ],
)
def test_a_step_that_means_nothing_is_refused_with_its_line(step: str, message: str) -> None:
    text = f"""source: s
inputs: {{c: {{file: c.csv}}}}
entities:
  - type: Company
    key: id
    fields:
      revenue: {{column: revenue, {step}}}
"""
    assert [(one["line"], one["message"]) for one in faults(text)] == [(7, message)]


def test_all_errors_come_together_with_lines_and_nearest_names() -> None:
    text = """sorce: x
inputs:
  a: {file: a.csv, delimeter: ","}
  b: {file: b.unknown}
  c: {file: c.csv, reader: cvs}
entities:
  - {from: d, type: Company, key: "x{id", fields: {name: {column: n, trimm: true}}}
  - {from: a, fields: {name: {column: a, value: b, zone: x}}}
relations:
  - from: a
    predicate: owns
    subject: {key: a, name: b}
    object: {key: b, match: exact}
    mirrors: [a]
    since: {column: s, date: dd/mm}
    skip_if: {column: a}
batches: {size: none}
on_conflict: tak
"""
    found = faults(text)
    assert [one["line"] for one in found] == sorted(int(str(one["line"])) for one in found)
    messages = " | ".join(f"{one['line']}: {one['message']} {one['candidates']}" for one in found)
    for expected in (
        "1: the key 'source' is missing",
        "1: unknown key 'sorce' in the mapping ['source']",
        "3: unknown key 'delimeter' in the input a ['delimiter']",
        "4: nothing tells how 'b.unknown' is read",
        "5: there is no reader 'cvs' ['csv']",
        "7: there is no input 'd'",
        "7: '{' stands alone",
        "7: unknown key 'trimm' in name ['trim']",
        "8: an entity rule needs a `type`",
        "8: name needs one of `column`, `template` and `value`",
        "12: subject needs one of",
        "13: `match` goes with `name` only",
        "14: mirrors must be two columns",
        "15: 'dd/mm' is no form of a date",
        "16: a condition needs a `column` and one of",
        "17: batches.size must be a whole number",
        "18: on_conflict cannot be 'tak' ['take']",
    ):
        assert expected in messages


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there are no inputs"),
        ("source: x", "neither `entities` nor `relations`"),
        ("- a", "must be keys with values, not a list"),
        ("source: [", "this is no YAML"),
        ("source: x\nsource: y", "twice"),
    ],
)
def test_documents_that_say_too_little(text: str, message: str) -> None:
    with pytest.raises(LoadError, match=message):
        ImportMapping.from_text(text)


def test_missing_files_name_their_neighbours(tmp_path: Path) -> None:
    (tmp_path / "kek.yaml").write_text(GOOD)
    assert ImportMapping.load(tmp_path / "kek.yaml").folder == tmp_path
    with pytest.raises(LoadError, match="there is no mapping file") as caught:
        ImportMapping.load(tmp_path / "kekk.yaml")
    assert caught.value.candidates == ("kek.yaml",)
    (tmp_path / "old.yaml").write_bytes(b"source: \xfc")
    with pytest.raises(LoadError, match="not UTF-8"):
        ImportMapping.load(tmp_path / "old.yaml")


def test_what_the_vocabulary_does_not_know() -> None:
    text = """source: s
inputs: {a: {file: a.csv}}
entities:
  - {type: Compny, key: id}
  - {type: Company, key: id, fields: {nmae: n}, tags: [vipp]}
  - {type: Agent, key: id}
  - {type: Person, fields: {name: n}}
relations:
  - {predicate: employs_, subject: a, object: b}
  - {predicate: employs, subject: a, object: {name: b, type: Persn}, attributes: {roll: r}}
  - {predicate: likes, subject: a, object: b, since: s}
"""
    found = [(one.line, one.message, one.candidates) for one in ImportMapping.from_text(text).check(VOCABULARY)]
    assert found == [
        (4, "there is no type 'Compny'", ("Company",)),
        (5, "Company has no field 'nmae'", ("name",)),
        (5, "there is no tag 'vipp'", ("vip",)),
        (6, "no entity can be a Agent: it is abstract", ()),
        (7, "nothing tells one Person from another: a second run would add each again", ()),
        (9, "there is no predicate 'employs_'", ("employs",)),
        (10, "there is no type 'Persn'", ("Person",)),
        (10, "employs has no attribute 'roll'", ("role",)),
        (11, "likes has no dates: it is declared with time: none", ()),
    ]


@pytest.mark.parametrize(
    ("condition", "row", "holds"),
    [
        ("{column: a, is: x}", {"a": "x"}, True),
        ("{column: a, is: [x, y]}", {"a": "z"}, False),
        ("{column: a, is: 'true'}", {"a": True}, True),
        ("{column: a, is_not: x}", {"a": None}, True),
        ("{column: a, empty: yes}", {"a": ""}, True),
        ("{column: a, empty: no}", {"a": None}, False),
        ("{column: a, same_as: b}", {"a": 1, "b": "1"}, True),
        ("{column: a, same_as: b}", {"a": None, "b": None}, False),
        ("{column: a, like: 'Total*'}", {"a": "Total: 5"}, True),
    ],
)
def test_conditions(condition: str, row: dict[str, object], holds: bool) -> None:
    text = "source: s\ninputs: {a: {file: a.csv}}\nentities:\n  - {type: T, key: id, only_if: " + condition + "}\n"
    assert ImportMapping.from_text(text).entities[0].filters.meant(row) is holds


def test_every_key_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "mapping-files.md").read_text(encoding="utf-8")
    named = set(re.findall(r"[a-z_]+", page))
    keys = {*TOP_KEYS, *INPUT_KEYS, *ENTITY_KEYS, *RELATION_KEYS, *CELL_KEYS, *END_KEYS, *CONDITION_KEYS}
    options = {one.name for reader in READERS.values() for one in fields(reader)}
    assert (keys | options) - named == set()


@given(st.data())
def test_a_broken_document_is_a_clear_error(data: st.DataObject) -> None:
    lines = GOOD.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        line = lines[place]
        cut = data.draw(st.integers(0, len(line)))
        lines[place] = (
            line[:cut] + data.draw(st.sampled_from(["", "{", "}", "[", ": ", "- ", "~", "x", "\t"])) + line[cut + 1 :]
        )
    try:
        mapping = ImportMapping.from_text("\n".join(lines))
    except LoadError:
        return
    mapping.check(VOCABULARY)
