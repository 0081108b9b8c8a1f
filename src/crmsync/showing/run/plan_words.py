"""What stands above the leads of a plan, as plain words: purpose, counts, moves by kind, what is set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from crmsync.model import Change, HandOffMove, Plan
from crmsync.operations.run.every_connection import ConnectionReport
from crmsync.showing.run.plan_columns import ARROW, person

HAND_OFFS: Mapping[HandOffMove, str] = {
    "handed": "handed off",
    "returned": "back to who handed it off",
    "passed_on": "returned and passed on",
    "reassigned": "passed on, no contact in time or receiver gone",
    "reminded": "owner reminded",
    "queued": "to a queue, the time was over",
}
"""Move of a hand-off → what it is called above the leads."""


def purpose(report: ConnectionReport) -> tuple[str, str]:
    """What became of the plan: a colour of rich, and words."""
    if report.dry_run:
        return "cyan", "plan only, nothing is written"
    if any(guard.name == "declined" for guard in report.plan.guards):
        return "red", "not agreed to, nothing was written"
    if any(guard.breached for guard in report.plan.guards):
        return "red", "stopped by a guard, nothing was written"
    in_doubt = len(report.plan.in_doubt)
    left = sum(outcome == "not_reached" for outcome in report.plan.outcomes.values()) - in_doubt
    if left or in_doubt:
        told = ((left, "were not reached"), (in_doubt, "may have been written and could not be read back"))
        parts = [f"{count:,} of {len(report.plan.changes):,} changes {what}" for count, what in told if count]
        return "red", f"carried out in part: {', '.join(parts)}"
    return "green", "carried out"


def counts(plan: Plan) -> tuple[str, ...]:
    """Read, decided, to change, set aside, nobody's yet, calls; the third is the one that matters."""
    told = plan.counts
    return (
        _count(told["read"], "record", "records") + " read",
        _count(told["decided"], "lead", "leads") + " decided",
        f"{told['changes']:,} to change" if not plan.outcomes else _count(told["changes"], "change", "changes"),
        f"{told['set_aside']:,} set aside",
        *((f"{told['nobody_yet']:,} nobody's yet",) if told.get("nobody_yet") else ()),
        _count(told["calls"], "call", "calls"),
    )


def stage_moves(changes: Sequence[Change]) -> list[tuple[str, int]]:
    """Stage before and after → leads, most first."""
    return Counter(stage_move(change) for change in changes if change.stage_changes).most_common()


def stage_move(change: Change) -> str:
    """The move in the policy's names."""
    return f"{change.stage_before or '(empty)'} {ARROW} {change.stage_after}"


def owner_moves(report: ConnectionReport) -> list[tuple[str, int]]:
    """New owner → leads, most first."""
    changes = report.plan.changes
    return Counter(f"{ARROW} {person(it.owner_after, report)}" for it in changes if it.owner_changes).most_common()


def kind_of_move(change: Change) -> str:
    """What happens to the lead: its stage's move, and whether somebody else gets it."""
    if change.stage_changes:
        return f"{stage_move(change)}{', another owner' if change.owner_changes else ''}"
    if change.owner_changes:
        return "another owner"
    return HAND_OFFS[change.hand_off.move] if change.hand_off else "other fields"


def hand_over_of(change: Change) -> str | None:
    """By which of several hand-overs the owner moves, or whose course it is a step of; null = there is only one."""
    if change.routing is not None and change.owner_changes:
        return change.routing.hand_over
    return change.hand_off.hand_over if change.hand_off else None


def hand_offs(plan: Plan) -> str:
    """What becomes of hand-offs, where the policy watches them; else nothing. Of several hand-overs each is named."""
    steps = [change.hand_off for change in plan.changes if change.hand_off]
    moves = Counter((step.hand_over or "", step.move) for step in steps)
    return ", ".join(
        f"{name}: {words} {moves[name, move]:,}" if name else f"{words} {moves[name, move]:,}"
        for name in sorted({name for name, _ in moves})
        for move, words in HAND_OFFS.items()
        if moves[name, move]
    )


def hand_overs(plan: Plan) -> str:
    """How many owners each of several hand-overs moves; nothing where there is only one."""
    named = (hand_over_of(change) for change in plan.changes if change.owner_changes)
    moved = Counter(name for name in named if name)
    return ", ".join(f"{name} {leads:,}" for name, leads in sorted(moved.items()))


def set_aside(plan: Plan, most: int = 10) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Reason and its leads, the most frequent reasons first, of which at most `most`."""
    for reason, _ in Counter(item.reason for item in plan.set_aside).most_common(most):
        yield reason, tuple(item.lead for item in plan.set_aside if item.reason == reason)


def undone_by(plan: Plan) -> str:
    """How to take back what was written; empty where nothing was."""
    if plan.run_id is None or "written" not in plan.outcomes.values():
        return ""
    return f"To take this back: crmsync undo {plan.run_id} --dry-run"


def chosen(changes: Sequence[Change], show: int) -> list[Change]:
    """Some changes of every kind of move, in turn, so that a short list still shows what is in the plan."""
    if not show or len(changes) <= show:
        return list(changes)
    kinds: dict[tuple[str | None, str | None, bool], list[Change]] = {}
    for change in changes:
        kinds.setdefault((change.stage_before, change.stage_after, change.owner_changes), []).append(change)
    in_turn = [change for row in zip_longest(*kinds.values()) for change in row if change is not None]
    return sorted(in_turn[:show], key=lambda change: change.lead)


def _count(count: int, one: str, many: str) -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {many}"
