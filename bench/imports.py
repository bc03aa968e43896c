"""How long ``import relgraph`` takes, and what it loads: ``python -m bench.imports``.

The time is that of a fresh interpreter, the interpreter's own start taken off, by the clock and of the processor alone,
which others on the machine disturb less; the best of several runs is shown, since a busy machine only ever adds to it.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

RUNS = 7
TIMED = (
    "import time; began, worked = time.perf_counter(), time.process_time(); import relgraph;"
    " print(time.perf_counter() - began, time.process_time() - worked)"
)
LISTED = "import sys; before = set(sys.modules); import relgraph; print(*sorted(set(sys.modules) - before))"


def run(program: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter."""
    return subprocess.run(  # noqa: S603 - our own interpreter, and the programs above
        [sys.executable, *options, "-c", program], capture_output=True, text=True, check=True
    )


def slowest(count: int) -> list[tuple[int, str]]:
    """Return the modules that take longest by themselves, in microseconds."""
    rows = []
    for line in run("import relgraph", "-X", "importtime").stderr.splitlines():
        own, _, name = line.removeprefix("import time:").split("|")
        if own.strip().isdigit():
            rows.append((int(own), name.strip()))
    return sorted(rows, reverse=True)[:count]


def main() -> None:
    """Print the figures."""
    taken = [[float(one) for one in run(TIMED).stdout.split()] for _ in range(RUNS)]
    for name, found in zip(("by the clock", "of the processor"), zip(*taken, strict=True), strict=True):
        times = sorted(found)
        print(
            f"import relgraph: {times[0] * 1000:.0f} ms at best, {times[len(times) // 2] * 1000:.0f} ms in the middle,"
            f" {name}"
        )
    loaded = run(LISTED).stdout.split()
    parts = Counter(name.split(".")[0] for name in loaded)
    print(f"modules loaded: {len(loaded)}, of them {parts['relgraph']} of relgraph")
    outside = sorted(
        one for one in parts if one != "relgraph" and one not in sys.stdlib_module_names and not one.startswith("_")
    )
    print(f"from other packages: {', '.join(outside) or 'none'}")
    print("slowest by themselves:")
    for own, name in slowest(10):
        print(f"  {own / 1000:7.1f} ms  {name}")


if __name__ == "__main__":
    main()
