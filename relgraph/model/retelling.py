"""What the rows of one call are to each other: some tell otherwise, or only the same, as a row before them."""

from __future__ import annotations


class Retelling:
    """Notes the rows of a call that tell of something that a row before them told of.

    ``contradicts`` and ``repeats`` are of the row that is being told: whether it tells otherwise, or nothing more, than
    what there was of the same thing.
    """

    def __init__(self) -> None:
        self.contradicts = self.repeats = False
        self.contradicting: list[int] = []
        self.repeating: list[int] = []

    def expect(self) -> None:
        """Forget what the row before was."""
        self.contradicts = self.repeats = False

    def came(self, row: int | None) -> None:
        """Note what the row was."""
        if row is not None and self.contradicts:
            self.contradicting.append(row)
        if row is not None and self.repeats:
            self.repeating.append(row)
