"""Files of the configuration changed by people: as a diff, checked, and only where nobody changed them meanwhile."""
