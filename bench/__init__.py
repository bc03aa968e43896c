"""Programs that measure relgraph against its peers, on the same rows and in the same run: ``python -m bench``."""
