"""The store's schema, step by step. A released step is never edited; a new one is added and `tables.HEAD` moved."""
