"""What a CRM has to have, as a table and as JSON."""
