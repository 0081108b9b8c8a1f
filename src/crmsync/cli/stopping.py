"""Ctrl-C and SIGTERM while a command plans and writes: it ends with its plan, and what became of it, on stdout.

While the CRM is written the first signal waits for the end of the batch under way; the second waits for nothing.
Before that any signal ends the run at once: nothing was written.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from crmsync.run.interruption import Interruption

_SAID = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}


@contextmanager
def told_to_stop() -> Iterator[Interruption]:
    """What a run asks whether somebody wants it to end."""
    interruption = Interruption()

    def heard(number: int, _frame: FrameType | None) -> None:
        again = interruption.by is not None
        interruption.by = _SAID[signal.Signals(number)]
        if again or not interruption.writing:
            raise KeyboardInterrupt
        click.echo("Stopping when what was sent is read back; once more stops at once.", err=True)

    before = {number: signal.signal(number, heard) for number in _SAID}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
