"""One module per thing a user can ask for: plain functions that commands and, later, a console both call."""
