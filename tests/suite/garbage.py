"""Python looks for circles of garbage as rarely here as in a process of crmsync's (see `crmsync.cli.start`).

Importing this is enough. A worker holds some million objects that live as long as it does: what is imported, and the
collected tests. Looking through them again and again took a twentieth of the suite's processor time.
"""

from __future__ import annotations

import gc

gc.set_threshold(50_000)


def pytest_collection_finish() -> None:
    """What is there before the first test stays: no later search looks at it."""
    gc.collect()
    gc.freeze()
