"""Mappings for the systems people have."""
