"""`crmsync apply`: every plan of a file, each on its own connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crmsync.errors import UsageError
from crmsync.files import Unreadable, read_text
from crmsync.operations.run.every_connection import RunReport, run_each
from crmsync.plan import WrittenPlan, read_plans
from crmsync.progress import Progress
from crmsync.run.aims.saved_plan import SavedPlan
from crmsync.run.approval import Approve
from crmsync.run.interruption import Interruption
from crmsync.run.running import RunRequest
from crmsync.settings import Settings

LARGEST_FILE_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A file of plans, read and found whole. `name`: as the caller wrote it."""

    name: str
    plans: tuple[WrittenPlan, ...]


def plans_in(path: Path) -> PlanFile:
    """Raises `UsageError` for a file that cannot be read, is no plan, or was changed."""
    try:
        return PlanFile(str(path), read_plans(read_text(path, largest_bytes=LARGEST_FILE_BYTES), str(path)))
    except Unreadable as error:
        raise UsageError(f"{path} {error}", hint=error.hint) from None


def apply_plans(
    settings: Settings,
    file: PlanFile,
    *,
    dry_run: bool,
    allowed: Mapping[str, int],
    approve: Approve,
    interruption: Interruption | None = None,
    now: Callable[[], datetime],
    progress: Progress,
) -> RunReport:
    """Write what the plans say; one that is refused or stops is told, and the others are written.

    Raises `UsageError` where the file names a connection that is not configured.
    """
    interruption = interruption or Interruption()
    requests = {
        plan.connection: RunRequest(
            dry_run=dry_run,
            as_of=plan.as_of,
            allowed=allowed,
            aim=SavedPlan(plan, file.name),
            approve=approve,
            interruption=interruption,
        )
        for plan in file.plans
    }
    settings.named(tuple(requests))
    return run_each(settings, requests, dry_run=dry_run, now=now, progress=progress)
