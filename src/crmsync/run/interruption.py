"""Somebody wants a run to end before its end, as by Ctrl-C: what is under way is read back and told first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from crmsync.errors import RunStopped

BETWEEN_BATCHES = "what was written until then stands in the plan, and the next run goes on with the rest"
BEFORE_WRITING = "nothing was written by then; what was read is kept, and the next run goes on from there"


@dataclass(slots=True)
class Interruption:
    """Shared by whoever asks for runs and whoever hears of signals.

    `by`: how it was said; null = nobody did. `writing`: the CRM is being written, or what was written is being noted:
    a run ends between two batches then. At other times it may be ended anywhere (`KeyboardInterrupt`).
    """

    by: str | None = None
    writing: bool = False

    @contextmanager
    def while_writing(self) -> Iterator[None]:
        """The block is not ended anywhere: it asks `by`."""
        self.writing = True
        try:
            yield
        finally:
            self.writing = False

    def stopped(self, hint: str) -> RunStopped:
        """What a run that was ended tells."""
        return RunStopped(f"stopped by {self.by or 'Ctrl-C'}", hint=hint)
