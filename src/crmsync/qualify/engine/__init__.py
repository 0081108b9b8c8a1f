"""Policies compiled and evaluated on frames."""
