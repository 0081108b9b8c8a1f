"""THE run: one connection from the CRM's facts to verified writes. Every hop is a function of another module."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from crmsync.clock import local_day
from crmsync.connection.opening import Opened
from crmsync.contract import Usage
from crmsync.errors import ConfigurationError, CrmsyncError, RunStopped, UsageError
from crmsync.model import Plan
from crmsync.plan import Brought, declined, field_notes
from crmsync.progress import Progress
from crmsync.run.aims.aim import Aim
from crmsync.run.approval import ApprovalQuestion
from crmsync.run.bound import bound_to, refuse_what_is_not_its_own, shared_notes
from crmsync.run.carrying_out import recorded, write
from crmsync.run.changed_files import DAMAGED, ChangedFiles, changed_files
from crmsync.run.course import Course, RunCircumstances
from crmsync.run.decided import Decided
from crmsync.run.earlier_stages import ask_for_earlier_stages
from crmsync.run.future import put_right
from crmsync.run.guarded import AskedOfRun, calls_to_write, guarded
from crmsync.run.interruption import BETWEEN_BATCHES
from crmsync.run.left_alone import left_alone
from crmsync.run.measured import STOPPED, damage_notes, looked_back, measures_of, waited_measures
from crmsync.run.meter import Meter
from crmsync.run.planned import carried_out, lead_names, planned
from crmsync.run.pull import PullReport
from crmsync.run.reading import PULLED, believe, read_crm
from crmsync.run.running import Clock, Ran, Running, RunRequest
from crmsync.run.settle import SettleReport, close_outside, settle_open
from crmsync.run.started_by import started_by
from crmsync.spans import Value, span
from crmsync.store import Breach, Store
from crmsync.values import replace


def run_connection(
    opened: Opened,
    store: Store,
    request: RunRequest,
    *,
    now: Clock,
    progress: Progress,
    stop: Callable[[], bool],
    meter: Meter | None = None,
) -> Ran:
    """One run, as told in docs/decisions/0002. The caller holds the connection's lock.

    Gives the plan, with an outcome for every change when it was carried out, also when it stopped midway. Raises
    `RunStopped` and `ConfigurationError` before the first write; what was read until then stays.
    """
    name = opened.prepared.name
    today = local_day(now(), opened.prepared.org.time_zone)
    refuse_what_is_not_its_own(opened, store)
    store.runs.set_snapshot(name, opened.snapshot.to_text())
    kind, of_run = request.aim.kind, request.aim.of_run
    run_id = store.runs.start(
        name,
        now=now(),
        dry_run=request.dry_run,
        kind=kind,
        by=request.by or started_by(),
        undo_of=of_run if kind == "undo" else None,
        plan_of=of_run if kind == "apply" else None,
        partial=request.aim.partial,
    )
    running = Running(opened, store, request, run_id, today, now, progress, stop, meter or Meter())
    try:
        with span("run", _about(running, kind)) as told:
            ran = _story(running)
            told({"crmsync.exit_code": ran.exit_code, "crmsync.changes": len(ran.plan.changes)})
    except CrmsyncError as error:
        if isinstance(error, UsageError) and not isinstance(error, ConfigurationError):
            store.runs.drop(name, run_id)  # a slip of the caller's says nothing of the connection
        else:
            store.runs.end(name, run_id, now=now(), exit_code=error.exit_code, counts={})
        raise
    except (Exception, KeyboardInterrupt):  # what nobody foresaw, or Ctrl-C: it was not killed
        store.runs.end(name, run_id, now=now(), exit_code=RunStopped.exit_code, counts={})
        raise
    if kind == "told" and not (ran.plan.changes or ran.plan.set_aside or ran.exit_code):
        store.runs.drop(name, run_id)  # of a run a second most find nothing to do
        return ran
    return _ended(running, ran)


def _ended(run: Running, ran: Ran) -> Ran:
    """The same, once the run stands in the store with its end."""
    try:
        run.store.runs.end(
            run.opened.prepared.name,
            run.id,
            now=run.now(),
            exit_code=ran.exit_code,
            counts=ran.plan.counts,
            plan=ran.plan.digest,
            breaches=[Breach(it.name, it.value, it.limit) for it in ran.plan.guards if it.breached],
            measures={**ran.measures, **waited_measures(run.meter.waited)},
            aside=ran.plan.set_aside,
        )
    except CrmsyncError as error:  # what was written is told all the same
        return replace(ran, error=ran.error or error)
    return ran


def _about(run: Running, kind: str) -> Mapping[str, Value]:
    """What a trace tells of it."""
    return {
        "crmsync.connection": run.opened.prepared.name,
        "crmsync.run": run.id,
        "crmsync.kind": kind,
        "crmsync.dry_run": run.request.dry_run,
    }


class _Read(Struct, frozen=True):
    """What a run knows once the CRM was read. `before`: by which mapping all was read before, or why it is to be read
    again. `left`: notes.
    """

    clock_notes: tuple[str, ...]
    settled: SettleReport
    changed: ChangedFiles
    pulled: PullReport
    before: str | None
    left: tuple[str, ...]


class _Planned(Struct, frozen=True):
    """What a run knows once there is a plan. `usage`: calls until then."""

    plan: Plan
    course: Course
    decided: Decided
    brought: Brought
    usage: Usage


def _story(run: Running) -> Ran:
    """The hops, in order."""
    request = run.request
    aim = request.aim.looked_up(run.opened.prepared, run.store)
    read = _settled_and_read(run, aim)
    made = _planned(run, aim, read)
    plan, usage = made.plan, made.usage
    ran = Ran(plan, lead_names(made.decided.frame, plan.changes), clock_notes=read.clock_notes)
    if not (request.dry_run or any(guard.breached for guard in plan.guards)):
        ran, usage = _carried_out(run, ran, made, read)
    if read.pulled.told is not None:  # nothing to compare readings with
        return ran
    found = read.pulled.remembered
    measures = measures_of(
        made.brought,
        calls=usage.calls,
        calls_left=usage.calls_left,
        allowances=len(request.allowed),
        news=found.leads_new + found.leads_changed + found.activities_changed,
    )
    return replace(ran, measures={**ran.measures, **measures})


def _carried_out(run: Running, ran: Ran, made: _Planned, read: _Read) -> tuple[Ran, Usage]:
    """The plan is written and remembered; the same with what became of it, and the calls that it took."""
    interruption = run.request.interruption
    interruption.writes()
    with span("apply", {"crmsync.changes": len(made.plan.changes)}):
        applied = write(run, made.plan, made.course, made.decided)
    interruption.tells()
    run.meter.waited += applied.waited
    with span("remember"):
        error = applied.error or recorded(run, made.course, made.decided, applied, read.changed)
    if applied.stopped and interruption.by:
        error = error or interruption.stopped(BETWEEN_BATCHES)
    usage = run.opened.connector.usage().since(run.opened.before)
    stopped = {STOPPED: 1.0} if applied.stopped else {}
    return replace(ran, plan=carried_out(made.plan, applied, usage.calls), error=error, measures=stopped), usage


def _settled_and_read(run: Running, aim: Aim) -> _Read:
    """What earlier runs left open is settled; then the CRM is read."""
    prepared, store, request = run.opened.prepared, run.store, run.request
    clock_notes = (*run.opened.clock_notes, *put_right(run.opened, store, now=run.now(), today=run.today))
    writes = not request.dry_run and prepared.configuration.settings.writes == "on"
    left_open = store.journal.any_open(prepared.name)
    with span("settle"), request.interruption.settling(writes=writes and left_open):
        settled = settle_open(
            run.opened.connector,
            store,
            prepared.name,
            prepared.mapping.lead.object,
            writes=writes,
            now=run.now(),
            today=run.today,
            mapping=prepared.mapping,
            alone=left_alone(prepared, store, run.today) if left_open else (),
        )
    run.meter.waited += settled.waited
    before = store.runs.digests(prepared.name).get(PULLED)
    with span("pull") as told:
        changed, pulled = read_crm(run, aim.concerned_by(changed_files(prepared, store, full=request.full)))
        read = pulled.remembered
        told({"crmsync.leads_read": read.leads_read, "crmsync.activities_read": read.activities_read})
    left = ask_for_earlier_stages(run.opened, store, today=run.today, progress=run.progress)
    settled = close_outside(store, prepared.name, settled, now=run.now(), today=run.today)
    return _Read(clock_notes, settled, changed, pulled, before, tuple(left))


def _planned(run: Running, aim: Aim, read: _Read) -> _Planned:
    """What is stored is decided and routed, the guards are asked, and there is a plan."""
    prepared, store, request, pulled = run.opened.prepared, run.store, run.request, read.pulled
    found = RunCircumstances(
        prepared,
        store,
        run.now(),
        run.as_of,
        read.changed,
        leads=store.facts.lead_count(prepared.name),
        runs=looked_back(store, prepared.name),
        on_another_day=request.as_of is not None,
        open=read.settled.open,
        told=pulled.told,
    )
    found = replace(found, looked=aim.look(found, run.opened.connector))
    course = aim.course(found)
    with span("qualify and route"):
        decided = aim.decide(found, course)
    if decided.damaged:
        store.runs.set_digests(prepared.name, {PULLED: DAMAGED})
    brought = _brought(run, read.changed, pulled, decided)
    asked = AskedOfRun(request.dry_run, request.allowed, aim.command(prepared.name), run.id)
    guards = guarded(found, decided, pulled, run.opened.connector, brought, asked)
    believe(
        run,
        read.changed,
        pulled,
        guards,
        before=read.before,
        looked_at_all=decided.unknown is not None,
        damaged=bool(decided.damaged),
    )
    usage = run.opened.connector.usage().since(run.opened.before)
    bound = bound_to(prepared, store, kind=aim.kind, run=run.id)
    with span("plan"):
        plan = planned(
            found, decided, pulled, read.settled, guards, bound_to=bound, calls=usage.calls, dry_run=request.dry_run
        )
    notes = (
        *read.clock_notes,
        *read.left,
        *damage_notes(found.runs),
        *shared_notes(prepared, store),
        *plan.notes,
        *field_notes(plan.changes, run.opened.connector.capabilities.write_batch_size),
        *course.under_way.notes,
        *aim.notes(found, course, decided),
    )
    plan = replace(plan, undo_of=aim.of_run if aim.kind == "undo" else None, notes=notes)
    agreed = _agreed(run, plan, calls_to_write(decided, run.opened.connector))
    return _Planned(agreed, course, decided, brought, usage)


def _brought(run: Running, changed: ChangedFiles, pulled: PullReport, decided: Decided) -> Brought:
    """What this run read, as later ones compare theirs with it."""
    unknown, mapped = decided.unknown, run.opened.prepared.mapping.mapped_facts
    shares = (
        {}
        if unknown is None or not unknown.leads
        else {fact: round(count / unknown.leads, 6) for fact, count in unknown.counts.items() if fact in mapped}
    )
    read = pulled.remembered
    return Brought(run.now(), changed.complete, read.leads_read, read.activities_read, shares)


def _agreed(run: Running, plan: Plan, calls: int) -> Plan:
    """The plan as it is, or with the breach of a person who does not want it written."""
    if run.request.dry_run or not plan.changes or any(guard.breached for guard in plan.guards):
        return plan
    prepared = run.opened.prepared
    first_time = not run.store.journal.any(prepared.name)
    if run.request.approve(ApprovalQuestion(plan, prepared.user_names, first_time, calls)):
        return plan
    return replace(plan, guards=(*plan.guards, declined()))
