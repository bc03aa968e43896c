"""How a site is set up: defaults, then a file, then the environment, then what the caller gives."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from relgraph import LoadError

PREFIX = "RELGRAPH_WEB_"


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be set; every name is also a key of the file and, as ``RELGRAPH_WEB_NAME``, of the environment.

    ``accounts`` is the SQLite file of users, tokens and saved views (beside the network unless given); ``secure``
    marks cookies for HTTPS only; ``upload`` is in bytes, ``timeout`` in seconds, ``session`` in hours. ``attempts``
    wrong passwords of one name or address within ``attempts_window`` seconds close the door for that long.
    """

    graph: str | None = None
    accounts: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 4
    secure: bool = False
    upload: int = 32 * 1024 * 1024
    body: int = 1024 * 1024
    rows: int = 1000
    timeout: float = 10.0
    session: int = 12
    attempts: int = 5
    attempts_window: int = 300
    canvas: int = 1500
    language: str = "en"

    @classmethod
    def read(cls, path: str | Path | None = None, environment: Mapping[str, str] = os.environ, **given: Any) -> Self:
        """Return the settings of a TOML file, the environment and the caller, the later ones winning.

        The file is ``path``, else the one named by ``RELGRAPH_WEB_CONFIG``. Raises LoadError for an unknown key or a
        value of the wrong kind.

        >>> Settings.read(environment={"RELGRAPH_WEB_PORT": "9000"}, threads=2).port
        9000
        """
        path = path or environment.get(PREFIX + "CONFIG")
        settings = cls()
        if path is not None:
            settings = settings.with_values(_file(Path(path)), str(path))
        named = {one.name: PREFIX + one.name.upper() for one in fields(cls)}
        told = {name: environment[variable] for name, variable in named.items() if variable in environment}
        return settings.with_values(told, "the environment").with_values(given, "the call")

    def with_values(self, values: Mapping[str, Any], where: str) -> Self:
        """Return the settings with other values, each brought to its kind."""
        known = {one.name: one.default for one in fields(self)}
        unknown = [name for name in values if name not in known]
        if unknown:
            raise LoadError(
                f"{where} sets {', '.join(unknown)}, which is no setting", hint="settings are " + ", ".join(known)
            )
        return replace(self, **{name: _as_kind(name, value, known[name], where) for name, value in values.items()})


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LoadError(f"the settings in {path} cannot be read: {error}") from error


def _as_kind(name: str, value: Any, default: object, where: str) -> Any:
    if value is None or isinstance(default, str) or default is None:
        return None if value is None else str(value)
    if isinstance(default, bool):
        word = str(value).lower()
        if word in {"1", "true", "yes", "on"}:
            return True
        if word in {"0", "false", "no", "off"}:
            return False
        raise LoadError(f"{name} in {where} is yes or no, not {value!r}")
    try:
        number = type(default)(value)  # type: ignore[call-arg]  # int or float
    except (TypeError, ValueError) as error:
        raise LoadError(f"{name} in {where} is a number, not {value!r}") from error
    if float(str(number)) < 0:
        raise LoadError(f"{name} in {where} is not negative, {value!r} is")
    return number
