"""What a strategy may need, ask and do, and what it answers."""
