"""What runs did, and what became of a lead. Reads the store; no call to a CRM."""
