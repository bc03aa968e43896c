"""What may be said: entity types, predicates, attributes, tags."""
