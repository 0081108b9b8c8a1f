"""The console: pages on connections, leads and runs, served on this machine. Reads store and files only."""

from crmsync.console.loopback import listening
from crmsync.console.routes import application
from crmsync.console.site import Site

__all__ = ["Site", "application", "listening"]
