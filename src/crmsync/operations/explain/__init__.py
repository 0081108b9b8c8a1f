"""Why leads stand where they stand."""
