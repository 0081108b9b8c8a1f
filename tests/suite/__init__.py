"""What the whole suite stands on: reproducible examples, the times of each kind, processes that start warm."""
