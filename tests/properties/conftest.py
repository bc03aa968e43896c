"""What was compared by properties, summed up over the processes that ran them, and told at the end."""

from __future__ import annotations

from collections import Counter

import pytest

_COMPARED = "compared: "


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how many answers were compared, and of which kinds."""
    total: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for one in reports:
            for key, number in getattr(one, "user_properties", ()):
                if getattr(one, "when", "") == "call" and str(key).startswith(_COMPARED):
                    total[str(key).removeprefix(_COMPARED)] += int(number)
    if total:
        answers = total.pop("answers", 0)
        told = ", ".join(f"{number:,} {key}" for key, number in sorted(total.items()))
        terminalreporter.write_line(f"{answers:,} answers compared with the reference evaluator: {told}")
