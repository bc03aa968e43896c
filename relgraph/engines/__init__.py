"""The stores that keep a network."""
