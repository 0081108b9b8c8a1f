"""Fields of a CRM as a table."""
