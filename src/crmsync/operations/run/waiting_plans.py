"""Plans that are made to be looked at, and carried out in part or whole once somebody approves them.

What is written is what was shown: a plan of a run is carried out like a plan of a file (`crmsync apply`), one that
takes a run back is made again, and refused where it would write anything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crmsync.errors import AnotherRunInProgress, UsageError
from crmsync.model import Change, Plan
from crmsync.operations.run.every_connection import ConnectionReport, run_one
from crmsync.plan import WrittenPlan, kept_plan, plan_to_json
from crmsync.progress import Progress
from crmsync.run.aims.aim import Aim
from crmsync.run.aims.everybody import Everybody
from crmsync.run.aims.leavers import Leavers
from crmsync.run.aims.saved_plan import SavedPlan
from crmsync.run.aims.undoing import Undoing
from crmsync.run.approval import ApprovalQuestion
from crmsync.run.running import RunRequest
from crmsync.settings import Settings
from crmsync.store import KeptPlan, NewPlan, PlannedChange, Store

OTHER_OWNER, OTHER_FIELDS = "owner", "fields"
"""Moves that are none between stages; those have an arrow."""
ARROW = "→"
LONGEST_REASON = 500
_NOTHING_LEFT = "the CRM has changed since this plan was shown, and nothing of it was left to write"


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approves what of a plan, and why. `leads`: null = all that nobody has approved yet. `let_through`: guards
    that stopped the plan as it was shown let it through.
    """

    plan: int
    leads: frozenset[str] | None
    by: str | None
    reason: str
    let_through: bool = False


def make_plan(
    settings: Settings,
    connection: str,
    *,
    undo_of: int | None = None,
    leavers: tuple[str, ...] = (),
    by: str | None,
    now: Callable[[], datetime],
    progress: Progress,
) -> int:
    """Read the CRM, decide, and keep the plan in the place of the one before; its number. Nothing is written there.

    `undo_of`: the run that it takes back. `leavers`: people whose leads go to others, and nothing else happens.
    Raises `CrmsyncError`.
    """
    aim: Aim = Leavers(leavers) if leavers else Everybody() if undo_of is None else Undoing(undo_of)
    with closing(Store(settings.store)) as store:
        request = RunRequest(dry_run=True, aim=aim, by=by)
        report = run_one(settings, settings.connection(connection), store, request, now=now, progress=progress)
        new, changes = _to_keep(report.plan, by)
        number = store.plans.keep(connection, new, changes, now=now())
        about: dict[str, Any] = {"plan": number, "leads": len(changes)}
        about |= {} if undo_of is None else {"undo_of": undo_of}
        if leavers:
            about["leads_of"] = ", ".join(leavers)
        store.console.note("plan_made", now=now(), person=by, connection=connection, about=about)
    return number


def _to_keep(plan: Plan, by: str | None) -> tuple[NewPlan, list[PlannedChange]]:
    told = plan_to_json(plan)
    changes = [
        PlannedChange(
            lead=change.lead,
            move=move_of(change),
            owner=change.owner_after,
            owner_moves=change.owner_changes,
            points=max((low for low, _ in change.scores.values()), default=0),
            change={key: value for key, value in shown.items() if key not in _ENDS},
            outcome=shown.get("outcome"),
        )
        for change, shown in zip(plan.changes, told.pop("changes"), strict=True)
    ]
    assert plan.bound_to is not None, "a plan that was made is bound to what it was made from"
    kind, run = ("run" if plan.undo_of is None else "undo"), plan.bound_to.run
    return NewPlan(kind, run, plan.undo_of, plan.digest, by, told), changes  # type: ignore[arg-type]


_ENDS = frozenset({"outcome", "may_be_written", "message"})


def move_of(change: Change) -> str:
    """Where a change is listed."""
    if change.stage_changes:
        return f"{change.stage_before or ''}{ARROW}{change.stage_after or ''}"
    return OTHER_OWNER if change.owner_changes else OTHER_FIELDS


def carry_out(
    settings: Settings,
    connection: str,
    approval: Approval,
    *,
    now: Callable[[], datetime],
    progress: Progress,
    stop: Callable[[], bool] = lambda: False,
) -> ConnectionReport:
    """Write what was approved, and that only. Raises `CrmsyncError`, `UsageError` where it may not be."""
    with closing(Store(settings.store)) as store:
        plan, written = _chosen(store, connection, approval)
        configuration = settings.connection(connection)
        about = {"plan": plan.id, "leads": len(written.changes), "of": plan.leads}
        noted: list[int] = []

        def note_approved() -> None:
            if not noted:
                let_through = {"let_through": True} if approval.let_through else {}
                noted.append(plan.id)
                store.console.note(
                    "plan_approved",
                    now=now(),
                    person=approval.by,
                    connection=connection,
                    reason=approval.reason,
                    about={**about, **let_through},
                )

        def begin() -> bool:
            """Before the first write, while no other run can be at work; false where it is the plan no longer."""
            note_approved()
            return store.plans.take(connection, plan.id)

        outcomes: dict[str, str] = {}
        run: int | None = None
        try:
            request = _request(plan, written, approval, begin)
            report = run_one(settings, configuration, store, request, now=now, progress=progress, stop=stop)
            run = report.plan.run_id
            outcomes = _ends(report.plan, written)
        except AnotherRunInProgress:  # nothing was begun, and that run may be carrying out this very plan
            raise
        except BaseException:
            note_approved()
            store.plans.carried_out(connection, plan.id, run, outcomes)
            raise
        note_approved()
        store.plans.carried_out(connection, plan.id, run, outcomes)
        ended = {**about, "run": run, "written": sum(end == "written" for end in outcomes.values())}
        store.console.note("plan_carried_out", now=now(), person=approval.by, connection=connection, about=ended)
    if not report.plan.outcomes and not report.error and not any(guard.breached for guard in report.plan.guards):
        raise UsageError(_NOTHING_LEFT, hint="make the plan anew")  # an undo that somebody else was quicker with, say
    return report


def _chosen(store: Store, connection: str, approval: Approval) -> tuple[KeptPlan, WrittenPlan]:
    """The plan, and the part of it that is approved. Raises `UsageError` where that is no longer to be had."""
    plan = store.plans.of(connection)
    if plan is None or plan.id != approval.plan:
        raise UsageError("another plan was made meanwhile", hint="look at that one, and approve it")
    chosen = store.plans.changes(connection, plan.id, approval.leads)
    if not chosen or (approval.leads is not None and len(chosen) < len(approval.leads)):
        raise UsageError("some of these leads are no longer open in this plan", hint="look at the plan again")
    return plan, kept_plan(plan.told, [each.change for each in chosen])


def _request(plan: KeptPlan, written: WrittenPlan, approval: Approval, begin: Callable[[], bool]) -> RunRequest:
    """`begin`: asked last of all before the first write."""
    allowed = let_through_by(plan.told) if approval.let_through else {}
    if plan.undo_of is None:
        aim: Aim = SavedPlan(written, f"the plan of run {plan.run}")
        return RunRequest(
            dry_run=False, as_of=written.as_of, allowed=allowed, aim=aim, approve=lambda _: begin(), by=approval.by
        )
    shown = {change.lead: change for change in written.changes}

    def as_shown(question: ApprovalQuestion) -> bool:
        return all(shown.get(change.lead) == change for change in question.plan.changes) and begin()

    aim = Undoing(plan.undo_of, tuple(sorted(shown)))
    return RunRequest(dry_run=False, allowed=allowed, aim=aim, approve=as_shown, by=approval.by)


def let_through_by(told: Mapping[str, Any]) -> Mapping[str, int]:
    """Guard → number: what the commands name that let the plan through the guards that stop it."""
    allowed: dict[str, int] = {}
    for guard in told["guards"]:
        if guard["breached"]:
            for name, number in re.findall(r"--allow[ -]([a-z-]+)[= ](\d+)", guard["way_on"]):
                allowed[name.replace("-", "_")] = int(number)
    return allowed


def _ends(plan: Plan, written: WrittenPlan) -> dict[str, str]:
    """Lead → what became of it. A plan that a guard stopped has written nothing: all of it waits on.

    So does what was not reached. What was to be taken back and is not any more somebody else has replaced.
    """
    if any(guard.breached for guard in plan.guards):
        return {}
    ends = {change.lead: plan.outcomes.get(change.lead, "conflict") for change in written.changes}
    return {lead: end for lead, end in ends.items() if end != "not_reached"}
