"""`crmsync status`: how each connection stands, and what needs a person. Reads store and files; no CRM call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from types import MappingProxyType

from crmsync.errors import CrmsyncError
from crmsync.operations.history.runs import lines_of
from crmsync.operations.left_alone.holds import today_of
from crmsync.operations.report.hand_offs import lines_of as hand_off_lines
from crmsync.operations.run.ready import stored
from crmsync.operations.status.last_runs import answered, last_runs, older_to_write, unwritten
from crmsync.operations.status.needs import ConnectionCircumstances, NextRun, needs_of
from crmsync.operations.status.needs_beside_runs import (
    broken_files,
    damaged_runs,
    of_other_records,
    renamed,
    sign_in_ends,
)
from crmsync.operations.status.status import HandOffsStanding, Status
from crmsync.operations.status.waiting import waits_for
from crmsync.route.roster.defaults import may_wait
from crmsync.run.left_alone import counted as counted_alone
from crmsync.run.nobody_yet import nobody_yet
from crmsync.run.stopped_early import stopped_early
from crmsync.run.under_way import facts_of_place
from crmsync.settings import Settings
from crmsync.store import RunRecord, Store, TellingsStanding
from crmsync.values import replace

_USED_TO_TELL = 20
"""So many records were told by a CRM that tells: a trial or two are none."""
_LISTENED = timedelta(days=7)


def _known_tellings(settings: Settings, store: Store, name: str) -> TellingsStanding | None:
    found = store.tellings.standing(name)
    return found if found.anything or settings.hooks is not None else None


def statuses(
    settings: Settings,
    connections: Sequence[str],
    *,
    now: Callable[[], datetime],
    next_run: NextRun,
    counted: Mapping[str, int] = MappingProxyType({}),
) -> list[Status]:
    """How the named connections stand, or all. `counted`: leads of connections, by who has just counted them. Raises
    `UsageError` for one that is not configured.
    """
    with closing(Store(settings.store)) as store:
        return [
            _status(settings, store, name, now(), next_run, counted.get(name)) for name in settings.named(connections)
        ]


def _status(
    settings: Settings, store: Store, name: str, now: datetime, next_run: NextRun, counted: int | None
) -> Status:
    schedule = settings.configured[name].schedule
    kept_runs, running = last_runs(store, name, now)
    runs = (*kept_runs.records, *older_to_write(store, name, kept_runs.records))
    ended = [run for run in runs if run.ended_at is not None]
    wrote = next((run for run in ended if not run.dry_run), None)
    latest = ended[0] if ended else None
    today = today_of(store, name, now)
    found = settings.connections.get(name)
    alone, given_in = counted_alone(name, settings.policy.movement, store, today) if found else ({}, [])
    calls_left = next((run.measures["calls_left"] for run in ended if "calls_left" in run.measures), None)
    status = Status(
        connection=name,
        writes=settings.configured[name].writes == "on",
        last=lines_of(store, name, runs[:1])[0] if runs else None,
        next_run=next_run(schedule, wrote.started_at if wrote else None, now),
        running=running,
        due=store.facts.due_count(name, today),
        leads=store.facts.lead_count(name) if counted is None else counted,
        guard=wrote.breaches if wrote else (),
        read_at=next((run.started_at for run in ended if "read" in run.counts), None),
        set_aside=latest.counts.get("set_aside", 0) if latest else 0,
        calls_left=None if calls_left is None else int(calls_left),
        hand_offs=_hand_offs(settings, store, name, now),
        left_alone=alone,
        now=now,
        nobody_yet=_nobody_yet(settings, store, name),
        tellings=_known_tellings(settings, store, name),
    )
    circumstances = _circumstances(settings, store, status, runs, wrote, given_in)
    needs = (
        *broken_files(settings, name),
        *of_other_records(settings, store, name),
        *(renamed(settings, store, name) if status.read_at is None else ()),
        *needs_of(circumstances, next_run),
        *sign_in_ends(settings, name, now),
        *damaged_runs(name, kept_runs.damaged),
    )
    waits = waits_for(schedule, status.next_run, now, running=running, broken=name in settings.broken)
    return replace(status, waits_for=waits, needs=needs)


def _circumstances(
    settings: Settings,
    store: Store,
    status: Status,
    runs: Sequence[RunRecord],
    wrote: RunRecord | None,
    given_in: Sequence[str],
) -> ConnectionCircumstances:
    """What tells whether somebody is needed: how the connection stands, its last runs, and leads that are stopped."""
    name = status.connection
    return ConnectionCircumstances(
        connection=name,
        schedule=settings.configured[name].schedule,
        alerts=settings.alerts,
        now=status.now,
        next_run=status.next_run,
        running=status.running,
        runs=runs,
        stopped=stopped_early(store, name, runs[0] if runs else None),
        read_at=status.read_at,
        calls_left=status.calls_left,
        leads_stopped=given_in,
        late=status.hand_offs.late,
        unwritten=unwritten(store, name, wrote),
        answered=answered(store, name),
        told_at=_told_at(settings, status.tellings, status.now),
    )


def _told_at(settings: Settings, tellings: TellingsStanding | None, now: datetime) -> datetime | None:
    """When a CRM that is used to tell of changes did so last."""
    if tellings is None or tellings.last_at is None or tellings.taken < _USED_TO_TELL:
        return None
    listens = any(now - each.heard_at < _LISTENED for each in tellings.subscribed)
    return tellings.last_at if settings.hooks is not None or listens else None


def _hand_offs(settings: Settings, store: Store, name: str, now: datetime) -> HandOffsStanding:
    """`late` needs policy, roster and set-up together; where they do not fit, it is not told."""
    under_way = [it for it in store.hand_offs.read(name, since=now) if it.ended_at is None]
    waiting = sum(not (it.touched_at or it.accepted_at or it.returned_at or it.queued_at) for it in under_way)
    if not under_way or name in settings.broken:
        return HandOffsStanding(len(under_way), waiting, 0 if not under_way else None)
    try:
        prepared = stored(settings, settings.connection(name), store)
    except CrmsyncError:
        return HandOffsStanding(len(under_way), waiting, None)
    if told := facts_of_place(prepared):
        under_way = [it for it in store.hand_offs.read(name, since=now, facts=told) if it.ended_at is None]
    lines = hand_off_lines(prepared, under_way, {}, now)
    return HandOffsStanding(len(under_way), waiting, sum(line.late_now for line in lines))


def _nobody_yet(settings: Settings, store: Store, name: str) -> int | None:
    """Needs policy, roster and set-up together; where they do not fit, it is not told."""
    if name in settings.broken or not (settings.policy.hand_overs or may_wait(settings.roster)):
        return None
    try:
        found = nobody_yet(stored(settings, settings.connection(name), store), store)
    except CrmsyncError:
        return None
    return None if found is None else len(found)
