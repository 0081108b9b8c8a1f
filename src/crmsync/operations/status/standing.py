"""`crmsync status`: how each connection stands, and what needs a person. Reads store and files; no CRM call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from crmsync.connection.snapshot import Snapshot
from crmsync.connection.stored_kind import ANOTHER_OBJECT_HINT, another_object
from crmsync.enumeration import first_few
from crmsync.errors import AnotherRunInProgress, ConfigurationError, CrmsyncError
from crmsync.operations.history.runs import RunLine, lines_of, told
from crmsync.operations.left_alone.holds import today_of
from crmsync.operations.report.hand_offs import lines_of as hand_off_lines
from crmsync.operations.run.ready import stored
from crmsync.run.left_alone import CAUSES, LeftAlone, kept
from crmsync.settings import ScheduleSettings, Settings
from crmsync.store import Breach, RunRecord, Store

NextRun = Callable[[ScheduleSettings, datetime | None, datetime], datetime]
"""When a connection runs next: by its schedule, the start of its last finished run, and now."""

_RUNS = 50
"""How many of the last runs are looked at."""
_LATE = timedelta(hours=1)
"""How long after its time a run may still come before somebody should look whether anything runs at all."""
_FEW_CALLS = 2
"""So many runs like the last one should still fit into the day's calls."""


@dataclass(frozen=True, slots=True)
class HandOffs:
    """Under way; those where nobody was in touch yet (`waiting`), and in time (`late`; null = not told)."""

    under_way: int
    waiting: int
    late: int | None


@dataclass(frozen=True, slots=True)
class Status:
    """One connection. `attention`: what needs a person, each with the way on; empty = all is well.

    `last`: the last run, `next_run`: when the schedule wants the next. `read_at`: when the CRM was read last.
    `guard`: what stopped the last run that was not dry. `calls_left`: the CRM's word at the last run. `running`: a
    run is at work.
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
    hand_offs: HandOffs
    alone: tuple[LeftAlone, ...]
    now: datetime
    attention: tuple[str, ...] = field(default=())

    def count(self, cause: str) -> int:
        """How many leads are left alone for this cause."""
        return sum(each.cause == cause for each in self.alone)

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
            "running": self.running,
            "leads": self.leads,
            "due": self.due,
            "open_guard": [asdict(breach) for breach in self.guard],
            "read_at": told(self.read_at),
            "lag_minutes": self.lag_minutes,
            "set_aside": self.set_aside,
            "quota_left": self.calls_left,
            "hand_offs": asdict(self.hand_offs),
            "left_alone": {cause: self.count(cause) for cause in CAUSES},
            "attention": list(self.attention),
        }


def statuses(
    settings: Settings, connections: Sequence[str], *, now: Callable[[], datetime], next_run: NextRun
) -> list[Status]:
    """How the named connections stand, or all. Raises `UsageError` for one that is not configured."""
    with closing(Store(settings.store)) as store:
        return [_status(settings, store, name, now(), next_run) for name in settings.named(connections)]


def _status(settings: Settings, store: Store, name: str, now: datetime, next_run: NextRun) -> Status:
    schedule = settings.configured[name].schedule
    kept_runs = store.runs.read(name, limit=_RUNS)
    runs = kept_runs.records
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
        running=bool(runs) and runs[0].ended_at is None and _running(store, name, now),
        due=store.facts.due_count(name, today),
        leads=store.facts.lead_count(name),
        guard=wrote.breaches if wrote else (),
        read_at=next((run.started_at for run in ended if "read" in run.counts), None),
        set_aside=latest.counts.get("set_aside", 0) if latest else 0,
        calls_left=None if calls_left is None else int(calls_left),
        hand_offs=_hand_offs(settings, store, name, now),
        alone=tuple(alone[lead] for lead in sorted(alone)),
        now=now,
    )
    attention = (
        *_broken(settings, name),
        *_of_other_records(settings, store, name),
        *(_renamed(settings, store, name) if status.read_at is None else ()),
        *_needing(status, schedule, runs, next_run),
        *_damaged(kept_runs.damaged),
    )
    return Status(**{**{key: getattr(status, key) for key in Status.__dataclass_fields__}, "attention": attention})


def _broken(settings: Settings, name: str) -> Iterator[str]:
    if name in settings.broken:
        yield f"its files are not right: {_first_line(settings.broken[name])} → crmsync check {name}"


def _of_other_records(settings: Settings, store: Store, name: str) -> Iterator[str]:
    """Runs refuse a store of another object, and say so before they are counted as runs."""
    configuration, text = settings.connections.get(name), store.runs.snapshot(name)
    if configuration is not None and (told := another_object(configuration, Snapshot.from_text(text or ""))):
        yield f"{told} → {ANOTHER_OBJECT_HINT}"


def _renamed(settings: Settings, store: Store, name: str) -> Iterator[str]:
    """Of a connection that was never read; runs look whether its leads are those, and refuse them then."""
    if others := [f"`{other}`" for other in store.runs.other_snapshots(name) if other not in settings.configured]:
        those = "a connection" if len(others) == 1 else "connections"
        yield (
            f"the store holds what is known of {those} that crmsync.yaml no longer names ({first_few(others)}) → "
            "put the name back if it was renamed"
        )


def _damaged(runs: Sequence[int]) -> Iterator[str]:
    if runs:
        named = f"run {runs[0]}" if len(runs) == 1 else f"runs {first_few([str(number) for number in runs])}"
        yield f"what is kept of {named} is damaged → look after the disk, and restore a backup if there is more"


def _looked_at_again(connection: str, run: RunRecord) -> str:
    """The command that writes nothing and tells what such a run would do now. An applied plan's leads stay due."""
    if run.undo_of is not None:
        return f"crmsync undo {run.undo_of} --dry-run"
    if run.kind == "redistribute":
        return f"crmsync redistribute {connection} --from … --dry-run"
    return f"crmsync run {connection} --dry-run"


def _needing(
    status: Status, schedule: ScheduleSettings, runs: Sequence[RunRecord], next_run: NextRun
) -> Iterator[str]:
    """What a person has to see to, the most urgent first."""
    name, last = status.connection, status.last
    if status.read_at is None:
        yield f"it was never read → crmsync run {name} --dry-run"
    elif not status.running and status.next_run <= status.now and _overdue(status, schedule, next_run):
        yield f"nothing was read for {_hours(status.lag_minutes)} → is `crmsync serve` running?"
    if last is not None and last.run.ended_at is None and not status.running:
        yield f"run {last.run.id} did not end: it was killed, or the machine stopped → crmsync run {name} settles it"
    ended = [run for run in runs if run.ended_at is not None]
    latest = ended[0] if ended else None
    if latest is not None and latest.exit_code in (1, 2):
        yield f"the last run stopped with exit {latest.exit_code} → {_looked_at_again(name, latest)} says why"
    wrote = next((run for run in ended if not run.dry_run), None)
    if wrote is not None and status.guard:
        guards = ", ".join(map(str, status.guard))
        yield f"a guard stopped the last run ({guards}) → {_looked_at_again(name, wrote)}"
    if latest is not None and status.set_aside:
        records = "1 record was" if status.set_aside == 1 else f"{status.set_aside:,} records were"
        yield f"{records} set aside or not written → {_looked_at_again(name, latest)} tells each"
    if stopped := [each.lead for each in status.alone if each.cause == "stopped"]:
        leads = "1 lead is" if len(stopped) == 1 else f"{len(stopped):,} leads are"
        yield (
            f"{leads} stopped, because somebody else replaces what crmsync writes ({first_few(stopped)}) → "
            f"crmsync report conflicts {name}"
        )
    needed = latest.counts.get("calls", 0) * _FEW_CALLS if latest else 0
    if status.calls_left is not None and status.calls_left < needed:
        yield f"{status.calls_left:,} calls were left at the last run, which took {needed // _FEW_CALLS:,}"
    if status.hand_offs.late:
        yield f"{status.hand_offs.late:,} hand-offs are late → crmsync report hand-offs {name} --late"


def _overdue(status: Status, schedule: ScheduleSettings, next_run: NextRun) -> bool:
    """Whether two runs and an hour went by without a reading; of a crontab line, its next time and an hour."""
    if status.read_at is None:
        return True
    one_more = timedelta(minutes=schedule.every_minutes or 0)
    return next_run(schedule, status.read_at + one_more, status.now - _LATE) <= status.now - _LATE


def _running(store: Store, name: str, now: datetime) -> bool:
    try:
        with store.hold(name, now=now):
            return False
    except AnotherRunInProgress:
        return True


def _hand_offs(settings: Settings, store: Store, name: str, now: datetime) -> HandOffs:
    """`late` needs policy, roster and set-up together; where they do not fit, it is not told."""
    under_way = [it for it in store.hand_offs.read(name, since=now) if it.ended_at is None]
    waiting = sum(it.touched_at is None and it.accepted_at is None and it.returned_at is None for it in under_way)
    if not under_way or name in settings.broken:
        return HandOffs(len(under_way), waiting, 0 if not under_way else None)
    try:
        prepared = stored(settings, settings.connection(name), store)
    except CrmsyncError:
        return HandOffs(len(under_way), waiting, None)
    lines = hand_off_lines(prepared, under_way, {}, now)
    return HandOffs(len(under_way), waiting, sum(line.late and line.state == "waiting" for line in lines))


def _first_line(error: ConfigurationError) -> str:
    return f"{error.findings[0].file}:{error.findings[0].line}: {error.findings[0].message}"


def _hours(minutes: int | None) -> str:
    hours = (minutes or 0) / 60
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"
