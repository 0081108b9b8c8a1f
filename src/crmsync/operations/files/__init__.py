"""Files for editors and for moving: JSON Schemas, rotation counters."""
