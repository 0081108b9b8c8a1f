"""Each lead to an owner."""
