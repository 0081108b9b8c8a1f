"""What must hold of the hand-off process after every run."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from hand_off_configurations import HANDS_OFF_DAYS, configured
from hand_off_crm import RECEIVERS
from hypothesis import event

from crmsync.contract import LEAD_ID
from crmsync.hand_off import HandOffRecord
from crmsync.model import Change

if TYPE_CHECKING:
    from hand_off_firm import Practice


def check_changes(firm: Practice, changes: Sequence[Change], before: Mapping[str, Sequence[HandOffRecord]]) -> None:
    """Owners that a person set stay; who had a lead does not get it again in the same course."""
    for change in changes:
        if change.hand_off:
            event(change.hand_off.move)
        if not change.owner_changes:
            continue
        edited = firm.edited.get(change.lead)
        free = edited is None or firm.now.date() > edited + timedelta(days=HANDS_OFF_DAYS)
        assert free, f"a person set the owner on {edited}, and {change} moves it"
        firm.ours[change.lead] = change.owner_after
        had_it = {
            row.receiver
            for row in before[change.lead]
            if row.returned_at or row.queued_at or row.ended_by in ("reassigned", None)
        }
        for row in before[change.lead]:
            parked = row.queued_at and row.ended_at is None and change.owner_before == row.queue
            assert not parked or change.stage_after != "sql", f"{change} takes it out of the queue of a timeout"
        if change.hand_off and change.hand_off.move in ("passed_on", "reassigned"):
            assert change.owner_after not in had_it, f"{change} gives it to one who had it"


def check_rows(firm: Practice, at_most: int, ended: dict[int, HandOffRecord]) -> None:
    """Attempts ascend by one, one at most is under way, an end is an end, who handed off stays; tasks come once."""
    tasks = Counter(
        (it[LEAD_ID], it["Subject"]) for record, it in firm.crm.created.items() if record.startswith("Task-")
    )
    wanted: Counter[tuple[str | None, str | None]] = Counter()
    for lead, rows in firm.hand_offs().items():
        assert [row.attempt for row in rows] == list(range(1, len(rows) + 1))
        assert sum(row.returned_at is not None for row in rows) <= at_most
        assert sum(row.ended_at is None for row in rows) <= 1
        assert all(row.ended_at is not None for row in rows[:-1])
        for earlier, later in itertools.pairwise(rows):
            assert earlier.ended_at is not None
            assert earlier.ended_at <= later.handed_at
            if earlier.ended_by in ("returned", "reassigned"):
                assert later.bdr == earlier.bdr, "who handed off stays"
        for row in rows:
            assert row.bdr not in RECEIVERS
            assert ended.get(row.id, row) == row, "an ended hand-off came back to life"
            if row.ended_at is not None:
                ended[row.id] = row
            wanted[lead, f"Call (hand-off {row.attempt})"] += 1
            wanted[lead, f"Reminder: Call (hand-off {row.attempt})"] += row.reminded_at is not None
        if rows and rows[-1].ended_at is None:
            owner, live = firm.crm.records[lead]["OwnerId"], rows[-1]
            holders = {live.queue} if live.queued_at else {live.bdr} if live.returned_at else {live.receiver, "desk"}
            assert owner in holders
        assert firm.crm.records[lead]["Bdr"] not in RECEIVERS
    assert tasks == +wanted, "one task for each hand-off, one for each reminder"


def check_owners(firm: Practice, changes: Sequence[Change], before: Mapping[str, Sequence[HandOffRecord]]) -> None:
    """As of one hand-off, but who had a lead by another hand-over may get it; a receiver keeps what is theirs."""
    policy = configured(firm.number).policy
    stages = {each.name: policy.stages_of(each) for each in policy.hand_overs}
    for change in changes:
        if change.hand_off:
            event(f"{change.hand_off.hand_over} {change.hand_off.move}")
        if not change.owner_changes:
            continue
        name = change.hand_off.hand_over if change.hand_off else change.routing and change.routing.hand_over
        assert name in stages, change
        assert change.stage_after in stages[name]
        mine = [row for row in before[change.lead] if row.hand_over == name]
        if change.hand_off and change.hand_off.move in ("passed_on", "reassigned"):
            had_it = {row.receiver for row in mine if row.returned_at or row.ended_by in ("reassigned", None)}
            assert change.owner_after not in had_it, f"{change} gives it to one who had it"
        firm.ours[change.lead] = change.owner_after


def check_several(firm: Practice, ended: dict[int, HandOffRecord]) -> None:
    """Each hand-over counts for itself, one process at most is under way, an end is an end; tasks come once."""
    policy = configured(firm.number).policy
    tasks = Counter(
        (it[LEAD_ID], it["Subject"]) for record, it in firm.crm.created.items() if record.startswith("Task-")
    )
    wanted: Counter[tuple[str | None, str | None]] = Counter()
    for lead, rows in firm.hand_offs().items():
        assert sum(row.ended_at is None for row in rows) <= 1
        for earlier, later in itertools.pairwise(sorted(rows, key=lambda row: row.id)):
            assert earlier.ended_at is not None
            assert earlier.ended_at <= later.handed_at
        for rule in policy.hand_overs:
            mine = [row for row in rows if row.hand_over == rule.name]
            assert [row.attempt for row in mine] == list(range(1, len(mine) + 1))
            if rule.returned:
                assert sum(row.returned_at is not None for row in mine) <= rule.returned.at_most
            for row in mine:
                assert row.receiver.startswith({"to_bdr": "bdr", "to_ae": "ae"}[rule.name])
                assert not (row.bdr or "").startswith({"to_bdr": "bdr", "to_ae": "ae"}[rule.name])
                assert ended.get(row.id, row) == row, "an ended hand-off came back to life"
                if row.ended_at is not None:
                    ended[row.id] = row
                subject = rule.task.subject if rule.task else None
                called = f"{subject} ({rule.called} {row.attempt})"
                wanted[lead, called] += 1
                wanted[lead, f"Reminder: {called}"] += row.reminded_at is not None
        if rows and (live := max(rows, key=lambda row: row.id)).ended_at is None:
            owner = firm.crm.records[lead]["OwnerId"]
            assert owner in ({live.bdr, live.receiver, "desk"} if live.returned_at else {live.receiver, "desk"})
    assert tasks == +wanted, "one task for each hand-off, one for each reminder"
