"""How an owner is chosen: one strategy a file, whose docstring is its page in the reference."""
