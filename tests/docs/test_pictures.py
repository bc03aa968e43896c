"""The picture of the first page is what the library answers."""

from __future__ import annotations

from docs.pictures import terminal


def test_the_picture_is_current() -> None:
    kept = (terminal.HERE / "terminal.svg").read_text(encoding="utf-8")
    assert kept == terminal.drawing(), "run: make pictures"


def test_the_picture_loads_nothing() -> None:
    kept = (terminal.HERE / "terminal.svg").read_text(encoding="utf-8")
    assert "url(http" not in kept.replace('"', "")
    assert "<script" not in kept
