"""Lists and figures of the stored leads."""
