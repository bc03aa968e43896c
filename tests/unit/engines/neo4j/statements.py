"""Statements written without a server: names of entities are numbers that the tests make up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, cast

import numpy as np

from relgraph.engines.neo4j.cypher.statement import Statement, required_and_optional, written
from relgraph.engines.neo4j.cypher.ways import Ways, ways
from relgraph.engines.neo4j.names import Names
from relgraph.network.execute.names import parts_of
from relgraph.network.execute.run import Clock, Limits, Run
from relgraph.network.execute.scalars import Zoned
from relgraph.network.execute.source import NetworkSource
from relgraph.query import ir
from relgraph.query.bind import bind
from relgraph.vocabulary.model import Vocabulary

GOLDEN = Path(__file__).parent / "golden"
DAY = date(2021, 6, 1)
VOCABULARY = Vocabulary.from_text("""
vocabulary: market
types:
  Organization: {abstract: true, fields: {name: {type: text, required: true}, country: country}, caption: [name]}
  Company: {extends: [Organization], fields: {sector: text, size: integer, revenue: money, founded: partial date}}
  Bank: {extends: [Company]}
  Person: {fields: {name: text, country: country, born: date, seen: datetime, tall: decimal, active: boolean}}
tags: {vip: {}}
predicates:
  owns: {inverse: owned_by, subject: [Person, Organization], object: [Organization],
         attributes: {share: percent, note: text}}
  controls: {inverse: controlled_by, subject: [Person, Organization], object: [Organization], implies: [influences]}
  influences: {inverse: influenced_by}
  supplies: {inverse: supplied_by, subject: [Organization], object: [Organization], attributes: {value: money}}
  customer_of: {inverse: serves, subject: [Organization], object: [Organization]}
  partner_of: {symmetric: true, subject: [Organization], object: [Organization]}
  competes_with: {symmetric: true, subject: [Organization], object: [Organization]}
  lends: {inverse: borrows_from, attributes: {rate: {type: percent, required: true}}}
  employed_by: {inverse: employs, subject: [Person], object: [Organization], attributes: {role: text, pay: integer}}
derived:
  in_group_of: {inverse: group_includes, over: owned_by}
  works_in_group_of: {inverse: group_employs, path: [employed_by, in_group_of]}
""")


def run_of(bound: ir.BoundQuery, given: Mapping[str, object] | None = None) -> Run:
    """Return a run in which each entity that is named has a number of its own."""
    members: dict[ir.Member, Any] = {}
    for one in parts_of(bound.query):
        if isinstance(one, ir.Named | ir.EntityId | ir.Me | ir.Us):
            members.setdefault(one, np.array([len(members) + 1]))
        if isinstance(one, ir.Parameter) and one.kind == "entity":
            members.setdefault(one, np.array([101, 102]))
    parameters = {one: (given or {})[one.name] for one in bound.parameters if one.kind != "entity"}
    return Run(
        cast("NetworkSource", None),
        VOCABULARY,
        zone=Zoned("UTC"),
        today=DAY,
        parameters=parameters,
        members=members,
        limits=Limits(),
        clock=Clock(None),
    ).within(bound.query.time)


def statement(text: str, **given: object) -> Statement | Ways:
    """Return the statement of a find, with all of its optional parts, or of shortest paths."""
    bound = bind(text, VOCABULARY)
    if isinstance(bound.query, ir.Paths):
        predicates = frozenset(VOCABULARY.predicates)
        return ways(run_of(bound, given), Names(VOCABULARY), predicates, bound.query, has_all=lambda *_: True)
    if not isinstance(bound.query, ir.Find):
        raise TypeError(text)
    _, optional = required_and_optional(bound.query)
    return written(run_of(bound, given), Names(VOCABULARY), frozenset(VOCABULARY.predicates), bound.query, optional)
