"""What became of a touch, for people."""
