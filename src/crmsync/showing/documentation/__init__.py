"""Pages of the documentation, for terminals."""
