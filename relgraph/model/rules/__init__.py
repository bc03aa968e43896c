"""The rules, one module each: what a change of relations breaks that was not broken as much before."""

from relgraph.model.rules.breach import Breach, Change, Found, appearing, compare

__all__ = ["Breach", "Change", "Found", "appearing", "compare"]
