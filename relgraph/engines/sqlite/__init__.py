"""The embedded store: one SQLite file and adjacency arrays."""
