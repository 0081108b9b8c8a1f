"""Each step of the schema, by number."""
