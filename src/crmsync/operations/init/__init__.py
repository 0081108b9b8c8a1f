"""From nothing to the first dry run: a connection tried, its CRM read, files suggested and written."""
