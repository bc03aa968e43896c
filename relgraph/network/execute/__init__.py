"""Answering bound questions over adjacency arrays: tables of bindings, the tests on them, and the rows they end as."""
