"""The console script: a process of its own that lives for one command."""

from __future__ import annotations

import atexit
import gc
import os

_NEW_OBJECTS = 500_000
"""More than a start makes. A run of 3,000 leads takes as much memory as with a tenth of it, and 5 % less time."""


def start() -> None:
    """Run the command. Python's search for circles of garbage is made rare: a start makes objects, and no garbage.

    Without this a command of half a second spends a fifth of a second on looking through what it has imported: again
    and again while it grows, and once more at the end, when the process gives everything back at once anyway.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # else it reads what each installed package offers
    gc.set_threshold(_NEW_OBJECTS)
    atexit.register(gc.freeze)
    from crmsync.cli.main import main

    main()
