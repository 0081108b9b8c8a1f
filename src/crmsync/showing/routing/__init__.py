"""The rules of a roster as a table, a picture and a page."""
