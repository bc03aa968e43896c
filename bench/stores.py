"""Loaded files that several programs, or several runs, may measure on: making one takes minutes."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Size, apart
from bench.opening import filled

KEPT: list[Path] = []
"""The folder that files are kept in for the next run, where one was named."""


def progress(text: str) -> None:
    """Say on the error stream what is being done: the tables alone go to the output."""
    print(f"... {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def loaded(size: Size) -> Iterator[str]:
    """Give the path of a file with a generated network, from the folder of kept ones if there is one."""
    with tempfile.TemporaryDirectory() as name:
        folder = KEPT[0] if KEPT else Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"generated-{size.entities}-{size.relations}.db"
        if not path.exists():
            progress(f"loading {size}")
            # a load that was cut off must not be taken for a whole one
            made = path.with_suffix(".part")
            for one in folder.glob(f"{made.name}*"):
                one.unlink()
            apart(filled, str(made), size)
            made.rename(path)
        yield str(path)
