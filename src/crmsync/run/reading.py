"""What the CRM holds by now is read and remembered: what has changed, everything, or what was told."""

from __future__ import annotations

from collections.abc import Sequence

from crmsync.errors import FullReadNeeded
from crmsync.model import GuardReading
from crmsync.run.changed_files import UNBELIEVED, UNFINISHED, ChangedFiles, complete_because
from crmsync.run.guarded import OF_WHAT_WAS_READ
from crmsync.run.pull import PullReport, pull_and_remember
from crmsync.run.read_told import read_told
from crmsync.run.running import Running

READ_IN_FULL = "read_in_full"
"""Under this name the store keeps when all records were read last, ISO-8601 with zone."""
PULLED = "pulled"
"""Under this one, by which mapping they were, or why they are to be read again."""


def read_crm(run: Running, changed: ChangedFiles) -> tuple[ChangedFiles, PullReport]:
    """What the CRM holds by now, remembered; read in full when what changed asks for it or a cursor is too old.

    Of a run that looks at what was told, that alone.
    """
    if (told := run.request.aim.told) is not None:
        return changed, read_told(run.opened, run.store, told, today=run.today)
    if changed.complete:
        return changed, _read_in_full(run, changed)
    try:
        return changed, _pulled(run, complete=False)
    except FullReadNeeded as error:
        changed = complete_because(changed, error.message)
        return changed, _read_in_full(run, changed)


def _read_in_full(run: Running, changed: ChangedFiles) -> PullReport:
    """It is believed by `believe`; but for the first one, which compares with nothing."""
    name, store = run.opened.prepared.name, run.store
    first = PULLED not in store.runs.digests(name)
    if not first:
        store.runs.set_digests(name, {PULLED: UNFINISHED})
    pulled = _pulled(run, complete=True)
    if not pulled.remembered.leads_missing:
        digests = changed.digests
        now_known = {
            "pulled_file": digests["mapping_file"],
            "pulled_rates": digests["rates"],
            READ_IN_FULL: run.now().isoformat(),
        }
        store.runs.set_digests(name, now_known | ({PULLED: digests["mapping"]} if first else {}))
    return pulled


def _pulled(run: Running, *, complete: bool) -> PullReport:
    return pull_and_remember(
        run.opened,
        run.store,
        complete=complete,
        today=run.today,
        progress=run.progress,
        allowed_gone=run.request.allowed.get("gone"),
    )


def believe(
    run: Running,
    changed: ChangedFiles,
    pulled: PullReport,
    guards: Sequence[GuardReading],
    *,
    before: str | None,
    looked_at_all: bool,
    damaged: bool,
) -> None:
    """Once the guards were asked: what they do not believe is read again, until a run that looks at all leads does.

    A dry run that was let through has only looked. `before`: what stood under `PULLED` when the run began.
    """
    only_looked = run.request.dry_run and bool(run.request.allowed)
    breached = any(guard.breached and guard.name in OF_WHAT_WAS_READ for guard in guards)
    doubted = before in {UNBELIEVED, UNFINISHED}
    if breached or (doubted and (only_looked or not looked_at_all)):
        run.store.runs.set_digests(run.opened.prepared.name, {PULLED: UNBELIEVED})
    elif changed.complete and not damaged:
        mark = before if pulled.remembered.leads_missing else changed.digests["mapping"]
        if mark is not None:
            run.store.runs.set_digests(run.opened.prepared.name, {PULLED: mark})
