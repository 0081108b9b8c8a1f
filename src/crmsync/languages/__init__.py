"""Languages other than English: their catalogues of messages, and how they write numbers and days."""
