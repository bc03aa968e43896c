"""Fifty readers and a writer at once, against servers that ``relgraph serve`` starts: one process, then two.

Every answer is looked at, and one that is an error is counted. With two processes the readers are shared out between
two servers of the same file; the writer stays with the first.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice
from pathlib import Path

from relgraph_web import Accounts, accounts_beside

import relgraph

READERS = 50
HUB = 10_000
"""How many relations the largest hub has."""
VIEW = 1_500
"""How many entities the largest view of the canvas has: what the site allows unless told otherwise."""
WORDS = relgraph.vocabulary(
    relgraph.entity_type("Company", fields={"name": "text"}, search="name"),
    relgraph.predicate("supplies", "supplied_by", subject="Company", object="Company"),
)


def fill(path: Path) -> tuple[str, str]:
    """Write a network with one large hub; return the ids of the hub and of an ordinary entity."""
    with relgraph.open(path, vocabulary=WORDS) as graph, graph.transaction() as tx:
        tx.add_many("Company", [{"id": f"c{number}", "name": f"Company {number}"} for number in range(HUB + 1)])
        ends = [("c0", f"c{number}") for number in range(1, HUB + 1)]
        ends += [(f"c{number}", f"c{number * 7 % HUB + 1}") for number in range(1, HUB, 2)]
        tx.relate_many("supplies", [{"subject": one, "object": other} for one, other in ends])
    return "c0", "c77"


@contextmanager
def serving(path: Path, threads: int) -> Iterator[str]:
    """Start a server on a free port and yield its address."""
    command = [sys.executable, "-m", "relgraph", "--graph", str(path), "serve", "--port", "0"]
    settings = path.with_suffix(".toml")
    settings.write_text(f"threads = {threads}\n", encoding="utf-8")
    with subprocess.Popen(  # noqa: S603 - our own program
        [*command, "--config", str(settings)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None  # noqa: S101 - it was asked for
        try:
            found = re.search(r"http://\S+", server.stdout.readline())
            if found is None:
                raise RuntimeError("the server did not say where it is")
            yield found[0].rstrip("/")
        finally:
            server.terminate()


def fetch(address: str, token: str, body: bytes | None = None) -> int:
    """Ask for an address and read all that comes; return its status."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=120) as answer:  # noqa: S310 - ours
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def load(addresses: list[str], token: str, pages: dict[str, str], seconds: float) -> tuple[dict[str, list[float]], int]:
    """Return the seconds that each kind of page took while all read and one wrote, and how many answers were errors."""
    spent: dict[str, list[float]] = defaultdict(list)
    failed: Counter[int] = Counter()
    end = time.monotonic() + seconds

    def read(address: str, begin: int) -> None:
        for name, path in islice(cycle(pages.items()), begin % len(pages), None):
            if time.monotonic() > end:
                return
            begun = time.perf_counter()
            status = fetch(address + path, token)
            spent[name].append(time.perf_counter() - begun)
            failed[status] += status != 200

    def write() -> None:
        number = 0
        while time.monotonic() < end:
            number += 1
            body = json.dumps({"type": "Company", "fields": {"name": f"Written {number}"}}).encode()
            begun = time.perf_counter()
            status = fetch(f"{addresses[0]}/api/v1/entities", token, body)
            spent["a write"].append(time.perf_counter() - begun)
            failed[status] += status != 201
            time.sleep(0.05)

    workers = [
        threading.Thread(target=read, args=(addresses[number % len(addresses)], number)) for number in range(READERS)
    ]
    workers.append(threading.Thread(target=write))
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    return spent, failed.total()


def main() -> None:
    """Measure both arrangements on one network and print what each kind of page took."""
    parser = argparse.ArgumentParser(prog="python -m bench.web")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--threads", type=int, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.db"
        hub, other = fill(path)
        accounts = Accounts(accounts_beside(str(path)))
        token = accounts.give_secret(accounts.add("bench", "admin", password="not used to log in"), "token", hours=9)  # noqa: S106
        pages = {
            "home": "/",
            "an entity": f"/entity/{other}",
            "the hub": f"/entity/{hub}",
            "a question": "/query?q=find+Company+limit+50",
            "search": "/api/v1/search?q=company+77",
            "a view": "/explore.json?n=150",
        }
        large = {"a large view": f"/explore.json?n={VIEW}"}
        with serving(path, asked.threads) as address:
            print(f"one reader alone, {asked.threads} threads; milliseconds: first, then the middle of ten")
            for name, page in {**pages, **large}.items():
                times = []
                for _ in range(11):
                    begun = time.perf_counter()
                    fetch(address + page, token)
                    times.append((time.perf_counter() - begun) * 1000)
                print(f"  {name:12} {times[0]:9.1f} {statistics.median(times[1:]):9.1f}", flush=True)
        for processes in (1, 2):
            with ExitStack() as stack:
                addresses = [stack.enter_context(serving(path, asked.threads)) for _ in range(processes)]
                spent, failed = load(addresses, token, pages, asked.seconds)
            done = sum(map(len, spent.values()))
            held = f"{processes} x {asked.threads} threads"
            print(f"{READERS} readers and a writer, {held}: {done} answers, {failed} errors")
            for name, times in spent.items():
                ordered = sorted(times)
                high = ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)]
                print(
                    f"  {name:12} {len(times):6} p50 {statistics.median(times):7.3f} s  p95 {high:7.3f} s", flush=True
                )


if __name__ == "__main__":
    main()
