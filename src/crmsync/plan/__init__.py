"""From decisions to a plan: changes, guards, digest, and the plan as data. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmsync.faces import shown_late

if TYPE_CHECKING:
    from crmsync.plan.deltas import OwnerDelta, owner_deltas
    from crmsync.plan.diff import change_from, changed, digest_of
    from crmsync.plan.fields import Filling, Pairs, field_notes, filling
    from crmsync.plan.guard import (
        changed_share,
        declined,
        language_changed,
        missing_leads,
        nothing_managed,
        with_way_on,
        writes_off,
    )
    from crmsync.plan.guard_changes import Bounds, change_guards
    from crmsync.plan.guard_reading import Brought, calls_left, calls_needed, few_read, more_unknown
    from crmsync.plan.guard_table import ALLOWABLE, CHANGE_LIMITS, FLOOR, GUARDS, GuardKind, Limit
    from crmsync.plan.notes import in_doubt_note, left_scope_notes, overlooked_notes, unmanaged_notes, unread_notes
    from crmsync.plan.parts import Part, narrowed
    from crmsync.plan.render import between_told, plan_to_json, report_to_json
    from crmsync.plan.reversing import Held, Reversal, Taker, reversal, taken_back
    from crmsync.plan.saved import WrittenPlan, kept_plan, read_plans
else:
    __getattr__ = shown_late(
        __name__,
        {
            ".deltas": "OwnerDelta owner_deltas",
            ".diff": "change_from changed digest_of",
            ".fields": "Filling Pairs field_notes filling",
            ".guard": "changed_share declined language_changed missing_leads nothing_managed with_way_on writes_off",
            ".guard_changes": "Bounds change_guards",
            ".guard_reading": "Brought calls_left calls_needed few_read more_unknown",
            ".guard_table": "ALLOWABLE CHANGE_LIMITS FLOOR GUARDS GuardKind Limit",
            ".notes": "in_doubt_note left_scope_notes overlooked_notes unmanaged_notes unread_notes",
            ".parts": "Part narrowed",
            ".render": "between_told plan_to_json report_to_json",
            ".reversing": "Held Reversal Taker reversal taken_back",
            ".saved": "WrittenPlan kept_plan read_plans",
        },
    )

__all__ = [
    "ALLOWABLE",
    "CHANGE_LIMITS",
    "FLOOR",
    "GUARDS",
    "Bounds",
    "Brought",
    "Filling",
    "GuardKind",
    "Held",
    "Limit",
    "OwnerDelta",
    "Pairs",
    "Part",
    "Reversal",
    "Taker",
    "WrittenPlan",
    "between_told",
    "calls_left",
    "calls_needed",
    "change_from",
    "change_guards",
    "changed",
    "changed_share",
    "declined",
    "digest_of",
    "few_read",
    "field_notes",
    "filling",
    "in_doubt_note",
    "kept_plan",
    "language_changed",
    "left_scope_notes",
    "missing_leads",
    "more_unknown",
    "narrowed",
    "nothing_managed",
    "overlooked_notes",
    "owner_deltas",
    "plan_to_json",
    "read_plans",
    "report_to_json",
    "reversal",
    "taken_back",
    "unmanaged_notes",
    "unread_notes",
    "with_way_on",
    "writes_off",
]
