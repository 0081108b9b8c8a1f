"""The task for the receiver, in the CRM's own fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from html import escape

from crmsync.mapping import HandOffTask
from crmsync.model import NewRecord
from crmsync.qualify.language.ladder import HandOff
from crmsync.route.at_work.sla import due_at
from crmsync.route.roster.resolved import ResolvedRoster


def hand_off_task(
    mapped: HandOffTask,
    policy: HandOff,
    roster: ResolvedRoster,
    *,
    receiver: str,
    attempt: int,
    reasons: Sequence[str],
    now: datetime,
) -> NewRecord:
    """A task that says why this person has the lead now. The subject makes it unique on the lead."""
    words = policy.task.subject if policy.task else "Get in touch"
    hours = policy.task.due_hours if policy.task else None
    hours = hours or (policy.first_touch.within_hours if policy.first_touch else None)
    return _task(mapped, roster, f"{words} (hand-off {attempt})", receiver, reasons, hours, now)


def reminder_task(
    mapped: HandOffTask,
    policy: HandOff,
    roster: ResolvedRoster,
    *,
    receiver: str,
    attempt: int,
    reasons: Sequence[str],
    now: datetime,
) -> NewRecord:
    """A second task for a receiver who was not in touch in time. It is due at once."""
    words = policy.task.subject if policy.task else "Get in touch"
    return _task(mapped, roster, f"Reminder: {words} (hand-off {attempt})", receiver, reasons, None, now)


def _task(
    mapped: HandOffTask,
    roster: ResolvedRoster,
    subject: str,
    receiver: str,
    reasons: Sequence[str],
    due_hours: float | None,
    now: datetime,
) -> NewRecord:
    values = {**mapped.set, mapped.subject: subject, mapped.owner: receiver}
    if mapped.body:
        values[mapped.body.field] = _told(reasons, mapped.body.type)
    if mapped.due:
        member = roster.by_user.get(receiver)
        due = due_at(member, now, timedelta(hours=due_hours)) if member and due_hours else None
        values[mapped.due.field] = _native(due or now, mapped.due.type, member.person.zone if member else UTC)
    return NewRecord(mapped.object, values, known_by=(mapped.subject,))


def _told(reasons: Sequence[str], kind: str) -> str:
    if kind == "html":
        return f"<ul>{''.join(f'<li>{escape(reason)}</li>' for reason in reasons)}</ul>"
    return "\n".join(f"- {reason}" for reason in reasons)


def _native(due: datetime, kind: str, zone: tzinfo) -> str:
    """A day in the receiver's zone, or the next full hour: a plan made a moment later says the same."""
    if kind == "date":
        return due.astimezone(zone).date().isoformat()
    full = (due + timedelta(hours=1, microseconds=-1)).replace(minute=0, second=0, microsecond=0)
    return full.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
