"""Ctrl-C and SIGTERM while a command plans and writes: it ends with its plan, and what became of it, on stdout.

While the CRM is written the first signal waits for the end of the batch under way; the second waits for nothing.
Before that any signal ends the run at once: nothing was written.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import click

from crmsync.run.interruption import Interruption

_SAID = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}


@contextmanager
def told_to_stop() -> Iterator[Interruption]:
    """What a run asks whether somebody wants it to end. Only a program's first thread hears signals.

    A signal that is ignored, as Ctrl-C by what a script starts in the background, stays so.
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return

    def heard(number: int, _frame: FrameType | None) -> None:
        first = interruption.by is None
        if interruption.heard(_SAID[signal.Signals(number)]):
            raise KeyboardInterrupt
        if first and interruption.phase == "writing":
            with suppress(RuntimeError, OSError, ValueError):  # stderr may be in the middle of a word
                click.echo("Stopping when what was sent is read back; once more stops at once.", err=True)

    before = {number: signal.getsignal(number) for number in _SAID}
    listening = [number for number, handler in before.items() if handler not in (signal.SIG_IGN, None)]
    for number in listening:
        signal.signal(number, heard)
    try:
        yield interruption
    finally:
        for number in listening:
            signal.signal(number, before[number])
