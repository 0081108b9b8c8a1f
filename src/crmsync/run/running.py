"""A run as its hops share it: what was asked for, how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from msgspec import Struct, field

from crmsync.connection.opening import Opened
from crmsync.errors import CrmsyncError
from crmsync.model import Plan
from crmsync.progress import Progress
from crmsync.run.aims.aim import Aim
from crmsync.run.aims.everybody import Everybody
from crmsync.run.approval import Approve, nobody_asked
from crmsync.run.interruption import Interruption
from crmsync.run.meter import Meter
from crmsync.store import Store

Clock = Callable[[], datetime]


class RunRequest(Struct, frozen=True):
    """What the caller asks for. `as_of`: null = today in the org's zone; another day only in a dry run.

    `allowed`: guard (a name of `plan.ALLOWABLE`) → what this run is let through with. `approve`: asked before the
    first write, when there is something to write and no guard is breached. `by`: who asks for it; null = whoever
    started the program. `interruption`: tells when somebody wants it to end.
    """

    dry_run: bool
    as_of: date | None = None
    full: bool = False
    allowed: Mapping[str, int] = field(default_factory=dict)
    aim: Aim = field(default_factory=Everybody)
    approve: Approve = nobody_asked
    by: str | None = None
    interruption: Interruption = field(default_factory=Interruption)


class Ran(Struct, frozen=True):
    """How a run ended. `lead_names`: of leads in the plan, for people's eyes. `error`: it stopped while writing.

    `clock_notes`: those of the plan's notes that somebody has to see to, also where nobody reads plans. `measures`:
    what the guards of later runs compare theirs with.
    """

    plan: Plan
    lead_names: Mapping[str, str]
    error: CrmsyncError | None = None
    clock_notes: tuple[str, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """The error's, else the plan's."""
        return self.error.exit_code if self.error else self.plan.exit_code


class Running(Struct, frozen=True):
    """One run under way, as its hops share it. `today`: the day in the org's zone on which it began."""

    opened: Opened
    store: Store
    request: RunRequest
    id: int
    today: date
    now: Clock
    progress: Progress
    stop: Callable[[], bool]
    meter: Meter

    @property
    def as_of(self) -> date:
        """The day that is decided for."""
        return self.request.as_of or self.today
