"""Questions against peers that hold the same network: arrays, networkx, rustworkx, and SQL over the same file.

What each contender answers is compared with every other's before anything is timed. All take the same cases by turns,
in time of the processor: nothing of this waits for a disk, and what else the machine does has no say.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

import relgraph
from bench.measure import Size, Times, apart, by_turns, memory
from bench.peers import DAY, Arrays, Networkx, Peer, Rustworkx, Sql, Walk
from bench.stores import loaded, progress
from bench.table import Table, megabytes, milliseconds, ratio
from relgraph.exchange.generate import GeneratedNetwork, generate

CASES = 200
CHECKED = 40
OPENINGS = 11
TEXTS = 200
SHOWN = 1_000

_ON = DAY.isoformat()
_EVER = " as of any time"
WALKS: Mapping[str, tuple[str, Walk]] = {
    "1 hop": (f"Company supplied_by $c{_EVER}", Walk((("supplies", True),))),
    "1 hop, dated": (f"Company supplied_by $c as of {_ON}", Walk((("supplies", True),), dated=True)),
    "2 hops": (f"Company supplied_by Company supplied_by $c{_EVER}", Walk((("supplies", True),) * 2)),
    "3 hops, dated": (
        f"Person works_for Company owned_by Company supplied_by $c as of {_ON}",
        Walk((("supplies", True), ("owns", True), ("works_for", False)), dated=True),
    ),
    "reach 1..4": (f"Company owned_by{{1..4}} $c{_EVER}", Walk((("owns", True),), least=1, most=4)),
    "range 2..3": (f"Company owned_by{{2..3}} $c{_EVER}", Walk((("owns", True),), least=2, most=3)),
}
"""Each question after 'find' or 'how many', and the walk from the entity that is given which answers it."""
PATH = f"find shortest path as way from $a to $b via supplies{{1..6}} show way.hops{_EVER}"


def tables(size: Size) -> Iterator[Table]:
    """Yield the tables of this program."""
    with loaded(size) as path:
        yield from apart_tables(path, size)
        network = generate(size.entities, size.relations)
        progress("making the peers")
        peers = _peers(network, path)
        with relgraph.open(path) as graph:
            starts = _starts(network, CASES)
            yield _walks("How many there are", graph, peers, starts, counted=True)
            yield _walks(f"The first {SHOWN:,} by name and id, as entities", graph, peers, starts, counted=False)
            yield _paths(graph, peers, network)
            yield _texts(graph)
        fewer = Size("fewer", size.entities // 5, size.relations // 5)
        with loaded(fewer) as other:
            yield _growth(fewer, other, size, path)


def apart_tables(path: str, size: Size) -> Iterator[Table]:
    """Yield what is measured in processes of their own: opening, memory, the way to networkx."""
    progress("opening")
    table = Table("Opening", ("step", "median, ms", "95th, ms", "goal"))
    found = [apart(opened, path) for _ in range(OPENINGS)]
    steps = (("open", "100"), ("the first question of the process", ""), ("the same question again", ""))
    for (step, goal), taken in zip(steps, zip(*found, strict=True), strict=True):
        times = Times(taken)
        table.add(step, milliseconds(times.median), milliseconds(times.high), goal)
    table.note = f"Each of {OPENINGS} times in a new process."
    yield table

    progress("memory")
    table = Table("Memory of a network that is asked", ("held by", "MB", "of networkx", "goal"))
    held = {name: apart(work, path, size) for name, work in HOLDERS.items()}
    for name, many in held.items():
        table.add(name, megabytes(many), ratio(many, held["networkx"]), "0.25×" if name == "relgraph" else "")
    table.note = "Resident memory over what the process held before, every walk asked once."
    yield table

    progress("to_networkx")
    table = Table("The whole network as a networkx graph", ("made by", "s", "of row by row"))
    through, by_hand = apart(converted, path), apart(built_by_hand, size)
    table.add("graph.to_networkx()", f"{through:.2f}", ratio(through, by_hand))
    table.add("add_edge, row by row, from rows in memory", f"{by_hand:.2f}", ratio(by_hand, by_hand))
    yield table


def _peers(network: GeneratedNetwork, path: str) -> dict[str, Peer]:
    return {
        "arrays": Arrays(network),
        "networkx": Networkx(network),
        "rustworkx": Rustworkx(network),
        "SQL": Sql(network, path),
    }


def _starts(network: GeneratedNetwork, count: int) -> list[int]:
    draw = random.Random(7)
    return [network.people + draw.randrange(network.companies) for _ in range(count + 3)]


# -- walks -----------------------------------------------------------------------------------------------------------


def _counted(peer: Peer, walk: Walk) -> Callable[[int], object]:
    return lambda start: peer.count(walk, start)


def _listed(peer: Peer, walk: Walk) -> Callable[[int], object]:
    return lambda start: peer.first(walk, start, SHOWN)


def _ours(graph: relgraph.Graph, network: GeneratedNetwork, question: str) -> Callable[[int], object]:
    prepared = graph.prepare(question)
    if question.startswith("how many"):
        return lambda start: prepared(c=network.id(start)).one()
    return lambda start: [one.id for one in prepared(c=network.id(start)).scalars()]


def _walks(
    title: str, graph: relgraph.Graph, peers: Mapping[str, Peer], starts: Sequence[int], *, counted: bool
) -> Table:
    table = Table(title, _columns(peers))
    network = next(iter(peers.values())).network
    for name, (text, walk) in WALKS.items():
        progress(f"{title.lower()}: {name}")
        contenders = {
            "relgraph": _ours(graph, network, f"{'how many' if counted else 'find'} {text}"),
            **{one: (_counted if counted else _listed)(peer, walk) for one, peer in peers.items()},
        }
        _compare(name, contenders, starts[:CHECKED])
        times = by_turns(contenders, starts)
        many = statistics.median(peers["arrays"].count(walk, start) for start in starts)
        _add(table, name, many, times)
    table.note = "Milliseconds of the processor, median / 95th percentile; prepared questions."
    return table


def _columns(peers: Mapping[str, Peer]) -> tuple[str, ...]:
    return ("question", "found", "relgraph", *peers, "of arrays", "of networkx", "95th of networkx's")


def _add(table: Table, name: str, many: float, times: Mapping[str, Times]) -> None:
    ours, arrays, theirs = times["relgraph"], times["arrays"], times["networkx"]
    table.add(
        name,
        f"{many:,.0f}",
        *(f"{milliseconds(one.work)} / {milliseconds(one.work_high)}" for one in times.values()),
        ratio(ours.work, arrays.work),
        ratio(ours.work, theirs.work),
        ratio(ours.work_high, theirs.work_high),
    )


def _compare(name: str, contenders: Mapping[str, Callable[[int], object]], cases: Sequence[int]) -> None:
    for case in cases:
        answers = {one: work(case) for one, work in contenders.items()}
        expected = answers["relgraph"]
        for one, answer in answers.items():
            if answer != expected:
                raise AssertionError(f"{name}, case {case}: {one} answers {answer!r}, relgraph {expected!r}"[:2000])


def _paths(graph: relgraph.Graph, peers: Mapping[str, Peer], network: GeneratedNetwork) -> Table:
    progress("shortest paths")
    table = Table("Shortest paths between two entities, up to 6 hops", _columns(peers))
    prepared = graph.prepare(PATH)
    starts = _starts(network, 2 * CASES)
    pairs = [(a, b) for a, b in zip(starts[::2], starts[1::2], strict=False) if a != b]
    cases = list(range(len(pairs)))

    def ours(case: int) -> int | None:
        a, b = pairs[case]
        found = prepared(a=network.id(a), b=network.id(b))
        return int(found[0][0]) if found else None

    contenders: dict[str, Callable[[int], object]] = {"relgraph": ours}
    for name, peer in peers.items():
        contenders[name] = lambda case, peer=peer: peer.hops("supplies", *pairs[case], 6)  # type: ignore[misc]
    _compare("shortest path", contenders, cases[:CHECKED])
    times = by_turns(contenders, cases)
    _add(table, "shortest path", statistics.median(ours(case) or 0 for case in cases), times)
    table.note = "'found' is the number of hops; the goal is 1.5× networkx. Each looks from both ends."
    return table


# -- texts -----------------------------------------------------------------------------------------------------------


def _texts(graph: relgraph.Graph) -> Table:
    progress("texts")
    table = Table("From text to rows", ("text", "median, ms", "95th, ms", "over prepared, ms", "goal"))
    text = f"find Company supplied_by $c as of {_ON} limit 20"
    prepared = graph.prepare(text)
    numbers = iter(range(10**6))
    contenders: dict[str, Callable[[str], object]] = {
        "prepared": lambda one: list(prepared(c=one)),
        "the same text again": lambda one: list(graph.query(text, c=one)),
        "a new text": lambda one: list(
            graph.query(f"find Company supplied_by $c as of {_ON} limit {20 + next(numbers)}", c=one)
        ),
        "a new text of three hops": lambda one: list(
            graph.query(
                f"find Person works_for Company owned_by[share > {next(numbers) % 99}.{next(numbers) % 99}%]"
                f" Company supplied_by $c as of {_ON} limit 20",
                c=one,
            )
        ),
    }
    times = by_turns(contenders, [f"c{one}" for one in range(TEXTS)])
    base = times["prepared"].work
    goals = {"the same text again": "0.1 over", "a new text": "2 over"}
    for name, one in times.items():
        over = "" if name == "prepared" or "three" in name else milliseconds(one.work - base)
        table.add(name, milliseconds(one.work), milliseconds(one.work_high), over, goals.get(name, ""))
    return table


# -- growth ----------------------------------------------------------------------------------------------------------


def _growth(fewer: Size, small: str, size: Size, large: str) -> Table:
    progress("growth")
    table = Table(
        "Five times the data, the same neighborhood",
        ("question", f"{fewer.relations:,} relations, ms", f"{size.relations:,} relations, ms", "ratio", "goal"),
    )
    with relgraph.open(small) as one, relgraph.open(large) as other:
        for name, (text, walk) in WALKS.items():
            graphs = {
                "small": (one, generate(fewer.entities, fewer.relations)),
                "large": (other, generate(size.entities, size.relations)),
            }
            works: dict[str, Callable[[int], object]] = {}
            rows = 0
            for key, (graph, network) in graphs.items():
                prepared = graph.prepare(f"how many {text}")
                alike = _alike(Arrays(network), walk, _starts(network, 20 * CASES))
                rows = max(rows, len(alike))
                works[key] = lambda case, ask=prepared, alike=alike, network=network: ask(  # type: ignore[misc]
                    c=network.id(alike[case % len(alike)])
                ).one()
            times = by_turns(works, range(CASES))
            a, b = times["small"].work, times["large"].work
            table.add(name, milliseconds(a), milliseconds(b), ratio(b, a), "1.50×")
    table.note = "Entities whose answer has 10 to 30 entities, in both files."
    return table


def _alike(arrays: Arrays, walk: Walk, starts: Sequence[int]) -> list[int]:
    found = [start for start in starts if 10 <= arrays.count(walk, start) <= 30]
    return found[:CASES] or list(starts[:CASES])


# -- in processes of their own ---------------------------------------------------------------------------------------


def opened(path: str) -> list[float]:
    """Return the seconds of opening, of the first question, and of the same again."""
    at = [time.perf_counter()]
    with relgraph.open(path) as graph:
        at.append(time.perf_counter())
        for _ in range(2):
            list(graph.query("find Company supplied_by $c", c="c0"))
            at.append(time.perf_counter())
    return [after - before for before, after in pairwise(at)]


def _held_by_relgraph(path: str, _: Size) -> int:
    with relgraph.open(path) as graph:
        list(graph.query("find Person where name = $n", n="nobody"))
        before = memory()
        for text, _walk in WALKS.values():
            list(graph.query(f"find {text}", c="c0"))
        for text in ("knows $c", "partner_of $d", "paid $d"):
            list(graph.query(f"find anything {text}", params={text[-1]: "p0" if "knows" in text else "c0"}))
        return memory() - before


def _held_by_peer(make: Callable[[GeneratedNetwork], Peer], size: Size) -> int:
    network = generate(size.entities, size.relations)
    before = memory()
    peer = make(network)
    for _, walk in WALKS.values():
        peer.count(walk, network.people)
    return memory() - before


def _held_by_networkx(_: str, size: Size) -> int:
    return _held_by_peer(Networkx, size)


def _held_by_rustworkx(_: str, size: Size) -> int:
    return _held_by_peer(Rustworkx, size)


def _held_by_arrays(_: str, size: Size) -> int:
    return _held_by_peer(Arrays, size)


HOLDERS: Mapping[str, Callable[[str, Size], int]] = {
    "relgraph": _held_by_relgraph,
    "networkx": _held_by_networkx,
    "rustworkx": _held_by_rustworkx,
    "arrays": _held_by_arrays,
}


def converted(path: str) -> float:
    """Return the seconds of turning the network of a file into a networkx graph."""
    import networkx  # noqa: F401, ICN001, PLC0415 - importing it is not what is measured

    with relgraph.open(path) as graph:
        list(graph.query("find Person where name = $n", n="nobody"))
        begun = time.perf_counter()
        graph.to_networkx()
        return time.perf_counter() - begun


def built_by_hand(size: Size) -> float:
    """Return the seconds of building the same from generated rows, edge by edge."""
    import networkx as nx  # noqa: PLC0415 - only here

    network = generate(size.entities, size.relations)
    entities = [(name, list(rows)) for name, rows in network.entities()]
    relations = [(name, list(rows)) for name, rows in network.relations()]
    begun = time.perf_counter()
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for kind, rows in entities:
        for row in rows:
            made.add_node(row["id"], type=kind, **{key: value for key, value in row.items() if key != "id"})
    for predicate, rows in relations:
        for row in rows:
            rest = {key: value for key, value in row.items() if key not in {"subject", "object"}}
            made.add_edge(row["subject"], row["object"], predicate=predicate, **rest)
    return time.perf_counter() - begun
