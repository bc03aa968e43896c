"""Questions as Cypher: one statement, in stages from an entity that is named to the thing that is found."""
