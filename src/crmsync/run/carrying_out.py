"""The last hop: a plan is journalled, written and verified, and what was decided is remembered."""

from __future__ import annotations

from crmsync.errors import CrmsyncError
from crmsync.model import Plan
from crmsync.run.apply import ApplyReport, apply_plan
from crmsync.run.changed_files import ChangedFiles
from crmsync.run.course import Course
from crmsync.run.decided import Decided
from crmsync.run.running import Running
from crmsync.run.under_way import remember_learnt

POLICY_OF_PLANS = "policy_of_plans"
"""Under this name the store keeps by which policy the last plan that was applied or approved was made."""


def write(run: Running, plan: Plan, course: Course, decided: Decided) -> ApplyReport:
    """Journal everything as intended, then write and verify it."""
    prepared, store = run.opened.prepared, run.store
    store.journal.intend(
        prepared.name,
        run.id,
        decided.changes,
        turns=decided.turns_after,
        given_back=[turn.lead for turn in decided.assignments.given_back],
        credits=decided.credits,
        now=run.now(),
    )
    moving = {change.lead for change in decided.changes if change.hand_off}
    under_way = course.under_way.handed_on(decided.handed_on - moving, run.now())
    remember_learnt(prepared, store, under_way, now=run.now(), followed=_followed(course, decided))
    return apply_plan(
        run.opened.connector,
        store,
        plan,
        prepared.mapping.lead.object,
        run_id=run.id,
        now=run.now,
        today=run.today,
        stop=lambda: run.request.interruption.by is not None or run.stop(),
        progress=lambda done, total: run.progress(f"{prepared.name}: writing", done, total),
        mapping=prepared.mapping,
    )


def _followed(course: Course, decided: Decided) -> frozenset[str] | None:
    """Leads whose hand-offs go on as far as they can in this run, null = all: of a pilot in part, those that move."""
    if course.remembered:
        return decided.picked
    return frozenset(change.lead for change in decided.changes if change.owner_changes)


def recorded(
    run: Running, course: Course, decided: Decided, applied: ApplyReport, changed: ChangedFiles
) -> CrmsyncError | None:
    """Remember what was decided, if the course says so; what kept it from being remembered is told with the plan."""
    name = run.opened.prepared.name
    try:
        if not course.remembered:
            if run.request.aim.kind == "apply" and "written" in applied.outcomes.values():
                run.store.runs.set_digests(name, {POLICY_OF_PLANS: changed.digests["policy"]})
            return None
        _record(run, decided, applied)
        if course.selection.everything:
            run.store.runs.set_digests(name, changed.digests)
    except CrmsyncError as error:
        return error
    return None


def _record(run: Running, decided: Decided, applied: ApplyReport) -> None:
    """Decisions and review days of the selected leads; those whose write did not end well stay due."""
    prepared = run.opened.prepared
    unwritten = {change.lead for change in decided.changes} - applied.done
    run.store.history.record(
        prepared.name,
        run.id,
        decided.to_store(),
        policy_digest=prepared.compiled.digest,
        as_of=run.as_of,
        now=run.now(),
        keep_due=unwritten | {item.lead for item in decided.set_aside},
    )
