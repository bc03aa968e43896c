"""Search finds the same on every store, whatever the script; which of the hits comes first is the same by rule."""

from __future__ import annotations

import pytest

import relgraph
from tests.conformance.conftest import Opening

VOCABULARY = relgraph.Vocabulary.from_text("""
vocabulary: names
types:
  Company: {fields: {name: text, note: text, nicknames: {type: text, list: true}}, caption: [name],
            search: [name, note, nicknames]}
  Person: {fields: {name: text, note: text}, caption: [name], search: [name]}
predicates: {knows: {inverse: known_by}}
""")
NAMES = {
    "steel": "ACME Steel",
    "acme": "ACME",
    "generale": "Société Générale",
    "maersk": "Møller–Mærsk",
    "strasse": "Straße & Söhne",
    "tepco": "東京電力ホールディングス",
    "sinopec": "中国石油化工集团",
    "samsung": "삼성전자",
    "thai": "บริษัทไทย",
    "gazprom": "Газпром",
    "rail": "Acme Rail",
    "hindi": "हिन्दी कंपनी",
    "adlam": "𞤀𞤣𞤤𞤢𞤥 𬭚",
    "acmex": "Acmex",
    "numbers": "Route 66 GmbH",
    "lower": "under_score",
    "arabic": "شركة النفط",
    "right": "O’Neill's \U0001f600 Café",
}


@pytest.fixture
def graph(opening: Opening) -> relgraph.Graph:
    made = opening(VOCABULARY)
    with made.transaction() as tx:
        for key, name in NAMES.items():
            tx.add("Company", id=key, name=name)
        tx.add("Company", id="beside", name="Ann Lee", note="once of Acme, in Zürich", nicknames=["Änne", "東洋"])
        tx.add("Person", id="person", name="Acme Fan", note="unsearched words")
    return made


def found(graph: relgraph.Graph, text: str, *types: str) -> list[str]:
    return [one.id for one in graph.search(text, types=types)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("societe", ["generale"]),
        ("SOCIÉTÉ gen", ["generale"]),
        ("gen soc", ["generale"]),
        ("moller", ["maersk"]),
        ("mærsk", ["maersk"]),
        ("strasse", ["strasse"]),
        ("STRASSE söhne", ["strasse"]),
        ("東京", ["tepco"]),
        ("電力", ["tepco"]),
        ("京電力", ["tepco"]),
        ("ホール", ["tepco"]),
        ("東", ["beside", "tepco"]),
        ("東洋", ["beside"]),
        ("石油", ["sinopec"]),
        ("油", ["sinopec"]),
        ("中国集团", []),
        ("京東", []),
        ("전자", ["samsung"]),
        ("ไทย", ["thai"]),
        ("ГАЗ", ["gazprom"]),
        ("कंप", ["hindi"]),
        ("कंपनी", ["hindi"]),
        ("हिन्दी", ["hindi"]),
        ("𞤀𞤣", ["adlam"]),
        ("𬭚", ["adlam"]),
        ("anne", ["beside"]),
        ("zurich", ["beside"]),
        ("ste acm", ["steel"]),
        ("acme zinc", []),
        ("acm", ["acme", "acmex", "beside", "person", "rail", "steel"]),
        ("acme", ["acme", "acmex", "beside", "person", "rail", "steel"]),
        ("cme", []),
        ("66", ["numbers"]),
        ("6", ["numbers"]),
        ("score", ["lower"]),
        ("under", ["lower"]),
        ("النفط", ["arabic"]),
        ("neill", ["right"]),
        ("cafe", ["right"]),
        ("unsearched", []),
        ("", []),
        ("* ' -", []),
        ('acme" OR note:zinc', []),
        ("acme AND", []),
        ("-acme", ["acme", "acmex", "beside", "person", "rail", "steel"]),
    ],
)
def test_the_same_is_found_on_every_store(text: str, ids: list[str], graph: relgraph.Graph) -> None:
    assert sorted(found(graph, text)) == ids


def test_an_equal_name_comes_first_and_words_beside_the_name_last(graph: relgraph.Graph) -> None:
    for text in ("acme", "ACME", "ácme"):
        hits = found(graph, text)
        assert hits[0] == "acme"
        assert hits[-1] == "beside"
    assert found(graph, "acme", "Person") == ["person"]
    # of names that are alike in every way the order is theirs
    with graph.transaction() as tx:
        for name in ("Twin B", "Twin A", "Twin C"):
            tx.add("Company", name=name)
    assert [one.name for one in graph.search("twin")] == ["Twin A", "Twin B", "Twin C"]


def test_what_is_changed_trashed_or_restored_is_found_as_it_is(graph: relgraph.Graph) -> None:
    graph.update("steel", name="Iron Works")
    assert found(graph, "steel") == []
    assert found(graph, "iron") == ["steel"]
    graph.trash("steel")
    assert found(graph, "iron") == []
    graph.restore("steel")
    assert found(graph, "iron") == ["steel"]
    graph.merge(keep="rail", other="steel")
    assert found(graph, "iron") == []
