"""THE run: one connection from the CRM's facts to verified writes. Every hop is a function of another module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl

from crmsync.clock import local_day
from crmsync.connection.opening import Opened
from crmsync.connection.prepared import Prepared
from crmsync.errors import CrmsyncError, FullReadNeeded
from crmsync.model import Change, Plan, SetAside
from crmsync.plan import changed_share, digest_of, unmanaged_notes, unreadable_notes
from crmsync.run.aims.leavers import Leaving, leavers_of, scope_of, staying_notes
from crmsync.run.apply import ApplyReport, SettleReport, apply_plan, settle_pending
from crmsync.run.changed_files import News, complete_because, left_to_the_next_run, news_of
from crmsync.run.decide import Decided, decide_and_plan
from crmsync.run.pull import Progress, PullReport, pull_and_remember
from crmsync.run.under_way import process_of, remember_learnt
from crmsync.store import Store

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the caller asks for. `as_of`: null = today in the org's zone; another day only in a dry run.

    `leaving`: whose leads are to be given to others, and nothing else.
    """

    dry_run: bool
    as_of: date | None = None
    full: bool = False
    allowed_changes: int | None = None
    leaving: Leaving | None = None


def run_connection(
    opened: Opened, store: Store, request: RunRequest, *, now: Clock, progress: Progress, stop: Callable[[], bool]
) -> tuple[Plan, Mapping[str, str]]:
    """One run, as told in docs/decisions/0002. The caller holds the connection's lock.

    Gives the plan (with outcomes when it was carried out) and names of its leads for people's eyes. Raises
    `RunStopped` and `ConfigurationError`; what was read and journaled until then stays.
    """
    name = opened.prepared.name
    store.runs.set_snapshot(name, opened.snapshot.to_text())
    run_id = store.runs.start(name, now=now(), dry_run=request.dry_run)
    try:
        plan, names = _run(opened, store, request, run_id, now=now, progress=progress, stop=stop)
    except CrmsyncError as error:
        store.runs.end(name, run_id, now=now(), exit_code=error.exit_code, counts={})
        raise
    store.runs.end(name, run_id, now=now(), exit_code=plan.exit_code, counts=plan.counts)
    return plan, names


def _run(
    opened: Opened,
    store: Store,
    request: RunRequest,
    run_id: int,
    *,
    now: Clock,
    progress: Progress,
    stop: Callable[[], bool],
) -> tuple[Plan, Mapping[str, str]]:
    """The hops, in order."""
    connection, connector = opened.prepared, opened.connector
    leads = connection.mapping.lead.object
    today = local_day(now(), connection.org.time_zone)
    as_of = request.as_of or today
    leavers = leavers_of(connection, store, request.leaving)
    settled = settle_pending(connector, store, connection.name, leads, now=now(), today=today)
    news = news_of(connection, store, full=request.full)
    try:
        pulled = pull_and_remember(opened, store, complete=news.complete, today=today, progress=progress)
    except FullReadNeeded as error:
        news = complete_because(news, error.message)
        pulled = pull_and_remember(opened, store, complete=True, today=today, progress=progress)
    if news.complete:
        store.runs.set_digests(connection.name, {"pulled": news.digests["mapping"]})
    scope = scope_of(connection, store, request.leaving, leavers)
    process = process_of(connection, store, now=now(), as_of=as_of, leavers=leavers)
    if scope is not None:
        news, process = left_to_the_next_run(news), process.only(scope.leads)
    everything = scope is None and (news.everything or request.as_of is not None)
    store.facts.mark_due(connection.name, process.asking)
    decided = decide_and_plan(connection, store, process, as_of=as_of, now=now(), everything=everything, scope=scope)
    calls = connector.usage().calls
    plan = replace(_planned(connection, store, request, as_of, news, pulled, decided, settled, calls), run_id=run_id)
    staying = staying_notes(connection, scope, decided.frame, decided.assignments, now()) if scope else ()
    plan = replace(plan, notes=(*plan.notes, *process.notes, *staying))
    names = _names(decided.frame, plan.changes)
    if request.dry_run or any(guard.breached for guard in plan.guards):
        return plan, names
    given_back = [turn.lead for turn in decided.assignments.given_back]
    store.journal.intend(
        connection.name,
        run_id,
        plan.changes,
        turns=decided.turns_after,
        given_back=given_back,
        credits=decided.credits,
        now=now(),
    )
    remember_learnt(connection, store, process, now=now())
    applied = apply_plan(
        connector,
        store,
        plan,
        leads,
        run_id=run_id,
        now=now,
        today=today,
        stop=stop,
        progress=lambda done, total: progress(f"{connection.name}: writing", done, total),
    )
    if scope is None:
        _record(connection, store, run_id, decided, applied, news, as_of, now())
    return _carried_out(plan, applied, connector.usage().calls), names


def _planned(
    connection: Prepared,
    store: Store,
    request: RunRequest,
    as_of: date,
    news: News,
    pulled: PullReport,
    decided: Decided,
    settled: SettleReport,
    calls: int,
) -> Plan:
    guards = connection.configuration.settings.guards
    population = store.facts.lead_count(connection.name)
    aside = (*settled.set_aside, *decided.set_aside)
    managed = decided.frame.filter("managed")
    stages = managed.group_by("stage_after").len().sort("stage_after")
    return Plan(
        connection=connection.name,
        as_of=as_of,
        changes=decided.changes,
        set_aside=aside,
        guards=(
            changed_share(
                len(decided.changes),
                population,
                limit_share=guards.changed_share,
                floor=guards.floor,
                allowed_changes=request.allowed_changes,
                command="run" if request.leaving is None else f"redistribute {connection.name} --from …",
            ),
        ),
        counts={
            "read": pulled.remembered.leads_read,
            "activities_read": pulled.remembered.activities_read,
            "leads": population,
            "decided": decided.frame.height,
            "unmanaged": decided.frame.height - managed.height,
            "changes": len(decided.changes),
            "set_aside": len(aside),
            "calls": calls,
        },
        stages=dict(stages.iter_rows()),
        digest=digest_of(connection.name, as_of, decided.changes),
        notes=(
            *settled.notes,
            *news.notes,
            *unreadable_notes(pulled.unreadable),
            *unmanaged_notes(decided.frame),
        ),
    )


def _names(frame: pl.DataFrame, changes: tuple[Change, ...]) -> dict[str, str]:
    shown = frame.filter(pl.col("lead").is_in([change.lead for change in changes]))
    return {
        lead: " · ".join(part for part in (name, company) if part)
        for lead, name, company in shown.select("lead", "name", "company").iter_rows()
    }


def _record(
    connection: Prepared,
    store: Store,
    run_id: int,
    decided: Decided,
    applied: ApplyReport,
    news: News,
    as_of: date,
    now: datetime,
) -> None:
    """Decisions, review days and digests; leads whose write did not end well stay due."""
    unwritten = {change.lead for change in decided.changes} - applied.done
    store.history.record(
        connection.name,
        run_id,
        decided.to_store(),
        policy_digest=connection.compiled.digest,
        as_of=as_of,
        now=now,
        keep_due=unwritten | {item.lead for item in decided.set_aside},
    )
    store.runs.set_digests(connection.name, news.digests)


def _carried_out(plan: Plan, applied: ApplyReport, calls: int) -> Plan:
    conflicts = [lead for lead, outcome in applied.outcomes.items() if outcome == "conflict"]
    aside = (
        *plan.set_aside,
        *applied.set_aside,
        *(SetAside(lead, applied.messages[lead]) for lead in sorted(conflicts)),
    )
    notes = plan.notes
    if applied.stopped:
        notes = (*notes, "stopped between two batches as asked; the rest stays intended and the next run settles it")
    counts = {**plan.counts, "set_aside": len(aside), "calls": calls}
    return replace(
        plan,
        outcomes=applied.outcomes,
        messages=applied.messages,
        set_aside=aside,
        counts=counts,
        notes=notes,
    )
