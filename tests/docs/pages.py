"""The pages of the documentation: their code blocks, and how a block is run.

A ```` ```python ```` block runs in the page's namespace and a ```` ```sh ```` block line by line in the page's folder;
a ```` ```text ```` block right after one is what it prints, ``...`` standing for anything. A word after the language
is a file that the block is written to. In Python, a comment that begins with the name of an error says that the
statement raises it, and a comment after a ``print`` is a line that it prints. In the shell, ``# exit code 4`` says
how a command ends.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import relgraph

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"#\s*(?P<said>.+?)\s*$")
LEFT_OUT = ("make", "docker", "pip", "git", "curl", "crontab")
"""Commands that need what a test has not: they are shown, not run."""
NEEDS = re.compile(r"<!-- needs (?P<what>[a-z0-9 ]+) -->")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, the file it is written to, its text, and what it prints if that is shown."""

    page: str
    line: int
    language: str
    file: str
    body: str
    prints: str | None


def pages() -> list[Path]:
    """Return every page that people read."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    return sorted(found)


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, each with the output shown right after it."""
    text = page.read_text(encoding="utf-8")
    name = page.relative_to(ROOT).as_posix()
    matches = list(FENCE.finditer(text))
    found = []
    for index, match in enumerate(matches):
        language, _, file = match["info"].strip().partition(" ")
        after = matches[index + 1] if index + 1 < len(matches) else None
        prints = None
        if after is not None and after["info"].strip() == "text" and not text[match.end() : after.start()].strip():
            prints = _plain(after)
        line = text.count("\n", 0, match.start()) + 2
        found.append(Block(name, line, language, file.strip(), _plain(match), prints))
    return found


def _plain(match: re.Match[str]) -> str:
    indent = len(match["indent"])
    return "".join(line[indent:] if line.strip() else line for line in match["body"].splitlines(keepends=True))


def needs(page: Path) -> str | None:
    """Return what a page says it needs to be run."""
    found = NEEDS.search(page.read_text(encoding="utf-8"))
    return found["what"] if found else None


class Runner:
    """Runs the blocks of one page in their order, in one folder."""

    def __init__(self, folder: Path, replaced: Mapping[str, str] | None = None, **environment: str) -> None:
        self.folder = folder
        self.replaced = dict(replaced or {})
        self.environment = environment
        self.names: dict[str, Any] = {"__name__": "__docs__"}
        (folder / "examples").symlink_to(ROOT / "examples")

    def close(self) -> None:
        """Close every network that the page left open."""
        for value in self.names.values():
            if isinstance(value, relgraph.Graph):
                value.close()

    def run(self, block: Block) -> None:
        """Run one block; AssertionError where it does not do what the page says."""
        body = block.body
        for old, new in self.replaced.items():
            body = body.replace(old, new)
        if block.file:
            target = self.folder / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(body, encoding="utf-8")
        match block.language:
            case "python":
                printed = self._python(body, block)
            case "sh":
                printed = self._shell(body, block)
            case _:
                return
        if block.prints is not None:
            wanted = block.prints
            for old, new in self.replaced.items():
                wanted = wanted.replace(old, new)
            flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            assert doctest.OutputChecker().check_output(wanted, printed, flags), (
                f"{block.page}, line {block.line} prints\n{printed}\nand the page shows\n{wanted}"
            )

    # -- Python ------------------------------------------------------------------------------------------------------

    def _python(self, body: str, block: Block) -> str:
        lines = body.splitlines()
        printed = []
        for statement in ast.parse(body).body:
            end = statement.end_lineno or statement.lineno
            said = _said(lines[statement.lineno - 1 : end])
            ast.increment_lineno(statement, block.line - 1)
            code = compile(ast.Module([statement], []), str(ROOT / block.page), "exec")
            out, raised = io.StringIO(), None
            with contextlib.redirect_stdout(out), _inside(self.folder):
                try:
                    exec(code, self.names)  # noqa: S102 - the documentation's own code
                except relgraph.RelgraphError as error:
                    raised = error
            text = out.getvalue()
            wanted = [one for one in said if _is_error(one)]
            where = f"{block.page}, line {block.line + end - 1}"
            if raised is not None:
                assert wanted, f"{where} raises {type(raised).__name__}: {raised}"
                assert _error_name(wanted[0]) == type(raised).__name__, f"{where} raises {type(raised).__name__}"
                text += f"{type(raised).__name__}: {raised}\n"
            else:
                assert not wanted, f"{where} does not raise {wanted[0]}"
                _compare(lines[statement.lineno - 1 : end], text, where)
            printed.append(text)
        return "".join(printed)

    # -- shell -------------------------------------------------------------------------------------------------------

    def _shell(self, body: str, block: Block) -> str:
        printed = []
        for command in _commands(body):
            if command.split()[0] in LEFT_OUT:
                continue
            ends = re.search(r"#.*exit code (\d+)", command)
            done = subprocess.run(  # noqa: S602 - the documentation's own commands
                command,
                shell=True,
                executable="/bin/bash",
                cwd=self.folder,
                env=self._environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=120,
            )
            wanted = int(ends[1]) if ends else 0
            assert done.returncode == wanted, (
                f"{block.page}, line {block.line}: {command} ends with {done.returncode}, not {wanted}:\n{done.stdout}"
            )
            printed.append(done.stdout)
        return "".join(printed)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("RELGRAPH_", "NEO4J_"))}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return {**kept, "PATH": path, "HOME": str(self.folder), **self.environment}


def _commands(body: str) -> Iterator[str]:
    command = ""
    for line in body.splitlines():
        command += line
        if command.endswith("\\"):
            command += "\n"
            continue
        if command.strip() and not command.lstrip().startswith("#"):
            yield command
        command = ""


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _said(lines: list[str]) -> list[str]:
    return [found["said"] for line in lines if (found := COMMENT.search(line))]


def _error_name(said: str) -> str:
    return said.split(":", maxsplit=1)[0].split(" ", maxsplit=1)[0].rstrip(",;")


def _is_error(said: str) -> bool:
    kind = getattr(relgraph, _error_name(said), None)
    return isinstance(kind, type) and issubclass(kind, relgraph.RelgraphError)


def _compare(lines: list[str], printed: str, where: str) -> None:
    """Look for what a comment after a ``print`` says among the lines that were printed."""
    shown = [" ".join(line.split()) for line in printed.splitlines()]
    for line in lines:
        found = COMMENT.search(line)
        if found is None or "print(" not in line[: found.start()]:
            continue
        wanted = " ".join(found["said"].split())
        matches = [one for one in shown if doctest.OutputChecker().check_output(wanted, one, doctest.ELLIPSIS)]
        assert matches, f"{where} prints {shown}, not {wanted!r}"
