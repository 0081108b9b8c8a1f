"""A practice CRM with a configuration beside it."""
