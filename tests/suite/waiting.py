"""Waiting for what is to come: no longer than it takes, and long where the machine is busy with other things."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 300
_PAUSES_SECONDS = (0.01, 0.2)
"""The shortest and the longest between two looks; else a fifth of what was waited already: a look may cost much."""


def wait_until(question: Callable[[], Any], seconds: float = PATIENCE_SECONDS, what: str = "it") -> Any:
    """Ask until the answer is true; gives it. Fails after `seconds`."""
    began = time.monotonic()
    while True:
        waited = time.monotonic() - began
        if answer := question():  # asked once more after the end: somebody may have kept us from asking until then
            return answer
        assert waited < seconds, f"{what} did not happen within {seconds} s"
        shortest, longest = _PAUSES_SECONDS
        time.sleep(min(max(waited / 5, shortest), longest))
