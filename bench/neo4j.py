"""A Neo4j server through relgraph, against the best hand-written Cypher and against neomodel, and against the file.

All on one server, over the same nodes and relationships with the same properties and indexes. Each question is put by
a session's ``run``, as ours are. What is answered is compared before anything is timed.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import neo4j

import relgraph
from bench.cypher import QUESTIONS, Cypher, Question
from bench.measure import Size, Times, apart, by_turns
from bench.peers import DAY
from bench.served import emptied, loaded_by_hand, loaded_by_us
from bench.stores import loaded, progress
from bench.table import Table, megabytes, milliseconds, ratio
from relgraph.exchange.generate import GeneratedNetwork, generate
from tests.servers.neo4j import Server, ServerError, holds_anything, running, versions

CASES = 60
CHECKED = 10
TURNS = 3
ONE_TURN = 300_000
"""From so many relations on, a load is measured once."""
MAPPED = 2_000
"""So many entities and relations are loaded by neomodel, which saves each relation by itself."""
NEOMODEL = "7.0.0"
_HEAP = {"small": "1g", "medium": "3g", "large": "8g"}


def tables(size: Size) -> Iterator[Table]:
    """Yield the tables of this program."""
    os.environ.setdefault("NEO4J_HEAP", _HEAP[size.name])
    version = versions()[0]
    progress(f"starting Neo4j ({version})")
    with running(version, settings={"server.memory.pagecache.size": "1g"}, warm=True) as server:
        if holds_anything(server):
            raise ServerError(f"{server.uri} holds something: name an empty database, which is filled and emptied")
        try:
            yield from _served(server, size)
        finally:
            emptied(server)


def _served(server: Server, size: Size) -> Iterator[Table]:
    network = generate(size.entities, size.relations)
    python = environment()
    yield _loads(server, network, size, python)
    with (
        loaded(size) as path,
        neo4j.GraphDatabase.driver(server.uri, auth=server.auth) as driver,
        relgraph.open(server.uri, auth=server.auth, database=server.database) as graph,
        relgraph.open(path) as embedded,
    ):
        peer = Cypher(driver, server.database)
        cases = {name: _cases(network, question) for name, question in QUESTIONS.items()}
        mapped = _mapped(server, python, {"questions": _told(cases)})
        yield _questions(graph, embedded, peer, mapped, cases)


# -- loads -----------------------------------------------------------------------------------------------------------


def _loads(server: Server, network: GeneratedNetwork, size: Size, python: str) -> Table:
    """Load by turns, and leave what relgraph has loaded."""
    took: dict[str, list[Mapping[str, float]]] = {"relgraph": [], "raw": []}
    there = replace(server, process=None)
    turns = 1 if size.relations >= ONE_TURN else TURNS
    for turn in range(turns):
        progress(f"loading {size} by batched UNWIND, {turn + 1} of {turns}")
        emptied(server)
        took["raw"].append(apart(loaded_by_hand, there, size))
        if turn == 0:
            progress("loading by neomodel")
            by_mapper: Mapping[str, float] = _mapped(server, python, {"load": _mapped_rows(network)})["load"]
        emptied(server)
        progress(f"loading {size} by relgraph, {turn + 1} of {turns}")
        took["relgraph"].append(apart(loaded_by_us, there, size))
    table = Table(
        "A load with every rule on, against batched UNWIND without rules",
        (
            "load",
            "rows",
            "relgraph, s",
            "UNWIND, s",
            "rate of UNWIND's",
            "rows/s",
            "UNWIND, rows/s",
            "neomodel, rows/s",
            "memory, MB",
        ),
        note=(
            f"Medians of {turns} by turns into an emptied database with the same indexes; the goal is 50 % of UNWIND's"
            f" rate. Each in a process of its own; the memory is relgraph's over the whole load, beside the rows given."
            f" neomodel makes {MAPPED:,} companies in one statement and relates them in one transaction."
        ),
    )
    for part, rows in (("entities", network.entity_count), ("relations", network.relation_count)):
        ours, raw = (Times(tuple(one[part] for one in took[who])).median for who in ("relgraph", "raw"))
        table.add(
            part,
            f"{rows:,}",
            f"{ours:.2f}",
            f"{raw:.2f}",
            f"{100 * raw / ours:.0f} %",
            f"{rows / ours:,.0f}",
            f"{rows / raw:,.0f}",
            f"{MAPPED / by_mapper[part]:,.0f}",
            megabytes(max(one["held"] for one in took["relgraph"])) if part == "relations" else "",
        )
    return table


def _mapped_rows(network: GeneratedNetwork) -> dict[str, Any]:
    companies = dict(network.entities())["Company"]
    rows = [
        {"uid": f"m{number}", **{name: one[name] for name in ("name", "sector", "country", "employees")}}
        for number, one in zip(range(MAPPED), companies, strict=False)
    ]
    draw = random.Random(3)
    relations = [
        {
            "uid": f"r{number}",
            "subject": draw.choice(rows)["uid"],
            "object": draw.choice(rows)["uid"],
            "volume": number,
            "since": "2020-01-01",
        }
        for number in range(MAPPED)
    ]
    return {"companies": rows, "relations": relations}


# -- questions -------------------------------------------------------------------------------------------------------


def _cases(network: GeneratedNetwork, question: Question) -> list[dict[str, str]]:
    draw = random.Random(11)
    some = [
        dict(zip(question.ends, draw.sample(range(network.companies), len(question.ends)), strict=True))
        for _ in range(CASES + 10)
    ]
    return [{name: f"c{at}" for name, at in one.items()} for one in some]


def _told(cases: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    return {
        name: {
            "statement": QUESTIONS[name].statement,
            "kind": QUESTIONS[name].kind,
            "day": DAY.isoformat(),
            "cases": some,
        }
        for name, some in cases.items()
    }


def _questions(
    graph: relgraph.Graph,
    embedded: relgraph.Graph,
    peer: Cypher,
    mapped: Mapping[str, Any],
    cases: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Table:
    table = Table(
        "Questions on one server",
        ("question", "relgraph", "Cypher", "neomodel", "of Cypher", "of neomodel", "embedded", "server to embedded"),
        note=(
            f"Milliseconds, median / 95th percentile of {CASES} different starts; prepared questions; the goal is 1.10×"
            " of Cypher. neomodel runs in a process of its own, before; * marks what its own interface can say, the"
            " rest is the statement through its cypher_query. The embedded file is read by the same questions."
        ),
    )
    for name, question in QUESTIONS.items():
        progress(f"questions: {name}")
        ask = peer.asker(question)
        prepared, beside = graph.prepare(question.words), embedded.prepare(question.words)
        for at, case in enumerate(cases[name][:CHECKED]):
            _agree(
                f"{name}, {case}",
                {
                    "relgraph": question.of_ours(prepared(**case)),
                    "embedded": question.of_ours(beside(**case)),
                    "Cypher": question.of_rows(ask(case)),
                    "neomodel": mapped[name]["answers"][at],
                },
            )
        contenders: dict[str, Callable[[Mapping[str, Any]], object]] = {
            "relgraph": lambda case, one=prepared: one(**case),  # type: ignore[misc]
            "Cypher": ask,
            "embedded": lambda case, one=beside: one(**case),  # type: ignore[misc]
        }
        times = by_turns(contenders, cases[name], warm=10)
        times["neomodel"] = Times(tuple(mapped[name]["seconds"][10:]))
        ours = times["relgraph"].median
        mark = " *" if mapped[name]["own"] else ""
        table.add(
            name,
            _shown(times["relgraph"]),
            _shown(times["Cypher"]),
            _shown(times["neomodel"]) + mark,
            ratio(ours, times["Cypher"].median),
            ratio(ours, times["neomodel"].median),
            _shown(times["embedded"]),
            ratio(ours, times["embedded"].median),
        )
    return table


def _shown(times: Times) -> str:
    return f"{milliseconds(times.median)} / {milliseconds(times.high)}"


def _agree(what: str, answers: Mapping[str, object]) -> None:
    expected = answers["Cypher"]
    for name, answer in answers.items():
        if answer != expected:
            raise AssertionError(f"{what}: {name} answers {answer!r}, Cypher {expected!r}"[:2000])


# -- neomodel --------------------------------------------------------------------------------------------------------


def environment() -> str:
    """Return the Python of an environment with neomodel, made the first time: it holds an older driver fast."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "relgraph" / f"neomodel-{NEOMODEL}"
    python = cache / "bin" / "python"
    done = cache / "complete"
    if not done.exists():
        progress(f"making an environment with neomodel {NEOMODEL}, once")
        _run(sys.executable, "-m", "venv", str(cache))
        _run(str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", f"neomodel=={NEOMODEL}")
        done.touch()
    return str(python)


def _mapped(server: Server, python: str, work: Mapping[str, Any]) -> dict[str, Any]:
    """Have neomodel do some work in its own environment, and return what it tells."""
    progress("neomodel")
    scheme, place = server.uri.split("://", 1)
    user, password = server.auth
    told = {"url": f"{scheme}://{user}:{password}@{place}/{server.database}", **work}
    # without the folder of the program in its path, where a module has the driver's name
    found: dict[str, Any] = json.loads(_run(python, "-P", str(Path(__file__).with_name("mapped.py")), said=told))
    return found


def _run(*command: str, said: Mapping[str, Any] | None = None) -> str:
    """Run a program of ours, or one that makes its environment, and return what it prints."""
    done = subprocess.run(  # noqa: S603 - nothing in it comes from elsewhere
        command, input=json.dumps(said or {}), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout
