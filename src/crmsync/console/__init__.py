"""The console: pages on connections, leads, plans and runs. Looking is for this machine; who does more signs in."""

from crmsync.console.access import Access, OneAddress, access_by
from crmsync.console.listener import ConsoleListener
from crmsync.console.loopback import listening
from crmsync.console.people_file import SignsInBy, with_person, without_person
from crmsync.console.routes import application
from crmsync.console.site import Site

__all__ = [
    "Access",
    "ConsoleListener",
    "OneAddress",
    "SignsInBy",
    "Site",
    "access_by",
    "application",
    "listening",
    "with_person",
    "without_person",
]
