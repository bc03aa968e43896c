"""The numbered examples run, and print what they are there to show."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

PROGRAMS = sorted((ROOT / "examples").glob("[0-9][0-9]_*.py"))
SHOWN = {
    "01_rules": ["TypeRuleError", "CycleError", "SumError", "DuplicateRelationError", "CardinalityError", "as before"],
    "02_time": ["as of 2020-01-01: ACME 55%", "as known after the press: ACME 60%", "as of 2023-07-01: nobody"],
    "03_import": ["would create 105", "now there are 147", "again: 0 created, 0 updated", "taken back: 42 entities"],
    "04_merge_and_undo": ["ACME (Lyon) supplies Bolt, Cargo", "leads to ACME", "since 2019-01-01", "A.C.M.E. (Lyon)"],
    "05_vocabulary_change": ["becomes looks_after", "refused:", "['looked_after_by']", "to be mended: ACME"],
    "06_hooks": ["refused: owners are told with a reason", "ana: ACME owns Bolt added"],
    "07_export": ["42 entities, 40 relations", "the same bytes: True", "networkx: 6 edges"],
    "08_questions": [
        "Bolt Fasteners",
        "over 50%: Alain Delmas, Delmas & Fille Invest",
        "2011 2",
        "did you mean 'Company'",
    ],
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_an_example_runs(program: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for part in SHOWN[program.stem]:
        assert part in done.stdout
    assert not list(tmp_path.iterdir())


def test_every_example_is_expected_and_listed() -> None:
    assert {one.stem for one in PROGRAMS} == SHOWN.keys()
    listed = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    assert all(f"({one.name})" in listed for one in PROGRAMS)
