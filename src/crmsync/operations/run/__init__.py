"""Runs of every connection, once or on a schedule."""
