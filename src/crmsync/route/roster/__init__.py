"""Who is there: the roster file held against the CRM's users."""
