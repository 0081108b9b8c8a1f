"""`python -m crmsync`."""

from crmsync.cli.main import main

main()
