"""`crmsync status`: how each connection stands, and what needs a person. Reads store and files; no CRM call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from crmsync.clock import local_day
from crmsync.connection.snapshot import Snapshot
from crmsync.connection.stored_kind import ANOTHER_OBJECT_HINT, another_object
from crmsync.enumeration import first_few
from crmsync.errors import AnotherRunInProgress, ConfigurationError, CrmsyncError
from crmsync.operations.history.runs import RunLine, lines_of, told
from crmsync.operations.left_alone.holds import today_of
from crmsync.operations.report.hand_offs import lines_of as hand_off_lines
from crmsync.operations.run.ready import stored
from crmsync.operations.status.needs import ConnectionCircumstances, NextRun, needs_of
from crmsync.operations.status.waiting import WaitsFor, waits_for
from crmsync.route.roster.defaults import may_wait
from crmsync.run.left_alone import CAUSES, LeftAlone, kept
from crmsync.run.measured import CHANGE_SECONDS, STOPPED
from crmsync.run.nobody_yet import nobody_yet
from crmsync.run.stopped_early import stopped_early
from crmsync.run.under_way import facts_of_place
from crmsync.settings import OpenNeed, Settings
from crmsync.store import Breach, ReadRuns, RunRecord, Store, TellingsStanding
from crmsync.values import asdict, replace

_USED_TO_TELL = 20
"""So many records were told by a CRM that tells: a trial or two are none."""
_LISTENED = timedelta(days=7)
_RUNS = 50
"""How many of the last runs are looked at."""

_UNWRITTEN = frozenset({"intended", "refused", "did_not_stick"})


class HandOffsStanding(Struct, frozen=True):
    """Under way; those where nobody was in touch yet (`waiting`), and in time (`late`; null = not told)."""

    under_way: int
    waiting: int
    late: int | None


class Status(Struct, frozen=True):
    """One connection. `needs`: what needs a person; empty = all is well.

    `last`: the last run, `next_run`: when the schedule wants the next. `read_at`: when the CRM was read last.
    `guard`: what stopped the last run that was not dry. `calls_left`: the CRM's word at the last run. `running`: a
    run is at work. `nobody_yet`: leads without an owner that may be so; null = none may, or it is not told.
    `tellings`: what the CRM told by itself; null = it never did, and nobody listens.
    """

    connection: str
    writes: bool
    last: RunLine | None
    next_run: datetime
    running: bool
    due: int
    leads: int
    guard: tuple[Breach, ...]
    read_at: datetime | None
    set_aside: int
    calls_left: int | None
    hand_offs: HandOffsStanding
    alone: tuple[LeftAlone, ...]
    now: datetime
    nobody_yet: int | None = None
    tellings: TellingsStanding | None = None
    waits_for: WaitsFor = "time"
    needs: tuple[OpenNeed, ...] = ()

    @property
    def attention(self) -> tuple[str, ...]:
        """What needs a person in words, each with the way on."""
        return tuple(map(str, self.needs))

    def count(self, cause: str) -> int:
        """How many leads are left alone for this cause."""
        return sum(each.cause == cause for each in self.alone)

    def _tellings(self) -> dict[str, Any] | None:
        if self.tellings is None:
            return None
        it = self.tellings
        instants = {"last_at": it.last_at, "oldest_at": it.oldest_at, "refused_at": it.refused_at}
        times = {name: told(at) for name, at in instants.items()}
        subscribed = [{"channel": each.channel, "heard_at": told(each.heard_at)} for each in it.subscribed]
        counts = {"taken": it.taken, "waiting": it.waiting, "refused": dict(it.refused), "lost": it.lost}
        return {**counts, **times, "lost_at": told(it.lost_at), "subscribed": subscribed}

    @property
    def lag_minutes(self) -> int | None:
        """The age of the newest reading."""
        return None if self.read_at is None else max(0, int((self.now - self.read_at).total_seconds() // 60))

    def to_json(self) -> dict[str, Any]:
        """The stable shape. Instants in UTC."""
        return {
            "connection": self.connection,
            "writes": "on" if self.writes else "off",
            "last_run": self.last.to_json() if self.last else None,
            "next_run": told(self.next_run),
            "waits_for": self.waits_for,
            "running": self.running,
            "leads": self.leads,
            "due": self.due,
            "open_guard": [asdict(breach) for breach in self.guard],
            "read_at": told(self.read_at),
            "lag_minutes": self.lag_minutes,
            "set_aside": self.set_aside,
            **({} if self.nobody_yet is None else {"nobody_yet": self.nobody_yet}),
            "quota_left": self.calls_left,
            "hand_offs": asdict(self.hand_offs),
            "left_alone": {cause: self.count(cause) for cause in CAUSES},
            "tellings": self._tellings(),
            "attention": list(self.attention),
            "needs": [{"kind": need.kind, "number": need.number, "command": need.command} for need in self.needs],
        }


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
    kept_runs, running = _runs(store, name, now)
    runs = (*kept_runs.records, *_older_to_write(store, name, kept_runs.records))
    ended = [run for run in runs if run.ended_at is not None]
    wrote = next((run for run in ended if not run.dry_run), None)
    latest = ended[0] if ended else None
    today = today_of(store, name, now)
    found = settings.connections.get(name)
    alone = kept(name, found.mapping, settings.policy.movement, store, today) if found else {}
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
        alone=tuple(alone[lead] for lead in sorted(alone)),
        now=now,
        nobody_yet=_nobody_yet(settings, store, name),
        tellings=_known_tellings(settings, store, name),
    )
    circumstances = ConnectionCircumstances(
        connection=name,
        schedule=schedule,
        alerts=settings.alerts,
        now=now,
        next_run=status.next_run,
        running=status.running,
        runs=runs,
        stopped=stopped_early(store, name, runs[0] if runs else None),
        read_at=status.read_at,
        calls_left=status.calls_left,
        leads_stopped=[each.lead for each in status.alone if each.cause == "stopped"],
        late=status.hand_offs.late,
        unwritten=_unwritten(store, name, wrote),
        answered=_answered(store, name),
        told_at=_told_at(settings, status.tellings, now),
    )
    needs = (
        *_broken(settings, name),
        *_of_other_records(settings, store, name),
        *(_renamed(settings, store, name) if status.read_at is None else ()),
        *needs_of(circumstances, next_run),
        *_sign_in_ends(settings, name, now),
        *_damaged(name, kept_runs.damaged),
    )
    waits = waits_for(schedule, status.next_run, now, running=running, broken=name in settings.broken)
    return replace(status, waits_for=waits, needs=needs)


def _unwritten(store: Store, name: str, wrote: RunRecord | None) -> int:
    """Changes of the last run that was to write, which the CRM refused, did not keep, or was not asked for."""
    if wrote is None or STOPPED in wrote.measures:
        return 0
    ends = store.journal.ends(name, [wrote.id]).get(wrote.id, {})
    return sum(number for state, number in ends.items() if state in _UNWRITTEN)


def _answered(store: Store, name: str) -> RunRecord | None:
    """The last run that wrote what a change in the CRM asked for."""
    last = store.runs.read(name, limit=_RUNS).records
    return next((run for run in last if run.ended_at is not None and CHANGE_SECONDS in run.measures), None)


def _told_at(settings: Settings, tellings: TellingsStanding | None, now: datetime) -> datetime | None:
    """When a CRM that is used to tell of changes did so last."""
    if tellings is None or tellings.last_at is None or tellings.taken < _USED_TO_TELL:
        return None
    listens = any(now - each.heard_at < _LISTENED for each in tellings.subscribed)
    return tellings.last_at if settings.hooks is not None or listens else None


def _broken(settings: Settings, name: str) -> Iterator[OpenNeed]:
    if name in settings.broken:
        told, command = f"its files are not right: {_first_line(settings.broken[name])}", f"crmsync check {name}"
        yield OpenNeed("files_wrong", told, command, command)


def _of_other_records(settings: Settings, store: Store, name: str) -> Iterator[OpenNeed]:
    """Runs refuse a store of another object, and say so before they are counted as runs."""
    configuration, text = settings.connections.get(name), store.runs.snapshot(name)
    if configuration is not None and (told := another_object(configuration, Snapshot.from_text(text or ""))):
        yield OpenNeed("other_records", told, ANOTHER_OBJECT_HINT, f"crmsync check {name}")


def _renamed(settings: Settings, store: Store, name: str) -> Iterator[OpenNeed]:
    """Of a connection that was never read; runs look whether its leads are those, and refuse them then."""
    if others := [f"`{other}`" for other in store.runs.other_snapshots(name) if other not in settings.configured]:
        those = "a connection" if len(others) == 1 else "connections"
        told = f"the store holds what is known of {those} that crmsync.yaml no longer names ({first_few(others)})"
        yield OpenNeed("renamed", told, "put the name back if it was renamed", f"crmsync status {name}", len(others))


def _sign_in_ends(settings: Settings, name: str, now: datetime) -> Iterator[OpenNeed]:
    """By the day that crmsync.yaml tells: no CRM says when credentials end."""
    ends = settings.configured[name].sign_in_ends
    if ends is None or (days := (ends - local_day(now, "UTC")).days) > settings.alerts.sign_in_days:
        return
    when = f"ends on {ends}" if days > 0 else f"ended on {ends}" if days < 0 else "ends today"
    mend = f"renew it, then write the new day as `sign_in_ends` of {name}"
    yield OpenNeed("sign_in_ends", f"the sign-in {when}", mend, f"crmsync check {name}", max(days, 0))


def _damaged(name: str, runs: Sequence[int]) -> Iterator[OpenNeed]:
    if runs:
        named = f"run {runs[0]}" if len(runs) == 1 else f"runs {first_few([str(number) for number in runs])}"
        mend = "look after the disk, and restore a backup if there is more"
        yield OpenNeed(
            "store_damaged", f"what is kept of {named} is damaged", mend, f"crmsync status {name}", len(runs)
        )


def _runs(store: Store, name: str, now: datetime) -> tuple[ReadRuns, bool]:
    """The last runs, and whether one is at work; asked again where one ends or begins between the two questions."""
    kept = store.runs.read(name, limit=_RUNS, with_told=False)
    while kept.records and kept.records[0].ended_at is None:
        if _running(store, name, now):
            return kept, True
        again = store.runs.read(name, limit=_RUNS, with_told=False)
        if again.records[:1] == kept.records[:1]:
            return again, False
        kept = again
    return kept, False


def _older_to_write(store: Store, name: str, runs: Sequence[RunRecord]) -> Iterator[RunRecord]:
    """The last run that was to write, where only dry ones are among these."""
    if any(run.ended_at is not None and not run.dry_run for run in runs):
        return
    if (older := store.runs.last_to_write(name)) is not None:
        yield older


def _running(store: Store, name: str, now: datetime) -> bool:
    try:
        with store.hold(name, now=now):
            return False
    except AnotherRunInProgress:
        return True


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


def _first_line(error: ConfigurationError) -> str:
    return f"{error.findings[0].file}:{error.findings[0].line}: {error.findings[0].message}"
