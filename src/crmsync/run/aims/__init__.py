"""What a run is for, as a value: which leads it looks at, and what becomes of them."""
