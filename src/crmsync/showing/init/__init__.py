"""What `crmsync init` shows: suggestions to agree on, and what was made of them."""
