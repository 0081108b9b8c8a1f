"""What a plan is bound to, and whether all of that is still the same."""

from __future__ import annotations

from crmsync.connection.opening import Opened
from crmsync.connection.prepared import Prepared
from crmsync.connection.snapshot import Snapshot
from crmsync.connection.stored_kind import ANOTHER_ACCOUNT_HINT, another_account, refuse_another_object
from crmsync.errors import UsageError
from crmsync.model import BoundTo
from crmsync.run.changed_files import digests_of
from crmsync.store import Store

_ANEW = "make the plan anew: crmsync run --dry-run --format json --out FILE"


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
    of another object.
    """
    ready, text = opened.prepared, store.runs.snapshot(opened.prepared.name)
    known = Snapshot.from_text(text) if text else None
    if told := another_account(ready.name, opened.snapshot.org, known):
        raise UsageError(told, hint=ANOTHER_ACCOUNT_HINT)
    refuse_another_object(ready.configuration, known)


def refuse_unbound(bound: BoundTo, digest: str, prepared: Prepared, store: Store) -> None:
    """Raise `UsageError` unless a plan with this digest may be carried out here and now."""
    here = bound_to(prepared, store, kind=bound.kind, run=bound.run)
    if bound.store != here.store:
        raise UsageError(
            "this plan was made with another store",
            hint="apply it where it was made: rotation, hand-offs and what people changed are known there",
        )
    if (bound.connector, bound.org) != (here.connector, here.org):
        raise UsageError(
            f"this plan was made for another CRM account than {prepared.name} signs in to now", hint=_ANEW
        )
    for what in ("policy", "mapping", "roster"):
        if getattr(bound, what) != getattr(here, what):
            beside = {"mapping": ", or the CRM's fields,", "roster": ", or who is active in the CRM,"}.get(what, "")
            raise UsageError(f"the {what}{beside} has changed since this plan was made", hint=_ANEW)
    made = store.runs.one(prepared.name, bound.run)
    if made is not None and made.plan not in {None, digest}:
        raise UsageError(
            f"run {bound.run} of this store has made another plan: the store was put back from a copy", hint=_ANEW
        )
