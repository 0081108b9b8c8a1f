"""Configuration, sign-in, fields and roster held against the CRM."""
