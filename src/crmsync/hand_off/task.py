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
from crmsync.tongue import ENGLISH, Tongue


def hand_off_task(
    mapped: HandOffTask,
    policy: HandOff,
    roster: ResolvedRoster,
    *,
    receiver: str,
    attempt: int,
    reasons: Sequence[str],
    now: datetime,
    tongue: Tongue = ENGLISH,
) -> NewRecord:
    """A task that says why this person has the lead now. The subject makes it unique on the lead."""
    subject = tongue.say("{subject} (hand-off {attempt})", subject=_subject(policy, tongue), attempt=attempt)
    hours = policy.task.due_hours if policy.task else None
    hours = hours or (policy.first_touch.within_hours if policy.first_touch else None)
    return _task(mapped, roster, subject, receiver, reasons, hours, now)


def reminder_task(
    mapped: HandOffTask,
    policy: HandOff,
    roster: ResolvedRoster,
    *,
    receiver: str,
    attempt: int,
    reasons: Sequence[str],
    now: datetime,
    tongue: Tongue = ENGLISH,
) -> NewRecord:
    """A second task for a receiver who was not in touch in time. It is due at once."""
    words = _subject(policy, tongue)
    subject = tongue.say("Reminder: {subject} (hand-off {attempt})", subject=words, attempt=attempt)
    return _task(mapped, roster, subject, receiver, reasons, None, now)


def _subject(policy: HandOff, tongue: Tongue) -> str:
    return tongue.own(policy.task.subject) if policy.task else tongue.say("Get in touch")


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
