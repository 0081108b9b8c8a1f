"""`crmsync practice serve`: the commands are the practice CRM's own; it shares no code with the rest."""

from crmsync.practice.command import practice

__all__ = ["practice"]
