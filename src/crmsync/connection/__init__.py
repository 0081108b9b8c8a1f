"""A connection opened: its connector, what the CRM says of itself, and mapping, policy and roster held against it."""
