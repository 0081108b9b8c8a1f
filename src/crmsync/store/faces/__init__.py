"""What the rest of crmsync asks of the store, by subject; `crmsync.store.Store` holds one of each."""
