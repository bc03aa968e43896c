"""Writes the pages of the reference that are made from the code: ``python -m docs.generate``.

With ``--check`` it writes nothing, names the pages that are not what the code says, and ends with 1 if there are any.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.making import commands, errors, python, questions, stores, vocabulary

HERE = Path(__file__).parent
NOTE = "<!-- made by `python -m docs.generate`; change the code, not this page -->\n\n"

PAGES: Mapping[str, Callable[[], str]] = {
    "reference/vocabulary.md": vocabulary.page,
    "reference/python.md": python.page,
    "reference/commands.md": commands.page,
    "reference/errors.md": errors.page,
    "reference/query-errors.md": questions.page,
    "reference/stores.md": stores.page,
}
"""Each page that is made, and what makes it."""


def made() -> dict[Path, str]:
    """Return the text of every page that is made from the code."""
    return {HERE / name: NOTE + page() for name, page in PAGES.items()}


def main() -> None:
    """Write the pages, or name those that are out of date."""
    checking = "--check" in sys.argv[1:]
    stale = False
    for path, text in made().items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale = True
        print(f"{'out of date' if checking else 'written'}: {path.relative_to(HERE.parent)}")
        if not checking:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    sys.exit(1 if checking and stale else 0)


if __name__ == "__main__":
    main()
