"""The console: pages to look at runs and leads with, served on this machine. Reads store and files; writes nothing."""

from crmsync.console.application import application
from crmsync.console.listening import listening
from crmsync.console.site import Site

__all__ = ["Site", "application", "listening"]
