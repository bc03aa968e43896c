"""A relationship engine: typed predicates, rules, time and questions over the network of a company."""
