"""What is done to the store as a whole: a copy of it, and one person out of it."""
