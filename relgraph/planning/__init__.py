"""Changing the vocabulary of a network that has data, and finding the data that breaks it."""

from relgraph.planning.carry import Planning

__all__ = ["Planning"]
