"""The task for the receiver, in the CRM's own fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from html import escape

from crmsync.mapping import HandOffTask
from crmsync.model import NewRecord
from crmsync.qualify.language.hand_overs import HandOver
from crmsync.route.at_work.sla import due_at
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.tongue import ENGLISH, Tongue, to_say

_NUMBERED = {True: to_say("{subject} (hand-off {attempt})"), False: to_say("{subject} ({hand_over} {attempt})")}
_REMINDING = {
    True: to_say("Reminder: {subject} (hand-off {attempt})"),
    False: to_say("Reminder: {subject} ({hand_over} {attempt})"),
}
"""Whether it is the policy's only hand-over → the subject. Each hand-over counts for itself, so it is named."""


def hand_off_task(
    mapped: HandOffTask,
    policy: HandOver,
    roster: ResolvedRoster,
    *,
    receiver: str,
    attempt: int,
    reasons: Sequence[str],
    now: datetime,
    tongue: Tongue = ENGLISH,
) -> NewRecord:
    """A task that says why this person has the lead now. The subject makes it unique on the lead."""
    subject = tongue.say(_NUMBERED[policy.key is None], **_words(policy, attempt, tongue))
    hours = policy.task.due_hours if policy.task else None
    hours = hours or (policy.first_touch.within_hours if policy.first_touch else None)
    return _task(mapped, roster, subject, receiver, reasons, hours, now)


def reminder_task(
    mapped: HandOffTask,
    policy: HandOver,
    roster: ResolvedRoster,
    *,
    receiver: str,
    attempt: int,
    reasons: Sequence[str],
    now: datetime,
    tongue: Tongue = ENGLISH,
) -> NewRecord:
    """A second task for a receiver who was not in touch in time. It is due at once."""
    subject = tongue.say(_REMINDING[policy.key is None], **_words(policy, attempt, tongue))
    return _task(mapped, roster, subject, receiver, reasons, None, now)


def _words(policy: HandOver, attempt: int, tongue: Tongue) -> dict[str, str | int]:
    return {"subject": _subject(policy, tongue), "hand_over": tongue.own(policy.called), "attempt": attempt}


def _subject(policy: HandOver, tongue: Tongue) -> str:
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
