"""The parser of the grammar, from tables that are shipped with it: to make them takes longer than most questions.

``python -m relgraph.query.tables`` makes them anew; with ``--check`` it only says whether they are those of the
grammar. Where they are not, or another version of Lark is installed, the parser is made from the grammar itself.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from relgraph.query.words import marks

_MARKS: Final = "MARKS]*"
"""What the grammar has in place of the marks, which each version of Python knows others of."""
_SHIFT: Final = 0


def grammar_text() -> str:
    """Return the grammar as it is written, with a word in place of the combining marks."""
    return files("relgraph.query").joinpath("grammar.lark").read_text(encoding="utf-8")


def built(text: str, *, debug: bool = False, **more: Any) -> lark.Lark:
    """Return the parser of a grammar, its tables made now; ``debug`` logs their conflicts."""
    options: dict[str, Any] = {"parser": "lalr", "lexer": "contextual", "maybe_placeholders": False, **more}
    return lark.Lark(text.replace(_MARKS, f"{marks()}]*"), debug=debug, **options)


def shipped() -> Any:
    """Return the document of the tables, None where there is none."""
    path = files("relgraph.query").joinpath("tables.json")
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def loaded(text: str, document: Any, **more: Any) -> lark.Lark | None:
    """Return the parser of a grammar from the document of its tables, None where they are those of something else."""
    if document is None or (document["lark"], document["grammar"]) != (lark.__version__, _digest(text)):
        return None
    # nothing of what is made here becomes garbage, and looking for some takes a third of the time
    collecting = gc.isenabled()
    gc.disable()
    try:
        memo = {int(number): one for number, one in document["memo"].items()}
        for one in memo.values():
            if _MARKS in one.get("pattern", {}).get("value", ""):
                one["pattern"]["value"] = one["pattern"]["value"].replace(_MARKS, f"{marks()}]*")
        table = document["parser"]["parser"]
        table["tokens"] = dict(enumerate(table["tokens"]))
        table["states"] = {state: _row(actions) for state, actions in enumerate(table["states"])}
        return lark.Lark._load_from_dict(  # type: ignore[no-any-return,no-untyped-call]  # noqa: SLF001 - the way without pickles, for one version of Lark
            {one: document[one] for one in ("parser", "rules", "options")}, memo, **more
        )
    finally:
        if collecting:
            gc.enable()


def _row(actions: list[tuple[int, Any, list[int]]]) -> dict[int, tuple[int, Any]]:
    return {token: (kind, argument) for kind, argument, tokens in actions for token in tokens}


def document_of(text: str) -> str:
    """Return the document of the tables of a grammar, as JSON: the same on every run, for Lark numbers by chance."""
    parser = lark.Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=False)
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    data["parser"]["parser"] = _in_order(data["parser"]["parser"])
    made = {"lark": lark.__version__, "grammar": _digest(text), **data, "memo": memo}
    return json.dumps(made, separators=(",", ":"), ensure_ascii=False) + "\n"


def _in_order(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables with tokens in the order of their names, and states as they are reached from the first."""
    names = table["tokens"]
    tokens = {name: number for number, name in enumerate(sorted(names.values()))}
    order = dict.fromkeys(table["start_states"].values())
    waiting = list(order)
    rows = []
    for state in waiting:
        row = sorted((tokens[names[token]], *action) for token, action in table["states"][state].items())
        reached = [target for _, kind, target in row if kind == _SHIFT and target not in order]
        order.update(dict.fromkeys(reached))
        waiting += dict.fromkeys(reached)
        rows.append(row)
    number = {state: index for index, state in enumerate(order)}
    return {
        "tokens": list(tokens),
        "states": [_actions(row, number) for row in rows],
        "start_states": {name: number[one] for name, one in table["start_states"].items()},
        "end_states": {name: number[one] for name, one in table["end_states"].items()},
    }


def _actions(row: Iterable[tuple[int, int, Any]], number: Mapping[int, int]) -> list[tuple[int, Any, list[int]]]:
    """Return each action of a state with the tokens that ask for it."""
    found: dict[str, tuple[int, Any, list[int]]] = {}
    for token, kind, argument in row:
        action = (kind, number[argument] if kind == _SHIFT else argument)
        found.setdefault(json.dumps(action), (*action, []))[2].append(token)
    return list(found.values())


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def main() -> None:
    """Write the tables of the grammar, or say with ``--check`` that they are out of date."""
    path = Path(str(files("relgraph.query").joinpath("tables.json")))
    text = document_of(grammar_text())
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    if "--check" in sys.argv[1:]:
        sys.exit(f"out of date: {path}")
    path.write_text(text, encoding="utf-8")
    print(f"written: {path}")  # noqa: T201 - a program that says what it did


if __name__ == "__main__":
    main()
