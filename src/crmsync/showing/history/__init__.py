"""Runs, a lead's history and the state of connections as tables."""
