"""`python -m crmsync`."""

from crmsync.cli.start import start

start()
