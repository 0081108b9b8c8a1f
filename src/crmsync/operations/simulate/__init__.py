"""What another policy or roster would do."""
