"""How much a plan may change before a run stops and asks. A breach is part of the plan. Pure.

After octoDNS's manner: small plans are never stopped by a share, and the refusal names numbers and the way on.
"""

from __future__ import annotations

from crmsync.model import GuardReading


def writes_off(connection: str, file: str) -> GuardReading:
    """The breach of a run that would write to a connection that is not switched on. `file`: where to do it."""
    return GuardReading(
        name="writes_off",
        value=1.0,
        limit=0.0,
        breached=True,
        way_on=f"when the plan is as you want it: `writes: on` under `connections: {connection}:` in {file}",
    )


def changed_share(
    changes: int, leads: int, *, limit_share: float, floor: int, allowed_changes: int | None, command: str
) -> GuardReading:
    """The share of the connection's leads that one run may change.

    `floor`: fewer changes than this are always allowed (default 50, contracts). `allowed_changes`: what the admin
    allowed for this run (`--allow-changes N`); it replaces the share. `command`: what to call then.
    """
    share = changes / leads if leads else 0.0
    way_through = f"crmsync {command} --allow-changes {changes}"
    if allowed_changes is not None:
        return GuardReading(
            name="allowed_changes",
            value=changes,
            limit=allowed_changes,
            breached=changes > allowed_changes,
            way_on=f"look at the plan; to let it through: {way_through}",
        )
    return GuardReading(
        name="changed_share",
        value=round(share, 4),
        limit=limit_share,
        breached=changes >= floor and share > limit_share,
        way_on=f"look at the plan with --dry-run; to let it through once: {way_through}",
    )


def missing_leads(
    missing: int, known: int, *, limit_share: float, floor: int, allowed_gone: int | None, connection: str
) -> GuardReading | None:
    """A breach when a full reading no longer finds so many of the known leads that it cannot be believed.

    A user who lost access to records gets an answer that looks whole. `floor`: fewer than this may always be gone,
    but never all of them. `allowed_gone`: what the admin allowed for this run (`--allow-gone N`).
    """
    allowed = allowed_gone if allowed_gone is not None else limit_share * known
    few = allowed_gone is None and missing < floor and missing < known
    if few or missing <= allowed:
        return None
    return GuardReading(
        name="gone_leads" if allowed_gone is not None else "gone_share",
        value=missing if allowed_gone is not None else round(missing / known, 4),
        limit=allowed_gone if allowed_gone is not None else limit_share,
        breached=True,
        way_on=f"{missing:,} of {known:,} leads were not found and are kept: look whether crmsync's user "
        f"in the CRM still sees them; if they are gone: crmsync run {connection} --full --allow-gone {missing}",
    )


def nothing_managed(unmanaged: int, leads: int, *, stage_field: str) -> GuardReading | None:
    """A breach when every lead stands in a stage that the mapping does not name: nothing could ever be decided.

    Null where some lead is managed, or none is there.
    """
    if not leads or unmanaged < leads:
        return None
    return GuardReading(
        name="all_unmanaged",
        value=1.0,
        limit=0.9999,
        breached=True,
        way_on=f"name the values that {stage_field} holds under `stage: values:` in the mapping; see check --data",
    )
