"""How an owner is chosen: one strategy a file, whose docstring is its page in the reference."""

USUAL = "round_robin"
"""The strategy of a rule that names none, also after `then`."""
