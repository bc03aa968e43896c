"""One suite of cases for every store: `store` opens an empty network on the store of the run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

import relgraph
from tests.servers import neo4j as servers

Opening = Callable[..., relgraph.Graph]

SERVERS = tuple(f"neo4j {version}" for version in servers.versions())
WANTED = os.environ.get("RELGRAPH_ENGINES", "memory,file,neo4j").split(",")
# tests of one server stay in one process, so that each is started once
ENGINES = [pytest.param(one) for one in ("memory", "file") if one in WANTED]
ENGINES += [pytest.param(one, marks=pytest.mark.xdist_group(one)) for one in SERVERS if "neo4j" in WANTED]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    for mark in request.node.iter_markers("gap"):
        if name.startswith(mark.args[0]):
            pytest.xfail(f"declared gap: {mark.args[1]}")
    return name


@pytest.fixture
def opening(engine: str, neo4j_servers: Callable[[str], servers.Server], tmp_path: Path) -> Iterator[Opening]:
    """Return a function that opens the one network of this test, again and again if wanted."""
    opened: list[relgraph.Graph] = []
    location: str | None = None
    options: dict[str, object] = {}
    if engine == "file":
        location = str(tmp_path / "network.db")
    elif engine != "memory":
        running = neo4j_servers(engine.removeprefix("neo4j "))
        servers.erase(running)
        location, options = running.uri, {"auth": running.auth}

    def opening(vocabulary: relgraph.Vocabulary | None = None, **more: object) -> relgraph.Graph:
        graph = relgraph.open(location, vocabulary=vocabulary, **{**options, **more})  # type: ignore[arg-type]
        opened.append(graph)
        return graph

    yield opening
    for graph in opened:
        graph.close()


Once = Callable[..., AbstractContextManager[relgraph.Graph]]


@pytest.fixture(scope="module", params=ENGINES)
def once(
    request: pytest.FixtureRequest,
    neo4j_servers: Callable[[str], servers.Server],
    tmp_path_factory: pytest.TempPathFactory,
) -> Once:
    """Return a function that opens one network for all tests of a module, which leave it as it is."""
    location: str | None = None
    options: dict[str, object] = {}
    if request.param == "file":
        location = str(tmp_path_factory.mktemp("once") / "network.db")
    elif request.param != "memory":
        running = neo4j_servers(request.param.removeprefix("neo4j "))
        servers.erase(running)
        location, options["auth"] = running.uri, running.auth
    return partial(relgraph.open, location, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def words() -> relgraph.Vocabulary:
    """A small vocabulary with every kind of rule."""
    return relgraph.Vocabulary.from_text(
        """
vocabulary: market
types:
  Party: {abstract: true, fields: {name: {type: text, required: true}}, caption: [name], search: [name]}
  Person: {extends: [Party], fields: {born: date}}
  Company:
    extends: [Party]
    fields: {sector: {type: choice, choices: [Steel, Media]}, revenue: money, vat: {type: text, unique: true}}
  Bank: {extends: [Company]}
  Product: {fields: {name: text}}
tags:
  vip: {}
  listed: {types: [Company]}
  banned: {}
predicates:
  owns:
    inverse: owned_by
    reading: {en: owns, fr: possède}
    inverse_reading: {en: is owned by, fr: appartient à}
    subject: [Party]
    object: [Company]
    attributes: {share: {type: percent, min: 0%, max: 100%}}
    acyclic: true
    sum: {attribute: share, per: object, max: 100%}
  partner_of: {symmetric: true, subject: [Company], object: [Company], attributes: {level: text}}
  employed_by: {inverse: employs, subject: [Person], object: [Company], attributes: {role: text}}
  leads: {inverse: led_by, subject: [Person], object: [Company], implies: [employed_by], max_subjects: 1}
  banks_with: {inverse: banks_for, subject: [Company], object: [Bank], max_objects: 1}
  supplies: {inverse: supplied_by, subject: [Company], object: [Company], object_tags: {none: [banned]}, copiable: true}
  audited_by: {inverse: audits, subject: [Company], object: [Company], subject_tags: {all: [listed]}}
  paid: {inverse: paid_by, subject: [Party], object: [Party], unique: none, time: none, attributes: {amount: money}}
  knows: {symmetric: true, subject: [Person], object: [Person], unique: pair}
  retired: {inverse: retired_by, enabled: false}
  mirrors: {inverse: mirrored_by, internal: true}
  warns: {inverse: warned_by, subject: [Company], object: [Company], max_objects: {max: 1, level: warn}}
"""
    )


@pytest.fixture
def graph(opening: Opening, words: relgraph.Vocabulary) -> relgraph.Graph:
    return opening(words)
