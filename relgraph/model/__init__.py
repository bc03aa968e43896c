"""What is said: entities and relations as values, the rules, and the transaction that applies them."""
