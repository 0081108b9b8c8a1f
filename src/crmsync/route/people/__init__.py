"""A person of the roster: what the file says of one, and the same person in one CRM."""
