"""One example for each class of error, run to make the page about errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Final

from relgraph.errors import AuthenticationFailed, RelgraphError, StoreFull

SAMPLE: Final = '''
import relgraph

WORDS = relgraph.Vocabulary.from_text("""
vocabulary: errors
types:
  Person: {fields: {name: {type: text, required: true}}}
  Company:
    fields:
      name: {type: text, required: true}
      sector: {type: choice, choices: [Steel, Media]}
      vat: {type: text, unique: true}
  Bank: {extends: [Company]}
tags:
  banned: {types: [Company]}
predicates:
  owns:
    inverse: owned_by
    subject: [Person, Company]
    object: [Company]
    attributes: {share: percent}
    acyclic: true
    sum: {attribute: share, per: object, max: 100%}
  banks_with: {inverse: banks_for, subject: [Company], object: [Bank], max_objects: 1}
  supplies: {inverse: supplied_by, subject: [Company], object: [Company], object_tags: {none: [banned]}}
  audits: {inverse: audited_by, subject: [Company], object: [Company], time: none}
  sponsors: {inverse: sponsored_by, enabled: false}
""")


def sample(path=None, **options):
    """Return a small network: ACME owns Bolt, and banks with Alpha."""
    graph = relgraph.open(path, vocabulary=WORDS, **options)
    with graph.transaction() as tx:
        tx.add("Company", id="acme", name="ACME", vat="FR-1")
        tx.add("Company", id="bolt", name="Bolt")
        tx.add("Company", id="cargo", name="Cargo", tags=["banned"])
        tx.add("Bank", id="alpha", name="Alpha")
        tx.add("Bank", id="beta", name="Beta")
        tx.add("Person", id="ana", name="Ana")
        tx.relate("acme", "owns", "bolt", id="stake", share="60%", since="2020-01-01")
        tx.relate("acme", "banks_with", "alpha", since="2020-01-01")
    return graph
'''

EXAMPLES: Final[Mapping[str, str]] = {
    "VocabularyError": 'relgraph.Vocabulary.from_text("vocabulary: x\\ntypes:\\n  Company: {fild: {name: text}}\\n")',
    "VocabularyErrors": """
        relgraph.Vocabulary.from_text('''
        vocabulary: x
        types:
          Company: {extends: [Organisation], fields: {name: txt}}
        predicates:
          owns: {inverse: owned_by, subject: [Company], acyclic: true, irreflexive: false}
        ''')
    """,
    "ValueProblem": 'relgraph.Percent("half")',
    "TypeRuleError": """
        graph = sample()
        graph.relate("bolt", "owns", "ana")
    """,
    "TagRuleError": """
        graph = sample()
        graph.relate("bolt", "supplies", "cargo")
    """,
    "DuplicateRelationError": """
        graph = sample()
        graph.relate("acme", "owns", "bolt", since="2022-01-01")
    """,
    "CardinalityError": """
        graph = sample()
        graph.relate("acme", "banks_with", "beta", since="2021-01-01")
    """,
    "CycleError": """
        graph = sample()
        graph.relate("bolt", "owns", "acme", since="2020-01-01")
    """,
    "SumError": """
        graph = sample()
        graph.relate("ana", "owns", "bolt", share="50%", since="2020-01-01")
    """,
    "SelfRelationError": """
        graph = sample()
        graph.relate("acme", "supplies", "acme")
    """,
    "DisabledPredicateError": """
        graph = sample()
        graph.relate("acme", "sponsors", "bolt")
    """,
    "FieldError": """
        graph = sample()
        graph.add("Company", name="Dorn", sector="Steal")
    """,
    "RequiredFieldError": """
        graph = sample()
        graph.add("Company", sector="Steel")
    """,
    "UniqueFieldError": """
        graph = sample()
        graph.add("Company", id="dorn", name="Dorn", vat="FR-1")
    """,
    "PeriodError": """
        graph = sample()
        graph.relate("ana", "owns", "bolt", since="2024-05-01", until="2024-01-01")
    """,
    "InUseError": """
        graph = sample()
        graph.delete("bolt")
    """,
    "FrozenError": """
        graph = sample()
        graph.trash("bolt")
        graph.relate("ana", "owns", "bolt")
    """,
    "SourceConflictError": """
        graph = sample()
        graph.merge_relation("ana", "owns", "alpha", share="10%", source="register")
        graph.merge_relation("ana", "owns", "alpha", share="20%", source="press")
    """,
    "RuleErrors": """
        graph = sample()
        rows = [
            {"subject": "bolt", "object": "cargo"},
            {"subject": "bolt", "object": "alpha"},
            {"subject": "ana", "object": "alpha"},
        ]
        graph.relate_many("supplies", rows)
    """,
    "QuerySyntaxError": """
        graph = sample()
        graph.query('find Company owns 3 "ACME"')
    """,
    "QueryNameError": """
        graph = sample()
        graph.query('find Company ownes "ACME"')
    """,
    "QueryTypeError": """
        graph = sample()
        graph.query('find Company[name > 5]')
    """,
    "QueryLimitError": """
        graph = sample()
        graph.query("find Company", limit=2_000_000)
    """,
    "QueryTimeout": """
        graph = sample()
        graph.query("find Company owned_by+ anything", timeout=0)
    """,
    "NotFound": """
        graph = sample()
        graph.entity("ACNE")
    """,
    "AmbiguousName": """
        graph = sample()
        graph.add("Company", id="acme-2", name="Acme")
        graph.entity("acme")
    """,
    "ConflictError": """
        graph = sample()
        stake = graph.relation("stake")
        graph.update("stake", share="55%")
        graph.update(stake, share="50%")
    """,
    "UndoError": """
        graph = sample()
        with graph.transaction() as tx:
            tx.add("Company", id="dorn", name="Dorn")
        graph.relate("ana", "owns", "dorn", id="later")
        graph.undo(tx.number)
    """,
    "LoadError": """
        graph = sample()
        graph.load("mapping.yaml")
    """,
    "Cancelled": """
        graph = sample()
        graph.query("find Company owned_by+ anything", cancelled=lambda: True)
    """,
    "CapabilityError": """
        graph = sample()
        graph.cypher("MATCH (n) RETURN n")
    """,
    "StoreUnavailable": 'relgraph.open("nowhere/market.db")',
    "StoreFormatError": """
        import pathlib
        pathlib.Path("letter.db").write_text("Dear Sir or Madam, " * 100)
        relgraph.open("letter.db")
    """,
    "StoreLocked": """
        one = sample("busy.db")
        two = relgraph.open("busy.db", timeout=0.1)
        with one.store.write():
            two.add("Company", name="Dorn")
    """,
    "ReadOnlyError": """
        sample("archive.db").close()
        graph = relgraph.open("archive.db", read_only=True)
        graph.add("Company", name="Dorn")
    """,
}


def _refused() -> RelgraphError:
    from neo4j.exceptions import AuthError  # noqa: PLC0415 - the driver is an extra

    from relgraph.engines.neo4j.failures import as_ours  # noqa: PLC0415 - the same

    error = AuthError._hydrate_neo4j(  # noqa: SLF001 - as the driver makes it of what a server says
        code="Neo.ClientError.Security.Unauthorized",
        message="The client is unauthorized due to authentication failure.",
    )
    return as_ours(error, "neo4j://localhost:7687")


def _full() -> RelgraphError:
    from relgraph.engines.sqlite.connection import translated  # noqa: PLC0415 - used here only

    # a full disk cannot be made in passing, so a small limit on the file stands for it
    database = sqlite3.connect(":memory:")
    try:
        database.execute("PRAGMA max_page_count = 1")
        database.execute("CREATE TABLE rows (row)")
    except sqlite3.Error as error:
        return translated(error, "market.db")
    finally:
        database.close()
    raise AssertionError


BY_SERVER: Final[Mapping[str, tuple[str, Callable[[], RelgraphError]]]] = {
    AuthenticationFailed.__name__: ("When a server refuses the user or password, it says:", _refused),
    StoreFull.__name__: ("When the disk of a file is full, it says:", _full),
}
"""Errors whose cause lies outside: when they come, and the error made from that cause."""
