"""What a plan is bound to, and whether all of that is still the same."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from crmsync.clock import local_day
from crmsync.connection.opening import Opened
from crmsync.connection.prepared import Prepared
from crmsync.connection.snapshot import Snapshot, readable
from crmsync.connection.stored_kind import (
    ANOTHER_ACCOUNT_HINT,
    ANOTHER_NAME_HINT,
    SHARED_HINT,
    another_account,
    another_name,
    refuse_another_object,
    shared_in_words,
    shared_leads,
)
from crmsync.errors import NextStep, UsageError
from crmsync.model import BoundTo
from crmsync.run.changed_files import digests_of
from crmsync.store import Store

_ANEW = "make the plan anew: crmsync run --dry-run --format json --out FILE"


def _anew(connection: str) -> NextStep:
    return NextStep("make_plan", _ANEW, connection)


def bound_to(prepared: Prepared, store: Store, *, kind: str, run: int) -> BoundTo:
    """What a plan that this run makes is bound to."""
    digests = digests_of(prepared)
    return BoundTo(
        store=store.runs.identity(),
        connector=prepared.configuration.settings.connector,
        org=prepared.org.id,
        policy=digests["policy"],
        mapping=digests["mapping"],
        roster=digests["roster"],
        kind=kind,
        run=run,
    )


def refuse_what_is_not_its_own(opened: Opened, store: Store) -> None:
    """Raise `UsageError` where the store holds, under this connection's name, leads of another CRM account or records
    of another object; or, under a name that is no longer configured, those that this connection reads for the first
    time.
    """
    ready, text = opened.prepared, store.runs.snapshot(opened.prepared.name)
    known = Snapshot.from_text(text) if text else None
    if told := another_account(ready.name, opened.snapshot.org, known):
        raise UsageError(told, hint=ANOTHER_ACCOUNT_HINT)
    refuse_another_object(ready.configuration, known)
    if text is None:
        others = readable(store.runs.other_snapshots(ready.name))
        if told := another_name(ready.configuration, opened.snapshot.org, others, ready.settings.configured):
            raise UsageError(told, hint=ANOTHER_NAME_HINT)


def shared_notes(prepared: Prepared, store: Store) -> tuple[str, ...]:
    """That another connection works the same leads, unless both say which are theirs."""
    connections, kept = prepared.settings.connections, store.runs.other_snapshots(prepared.name)
    others = readable({name: text for name, text in kept.items() if name in connections})
    if shared := shared_leads(prepared.configuration, prepared.org, others, connections):
        return (f"{shared_in_words(prepared.configuration, prepared.org, shared)} → {SHARED_HINT}",)
    return ()


def refuse_unbound(bound: BoundTo, digest: str, as_of: date, prepared: Prepared, store: Store) -> None:
    """Raise `UsageError` unless a plan with this digest, of this day, may be carried out here and now."""
    here = bound_to(prepared, store, kind=bound.kind, run=bound.run)
    if bound.store != here.store:
        raise UsageError(
            "this plan was made with another store",
            hint="apply it where it was made: rotation, hand-offs and what people changed are known there",
        )
    if (bound.connector, bound.org) != (here.connector, here.org):
        raise UsageError(
            f"this plan was made for another CRM account than {prepared.name} signs in to now",
            step=_anew(prepared.name),
        )
    for what in ("policy", "mapping", "roster"):
        if getattr(bound, what) != getattr(here, what):
            beside = {"mapping": ", or the CRM's fields,", "roster": ", or who is active in the CRM,"}.get(what, "")
            raise UsageError(f"the {what}{beside} has changed since this plan was made", step=_anew(prepared.name))
    made = store.runs.one(prepared.name, bound.run)
    if made is not None and as_of not in _days_of(made.started_at, prepared.org.time_zone):
        raise UsageError(
            f"this plan decides as of {as_of}, and was made on another day: it is there to be looked at",
            step=_anew(prepared.name),
        )
    if made is not None and made.plan not in {None, digest}:
        raise UsageError(
            f"run {bound.run} of this store has made another plan: the store was put back from a copy",
            step=_anew(prepared.name),
        )


def _days_of(started_at: datetime, zone: str) -> set[date]:
    """The day in the org's zone on which a run began; of one that began soon after midnight both."""
    return {local_day(started_at - earlier, zone) for earlier in (timedelta(0), timedelta(minutes=10))}
