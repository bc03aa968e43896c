"""Adjacency arrays and the walks over them."""
