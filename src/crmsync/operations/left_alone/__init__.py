"""Leads that people keep for themselves."""
