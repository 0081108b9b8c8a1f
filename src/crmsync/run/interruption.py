"""Somebody wants a run to end before its end, as by Ctrl-C: what is under way is read back and told first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from crmsync.errors import RunStopped

BETWEEN_BATCHES = "what was written until then stands in the plan, and the next run goes on with the rest"
_BEFORE_WRITING = "nothing was written by then; the next run reads again what was not read to its end"
_AFTER_WRITING = "what was written by then is in the journal, and the next run looks at it first"

Phase = Literal["open", "writing", "telling"]


@dataclass(slots=True)
class Interruption:
    """Shared by whoever asks for runs and whoever hears of signals.

    `by`: how it was said last; null = nobody did. `times`: how often. `phase`: *open*, a run may be ended anywhere
    (`KeyboardInterrupt`); *writing*, the CRM is being written, and a run ends between two batches; *telling*, what
    became of it is noted and told. `wrote`: whether the connection at hand may have been written to.
    """

    by: str | None = None
    times: int = 0
    phase: Phase = "open"
    wrote: bool = False

    def heard(self, by: str) -> bool:
        """Whether what is under way is to be left where it is."""
        self.by, self.times = by, self.times + 1
        return self.times > {"open": 0, "writing": 1, "telling": 2}[self.phase]

    def begins(self) -> None:
        """A connection's run begins. Raises `RunStopped` where somebody wants no more of them."""
        self.wrote = False
        if self.by:
            raise self.stopped()
        self.phase = "open"

    def writes(self) -> None:
        """From here on the CRM is written."""
        self.phase, self.wrote = "writing", True

    def tells(self) -> None:
        """From here on it is noted and told what became of it."""
        self.phase = "telling"

    @contextmanager
    def settling(self, *, writes: bool) -> Iterator[None]:
        """What an earlier run left open is brought to its end, before anybody who wants this one to end is heard."""
        if not writes:
            yield
            return
        self.writes()
        yield
        self.phase = "open"
        if self.by:
            raise KeyboardInterrupt

    def stopped(self, hint: str | None = None) -> RunStopped:
        """What a run that was ended tells."""
        return RunStopped(
            f"stopped by {self.by or 'Ctrl-C'}",
            hint=hint or (_AFTER_WRITING if self.wrote else _BEFORE_WRITING),
        )
