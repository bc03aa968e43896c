"""Ready vocabularies."""
