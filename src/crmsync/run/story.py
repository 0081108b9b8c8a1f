"""THE run: one connection from the CRM's facts to verified writes. Every hop is a function of another module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from crmsync.clock import local_day
from crmsync.connection.opening import Opened
from crmsync.errors import CrmsyncError, FullReadNeeded
from crmsync.model import Plan
from crmsync.progress import Progress
from crmsync.run.aims.aim import Aim
from crmsync.run.aims.everybody import Everybody
from crmsync.run.apply import ApplyReport, apply_plan
from crmsync.run.changed_files import DAMAGED, ChangedFiles, changed_files, complete_because
from crmsync.run.course import Circumstances, Course
from crmsync.run.decide import Decided, decide_and_plan
from crmsync.run.future import put_right
from crmsync.run.planned import carried_out, lead_names, planned
from crmsync.run.pull import PullReport, pull_and_remember
from crmsync.run.settle import close_outside, settle_open
from crmsync.run.under_way import remember_learnt
from crmsync.store import Store

Clock = Callable[[], datetime]
READ_IN_FULL = "read_in_full"
"""Under this name the store keeps when all records were read last, ISO-8601 with zone."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the caller asks for. `as_of`: null = today in the org's zone; another day only in a dry run."""

    dry_run: bool
    as_of: date | None = None
    full: bool = False
    allowed_changes: int | None = None
    allowed_gone: int | None = None
    aim: Aim = field(default_factory=Everybody)


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended. `lead_names`: of leads in the plan, for people's eyes. `error`: it stopped while writing.

    `clock_notes`: those of the plan's notes that somebody has to see to, also where nobody reads plans.
    """

    plan: Plan
    lead_names: Mapping[str, str]
    error: CrmsyncError | None = None
    clock_notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """The error's, else the plan's."""
        return self.error.exit_code if self.error else self.plan.exit_code


@dataclass(frozen=True, slots=True)
class Running:
    """One run under way, as its hops share it. `today`: the day in the org's zone on which it began."""

    opened: Opened
    store: Store
    request: RunRequest
    id: int
    today: date
    now: Clock
    progress: Progress
    stop: Callable[[], bool]


def run_connection(
    opened: Opened, store: Store, request: RunRequest, *, now: Clock, progress: Progress, stop: Callable[[], bool]
) -> Ran:
    """One run, as told in docs/decisions/0002. The caller holds the connection's lock.

    Gives the plan, with an outcome for every change when it was carried out, also when it stopped midway. Raises
    `RunStopped` and `ConfigurationError` before the first write; what was read until then stays.
    """
    name = opened.prepared.name
    today = local_day(now(), opened.prepared.org.time_zone)
    store.runs.set_snapshot(name, opened.snapshot.to_text())
    run_id = store.runs.start(name, now=now(), dry_run=request.dry_run)
    try:
        ran = _story(Running(opened, store, request, run_id, today, now, progress, stop))
    except CrmsyncError as error:
        store.runs.end(name, run_id, now=now(), exit_code=error.exit_code, counts={})
        raise
    store.runs.end(name, run_id, now=now(), exit_code=ran.exit_code, counts=ran.plan.counts)
    return ran


def _story(run: Running) -> Ran:
    """The hops, in order."""
    prepared, store, request = run.opened.prepared, run.store, run.request
    aim = request.aim.looked_up(prepared, store)
    clock_notes = (*run.opened.clock_notes, *put_right(run.opened, store, now=run.now(), today=run.today))
    settled = settle_open(
        run.opened.connector, store, prepared.name, prepared.mapping.lead.object, now=run.now(), today=run.today
    )
    changed, pulled = _read(run, aim.concerned_by(changed_files(prepared, store, full=request.full)))
    settled = close_outside(store, prepared.name, settled, now=run.now(), today=run.today)
    as_of = request.as_of or run.today
    found = Circumstances(prepared, store, run.now(), as_of, changed, request.as_of is not None, settled.open)
    course = aim.course(found)
    decided = decide_and_plan(prepared, store, course, as_of=as_of, now=found.now)
    if decided.damaged:
        store.runs.set_digests(prepared.name, {"pulled": DAMAGED})
    plan = planned(
        found,
        decided,
        pulled,
        settled,
        run_id=run.id,
        calls=run.opened.connector.usage().calls,
        allowed_changes=request.allowed_changes,
        allowed_gone=request.allowed_gone,
        command=aim.command(prepared.name),
        dry_run=request.dry_run,
    )
    plan = replace(
        plan, notes=(*clock_notes, *plan.notes, *course.under_way.notes, *aim.notes(found, course, decided))
    )
    names = lead_names(decided.frame, plan.changes)
    if request.dry_run or any(guard.breached for guard in plan.guards):
        return Ran(plan, names, clock_notes=clock_notes)
    applied = _write(run, plan, course, decided)
    if course.remembered and applied.error is None:
        _record(run, decided, applied, as_of)
        if course.selection.everything:
            store.runs.set_digests(prepared.name, changed.digests)
    return Ran(carried_out(plan, applied, run.opened.connector.usage().calls), names, applied.error, clock_notes)


def _read(run: Running, changed: ChangedFiles) -> tuple[ChangedFiles, PullReport]:
    """What the CRM holds by now, remembered; read in full when what changed asks for it or a cursor is too old."""
    name = run.opened.prepared.name
    try:
        pulled = _pulled(run, complete=changed.complete)
    except FullReadNeeded as error:
        changed = complete_because(changed, error.message)
        pulled = _pulled(run, complete=True)
    if changed.complete and not pulled.remembered.leads_missing:
        digests = changed.digests
        told = {"pulled": digests["mapping"], "pulled_rates": digests["rates"], READ_IN_FULL: run.now().isoformat()}
        run.store.runs.set_digests(name, told)
    return changed, pulled


def _pulled(run: Running, *, complete: bool) -> PullReport:
    return pull_and_remember(
        run.opened,
        run.store,
        complete=complete,
        today=run.today,
        progress=run.progress,
        allowed_gone=run.request.allowed_gone,
    )


def _write(run: Running, plan: Plan, course: Course, decided: Decided) -> ApplyReport:
    """Journal everything as intended, then write and verify it."""
    prepared, store = run.opened.prepared, run.store
    store.journal.intend(
        prepared.name,
        run.id,
        plan.changes,
        turns=decided.turns_after,
        given_back=[turn.lead for turn in decided.assignments.given_back],
        credits=decided.credits,
        now=run.now(),
    )
    remember_learnt(prepared, store, course.under_way, now=run.now())
    return apply_plan(
        run.opened.connector,
        store,
        plan,
        prepared.mapping.lead.object,
        run_id=run.id,
        now=run.now,
        today=run.today,
        stop=run.stop,
        progress=lambda done, total: run.progress(f"{prepared.name}: writing", done, total),
    )


def _record(run: Running, decided: Decided, applied: ApplyReport, as_of: date) -> None:
    """Decisions and review days of the selected leads; those whose write did not end well stay due."""
    prepared = run.opened.prepared
    unwritten = {change.lead for change in decided.changes} - applied.done
    run.store.history.record(
        prepared.name,
        run.id,
        decided.to_store(),
        policy_digest=prepared.compiled.digest,
        as_of=as_of,
        now=run.now(),
        keep_due=unwritten | {item.lead for item in decided.set_aside},
    )
