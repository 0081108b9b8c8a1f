"""Who is at work when."""
