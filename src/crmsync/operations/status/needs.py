"""What of a connection needs a person, from how it stands: the kind, and in words with the way on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from crmsync.enumeration import first_few
from crmsync.run.measured import CHANGE_SECONDS, NEWS
from crmsync.run.stopped_early import StoppedEarly
from crmsync.settings import AlertSettings, NeedKind, OpenNeed, ScheduleSettings
from crmsync.store import Breach, RunRecord

NextRun = Callable[[ScheduleSettings, datetime | None, datetime], datetime]
"""When a connection runs next: by its schedule, the start of its last finished run, and now."""

_LATE = timedelta(hours=1)
"""How long after its time a run may still come before somebody should look whether anything runs at all."""
_FEW_CALLS = 2
"""So many runs like the last one should still fit into the day's calls."""
_STILL_SAYS_SOMETHING = timedelta(hours=1)
"""So long a run tells how fast changes are answered."""
_FEW_RUNS = 3
"""So many runs have to find changes that were not told: one may come a moment before the CRM tells."""
_SOON_TOLD = timedelta(minutes=2)
_OF_GUARDS: Mapping[str, NeedKind] = {
    "few_leads": "nothing_pulled",
    "few_activities": "nothing_pulled",
    "unknown": "unknown_jumped",
    "writes_off": "writes_off",
    "declined": "writes_off",
}
"""Guards that are a kind of their own."""


class ConnectionCircumstances(Struct, frozen=True):
    """What is known of a connection. `runs`: newest first. `stopped`: one that ended before it was counted as a run.

    `read_at`: when the CRM was read last. `leads_stopped`: those of a tug-of-war. `late`: hand-offs. `unwritten`:
    changes of the last run that was to write, which the CRM did not take, or was not asked to. `answered`: the
    last run, of those by tellings, too, that wrote what changes in the CRM asked for. `told_at`: when a CRM that
    tells of changes did so last; null = it does not.
    """

    connection: str
    schedule: ScheduleSettings
    alerts: AlertSettings
    now: datetime
    next_run: datetime
    running: bool
    runs: Sequence[RunRecord]
    stopped: StoppedEarly | None
    read_at: datetime | None
    calls_left: int | None
    leads_stopped: Sequence[str]
    late: int | None
    unwritten: int = 0
    answered: RunRecord | None = None
    told_at: datetime | None = None

    @property
    def ended(self) -> list[RunRecord]:
        """Runs that have ended, dry ones, too."""
        return [run for run in self.runs if run.ended_at is not None]

    @property
    def wrote(self) -> RunRecord | None:
        """The last of these that was not dry."""
        return next((run for run in self.ended if not run.dry_run), None)

    @property
    def tried_at(self) -> datetime | None:
        """When a run was begun last, whatever became of it."""
        times = [run.started_at for run in self.runs[:1]] + ([self.stopped.at] if self.stopped else [])
        return max(times, default=None)

    @property
    def lag_minutes(self) -> int:
        """The age of the newest reading."""
        return 0 if self.read_at is None else max(0, int((self.now - self.read_at).total_seconds() // 60))


def needs_of(it: ConnectionCircumstances, next_run: NextRun) -> Iterator[OpenNeed]:
    """What a person has to see to, the most urgent first."""
    yield from _of_readings(it, next_run)
    yield from _of_runs(it)
    yield from _of_guards(it)
    yield from _of_leads(it)
    yield from _of_changes(it)


def _of_readings(it: ConnectionCircumstances, next_run: NextRun) -> Iterator[OpenNeed]:
    name = it.connection
    if it.read_at is None:
        command = f"crmsync run {name} --dry-run"
        yield OpenNeed("never_read", "it was never read", command, command)
        return
    due = not it.running and it.next_run <= it.now
    late = due and _overdue(it.schedule, it.read_at, it.now, next_run)
    if late and (it.tried_at is None or _overdue(it.schedule, it.tried_at, it.now, next_run)):
        told = f"nothing was read for {_hours(it.lag_minutes)}"
        yield OpenNeed("missed", told, "is `crmsync serve` running?", f"crmsync status {name}", it.lag_minutes // 60)
    elif late or (it.alerts.lag_minutes is not None and it.lag_minutes >= it.alerts.lag_minutes):
        told, command = f"nothing was read for {_hours(it.lag_minutes)}", f"crmsync run {name} --dry-run"
        yield OpenNeed("lag", told, f"{command} says why", command, it.lag_minutes)


def _overdue(schedule: ScheduleSettings, since: datetime, now: datetime, next_run: NextRun) -> bool:
    """Whether two runs and an hour went by since then; of a crontab line, its next time and an hour."""
    one_more = timedelta(minutes=schedule.every_minutes or 0)
    return next_run(schedule, since + one_more, now - _LATE) <= now - _LATE


def _of_runs(it: ConnectionCircumstances) -> Iterator[OpenNeed]:
    name, latest = it.connection, it.ended[0] if it.ended else None
    if it.runs and it.runs[0].ended_at is None and not it.running:
        told = f"run {it.runs[0].id} did not end: it was killed, or the machine stopped"
        yield OpenNeed("run_unfinished", told, f"crmsync run {name} settles it", f"crmsync run {name}")
    if it.stopped is not None:
        command = f"crmsync check {name}"
        kind: NeedKind = "sign_in_refused" if it.stopped.sign_in_refused else "run_failed"
        why = "as the CRM refuses the sign-in" if it.stopped.sign_in_refused else f"with exit {it.stopped.exit_code}"
        yield OpenNeed(kind, f"the last run stopped {why}", f"{command} says why", command, it.stopped.exit_code)
    elif latest is not None and latest.exit_code in (1, 2):
        command = _looked_at_again(name, latest)
        told = f"the last run stopped with exit {latest.exit_code}"
        yield OpenNeed("run_failed", told, f"{command} says why", command, latest.exit_code)


def _of_guards(it: ConnectionCircumstances) -> Iterator[OpenNeed]:
    if it.wrote is None:
        return
    command = _looked_at_again(it.connection, it.wrote)
    kinds: dict[NeedKind, list[Breach]] = {}
    for breach in it.wrote.breaches:
        kinds.setdefault(_OF_GUARDS.get(breach.name, "guard"), []).append(breach)
    for kind, breaches in kinds.items():
        told = f"a guard stopped the last run ({', '.join(map(str, breaches))})"
        yield OpenNeed(kind, told, command, command, len(breaches))


def _of_leads(it: ConnectionCircumstances) -> Iterator[OpenNeed]:
    name, latest = it.connection, it.ended[0] if it.ended else None
    if it.wrote is not None and it.unwritten:  # a dry run since has not written it either
        aside, command = it.wrote.counts.get("set_aside", 0) + it.unwritten, f"crmsync history --run {it.wrote.id}"
    elif latest is not None:
        aside, command = latest.counts.get("set_aside", 0), _looked_at_again(name, latest)
    else:
        aside, command = 0, ""
    if aside:
        records = "1 record was" if aside == 1 else f"{aside:,} records were"
        yield OpenNeed("run_partial", f"{records} set aside or not written", f"{command} tells each", command, aside)
    if it.leads_stopped:
        count, command = len(it.leads_stopped), f"crmsync report conflicts {name}"
        leads = "1 lead is" if count == 1 else f"{count:,} leads are"
        why = f"because somebody else replaces what crmsync writes ({first_few(it.leads_stopped)})"
        yield OpenNeed("tug_of_war", f"{leads} stopped, {why}", command, command, count)
    taken = latest.counts.get("calls", 0) if latest else 0
    if it.calls_left is not None and it.calls_left < max(taken * _FEW_CALLS, it.alerts.calls_left or 0):
        told = f"{it.calls_left:,} calls were left at the last run, which took {taken:,}"
        yield OpenNeed("quota_low", told, None, f"crmsync status {name}", it.calls_left)
    if it.late:
        command = f"crmsync report hand-offs {name} --late"
        yield OpenNeed("hand_off_late", f"{it.late:,} hand-offs are late", command, command, it.late)


def _of_changes(it: ConnectionCircumstances) -> Iterator[OpenNeed]:
    name, goal, run = it.connection, it.alerts.change_seconds, it.answered
    waited = run.measures[CHANGE_SECONDS] if run and it.now - run.started_at < _STILL_SAYS_SOMETHING else 0
    if goal is not None and waited > goal:
        told = f"changes in the CRM waited up to {waited:,.0f} seconds for their write, more than {goal:,.0f}"
        command = f"crmsync runs {name}"
        yield OpenNeed("changes_late", told, f"{command} tells how long runs took", command, round(waited))
    if it.told_at is not None and len(_found_untold(it)) >= _FEW_RUNS:
        hours = int((it.now - it.told_at).total_seconds() // 3600)
        told = f"the CRM told of no change for {_hours(hours * 60) if hours else 'a while'}, though runs found some"
        way_on = f"crmsync status {name} tells by which way; crmsync hooks test {name} tries that of `hooks:`"
        yield OpenNeed("tellings_ceased", told, way_on, f"crmsync status {name}", hours)


def _found_untold(it: ConnectionCircumstances) -> list[RunRecord]:
    """Those of the last runs which found something changed, and began when nothing had been told for a while."""
    newest = [run for run in it.ended if not run.measures.get("full") and run.measures.get(NEWS)][:_FEW_RUNS]
    return [run for run in newest if it.told_at is not None and run.started_at > it.told_at + _SOON_TOLD]


def _looked_at_again(connection: str, run: RunRecord) -> str:
    """The command that writes nothing and tells what such a run would do now. An applied plan's leads stay due."""
    if run.undo_of is not None:
        return f"crmsync undo {run.undo_of} --dry-run"
    if run.kind == "redistribute":
        return f"crmsync redistribute {connection} --from … --dry-run"
    return f"crmsync run {connection} --dry-run"


def _hours(minutes: int) -> str:
    hours = minutes / 60
    if hours < 2:
        return f"{minutes} minutes"
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"
