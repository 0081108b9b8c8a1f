"""How each connection stands now, and what needs a person."""
