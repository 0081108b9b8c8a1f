"""The policy file: its words, what they may hold, and what is wrong with them."""
