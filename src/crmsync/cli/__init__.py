"""Arguments in, one operation, rendering out. One file per command; no logic here."""
