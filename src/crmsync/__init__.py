"""crmsync decides each CRM lead's stage and owner by an admin's policy and writes both back, plan first."""

__version__ = "0.1.0"
