"""What the CRM holds by now is read and remembered: what has changed, everything, or what was told."""

from __future__ import annotations

from crmsync.errors import FullReadNeeded
from crmsync.run.changed_files import ChangedFiles, complete_because
from crmsync.run.pull import PullReport, pull_and_remember
from crmsync.run.read_told import read_told
from crmsync.run.running import Running

READ_IN_FULL = "read_in_full"
"""Under this name the store keeps when all records were read last, ISO-8601 with zone."""


def read_crm(run: Running, changed: ChangedFiles) -> tuple[ChangedFiles, PullReport]:
    """What the CRM holds by now, remembered; read in full when what changed asks for it or a cursor is too old.

    Of a run that looks at what was told, that alone.
    """
    if (told := run.request.aim.told) is not None:
        return changed, read_told(run.opened, run.store, told, today=run.today)
    name = run.opened.prepared.name
    try:
        pulled = _pulled(run, complete=changed.complete)
    except FullReadNeeded as error:
        changed = complete_because(changed, error.message)
        pulled = _pulled(run, complete=True)
    if changed.complete and not pulled.remembered.leads_missing:
        digests = changed.digests
        now_known = {
            "pulled": digests["mapping"],
            "pulled_file": digests["mapping_file"],
            "pulled_rates": digests["rates"],
            READ_IN_FULL: run.now().isoformat(),
        }
        run.store.runs.set_digests(name, now_known)
    return changed, pulled


def _pulled(run: Running, *, complete: bool) -> PullReport:
    return pull_and_remember(
        run.opened,
        run.store,
        complete=complete,
        today=run.today,
        progress=run.progress,
        allowed_gone=run.request.allowed.get("gone"),
    )
