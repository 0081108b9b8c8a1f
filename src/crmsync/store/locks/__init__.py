"""Keeping other runs off a connection."""
