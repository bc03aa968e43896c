"""What a network tells beyond a query."""
