"""A policy to read, to sign, and to test by examples."""
