"""One module per page: what it asks, and which template says it. No logic of their own."""
