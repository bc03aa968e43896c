"""Several programs at one file through the public names: no update is lost, nothing half is seen, nobody is locked out.

A few seconds as one of all tests; ``make faults`` gives it the minute that it is meant for.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import relgraph

ROOT = Path(__file__).resolve().parents[4]
SECONDS = 60 if os.environ.get("RELGRAPH_FAULTS") else 4

VOCABULARY = """
vocabulary: counted
types:
  Account: {fields: {name: text, amount: integer}}
predicates:
  owes: {inverse: owed_by, attributes: {amount: integer}}
"""

OPENED = """
import sys, time
import relgraph
graph = relgraph.open(sys.argv[1], timeout=300)
end = time.monotonic() + float(sys.argv[2])
done = 0
"""

# each adds one to both accounts and to the debt between them, over the versions it read; who comes too late reads again
WRITER = (
    OPENED
    + """
late = 0
while not done or time.monotonic() < end:
    try:
        with graph.transaction() as tx:
            one, other, debt = tx.get("one"), tx.get("other"), tx.relation("debt")
            tx.update(one, amount=one["amount"] + 1)
            tx.update(other, amount=other["amount"] + 1)
            tx.update(debt, amount=debt["amount"] + 1)
        done += 1
    except relgraph.ConflictError:
        late += 1
print(done, late)
"""
)

READER = (
    OPENED
    + """
question = graph.prepare('find Account as a that owes Account as b show a.amount, b.amount')
before = 0
while not done or time.monotonic() < end:
    row = question().one()
    assert row[0] == row[1], row
    assert row[0] >= before, (row, before)
    before = row[0]
    done += 1
print(done)
"""
)


def test_two_write_and_two_read(tmp_path: Path) -> None:
    path = tmp_path / "network.db"
    with relgraph.open(path, vocabulary=relgraph.Vocabulary.from_text(VOCABULARY)) as graph:
        for name in ("one", "other"):
            graph.add("Account", id=name, name=name, amount=0)
        graph.relate("one", "owes", "other", id="debt", amount=0)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(path), str(SECONDS)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for program in (WRITER, WRITER, READER, READER)
    ]
    said = [one.communicate() for one in running]
    assert [one.returncode for one in running] == [0, 0, 0, 0], [error for _, error in said]
    counts = [[int(one) for one in out.split()] for out, _ in said]
    assert all(one[0] for one in counts), counts
    written = counts[0][0] + counts[1][0]
    with relgraph.open(path) as graph:
        assert [graph.get(name)["amount"] for name in ("one", "other")] == [written, written]
        assert graph.relation("debt")["amount"] == written
        # every version is there, and the first
        assert len(graph.history("debt")) == written + 1
        assert graph.check() == []
