"""A policy held against what became of the leads."""
