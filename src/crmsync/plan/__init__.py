"""From decisions to a plan: changes, guards, digest, and the plan as data. Pure."""

from crmsync.plan.diff import change_from, changed, digest_of
from crmsync.plan.guard import changed_share, missing_leads, nothing_managed, writes_off
from crmsync.plan.narrowed import Part, narrowed
from crmsync.plan.notes import left_scope_notes, unmanaged_notes, unread_notes
from crmsync.plan.render import plan_to_json, report_to_json

__all__ = [
    "Part",
    "change_from",
    "changed",
    "changed_share",
    "digest_of",
    "left_scope_notes",
    "missing_leads",
    "narrowed",
    "nothing_managed",
    "plan_to_json",
    "report_to_json",
    "unmanaged_notes",
    "unread_notes",
    "writes_off",
]
