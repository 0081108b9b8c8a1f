"""The console: pages on connections, leads and runs, served on this machine. Reads store and files only."""

from crmsync.console.application import application
from crmsync.console.listening import listening
from crmsync.console.site import Site

__all__ = ["Site", "application", "listening"]
