"""What has happened to a lead since a change of it was planned: whether the change still holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from crmsync.connection.prepared import Prepared
from crmsync.hand_off import Verdict
from crmsync.model import Change, native_values
from crmsync.plan import WrittenPlan
from crmsync.run.course import Course
from crmsync.run.decided import Foreseen
from crmsync.run.held import Values, conflict_of, gone_words, holds, on_the_way, ours, still_as_decided, value_of
from crmsync.run.left_alone import LeftAlone
from crmsync.values import replace

_BY_DECISION = {"run"}
_RETURNS = {"returned", "passed_on"}


@dataclass(frozen=True, slots=True)
class HeldAgainst:
    """What a plan's changes are held against.

    `written`: lead → the run that has written the plan's change of it already. `open_leads`: those with a change of
    an earlier run that is still open, which may have been cut off midway. `made_at`: when the plan was made, if
    known.
    """

    prepared: Prepared
    plan: WrittenPlan
    course: Course
    written: Mapping[str, int]
    open_leads: Collection[str]
    made_at: datetime | None
    alone: Mapping[str, LeftAlone]

    def gone_on_with(self, change: Change, row: Mapping[str, Any]) -> Change:
        """The change from where it was cut off, if it was: a stage that had to be emptied first is empty now."""
        if change.lead not in self.open_leads:
            return change
        held = held_of(self.prepared, row)
        writes = {name: (held.get(name, before), after) for name, (before, after) in change.writes.items()}
        return replace(change, writes=writes)


def foreseen(change: Change, row: Mapping[str, Any] | None, standing: HeldAgainst) -> Foreseen | None:
    """What is known of a change before anything is written; null = it is to be written.

    `row`: of the decided frame; null = the lead is not in the working set any more.
    """
    if change.lead in standing.written:
        return _written_already(change, row, standing)
    if row is None:
        return Foreseen(change, "refused", gone_words("it is not among the leads any more"))
    held = held_of(standing.prepared, row)
    known = replace(
        change,
        writes={name: pair for name, pair in change.writes.items() if name in held},
        beside={name: value for name, value in change.beside.items() if name in held},
    )
    cut_off = change.lead in standing.open_leads
    if not cut_off and change.writes and known.writes == change.writes and _holds_all(known, held):
        return Foreseen(change, "unchanged", "the CRM holds this already")
    still = on_the_way if cut_off else still_as_decided
    if not still(held, known.guarded) or _moved_beside(known, held):
        return Foreseen(change, "conflict", conflict_of(known, held).message)
    words = _left_alone(change, standing) or _facts_moved(change, row, standing) or _hand_off_moved(change, standing)
    return Foreseen(change, "conflict", words) if words else None


def _written_already(change: Change, row: Mapping[str, Any] | None, standing: HeldAgainst) -> Foreseen:
    """It is never written twice: what somebody has changed since is left to them."""
    words = f"run {standing.written[change.lead]} has written it already"
    if row is None:
        return Foreseen(change, "unchanged", words)
    held = held_of(standing.prepared, row)
    moved = [
        name
        for name, (_, after) in ours(change).items()
        if name in held and name not in change.fields and value_of(held[name]) != value_of(after)
    ]
    if not moved:
        return Foreseen(change, "unchanged", words)
    return Foreseen(
        change, "conflict", f"{words}, and the CRM holds another {' and another '.join(sorted(moved))} by now"
    )


def _left_alone(change: Change, standing: HeldAgainst) -> str:
    kept = standing.alone.get(change.lead)
    return f"left alone: {kept.words}" if kept else ""


def held_of(prepared: Prepared, row: Mapping[str, Any]) -> Values:
    """Native stage, owner and hand-off fields of a stored lead, as read last."""
    return {
        **native_values(row["written_native"]),
        **native_values(row["hand_off_native"]),
        **native_values(row["stage_native"]),
        prepared.mapping.owner.field: row["owner"],
    }


def _holds_all(change: Change, held: Values) -> bool:
    return holds(held, ours(change), change.fields) and not _moved_beside(change, held)


def _moved_beside(change: Change, held: Values) -> bool:
    return any(value_of(held.get(name)) != value_of(value) for name, value in change.beside.items())


def _facts_moved(change: Change, row: Mapping[str, Any], standing: HeldAgainst) -> str:
    """Why the plan's decision is another by now; empty where it is the same. Only a run has decided a stage."""
    plan = standing.plan
    if plan.bound_to.kind not in _BY_DECISION:
        return ""
    planned, now = plan.decided.get(change.lead), row["stage_after"]
    if planned != now:
        return f"facts have moved since: it is decided to stand at {now or 'no stage'}, not at {planned or 'none'}"
    days = standing.prepared.settings.policy.movement.hands_off_days
    edited: date | None = row["owner_edited_on"]
    if change.owner_changes and days and edited is not None and edited >= plan.as_of - timedelta(days=days):
        return "somebody else has set its owner since, and hands are off it"
    return ""


def _hand_off_moved(change: Change, standing: HeldAgainst) -> str:
    """Why the step of a hand-off is none any more; empty where it still is."""
    step, under_way = change.hand_off, standing.course.under_way
    if step is None or not under_way.watching:
        return ""
    verdict = under_way.verdicts.get(change.lead, Verdict())
    attempts = under_way.attempts.get((change.lead, step.hand_over), 0)
    if step.attempt != attempts + (step.move not in {"returned", "reminded", "queued"}):
        return "its hand-off has gone on since this was planned"
    asked = verdict.step.move if verdict.step else None
    if step.move == "reminded" and asked != "reminded":
        return "its receiver need not be reminded any more"
    if step.move in _RETURNS and asked not in _RETURNS:
        return "its receiver has taken the return back"
    touched = verdict.event.touched_at if verdict.event else None
    if (
        step.move in {"reassigned", "queued"}
        and asked is None
        and touched
        and standing.made_at
        and touched > standing.made_at
    ):
        return "its receiver has been in touch since this was planned"
    return ""
