"""What `crmsync check` found, for people."""
