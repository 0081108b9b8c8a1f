"""Leads that people keep for themselves, as tables."""
