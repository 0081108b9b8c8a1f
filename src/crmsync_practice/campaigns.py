"""The campaigns of a made-up firm, and who was reached by them: told by what the leads have done, nothing is drawn.

A lead is a member of the campaign that its attributes name, and of those to which it responded: who came to the
webinar had registered for the series. A member that did nothing of the kind was sent something and did not respond.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from crmsync_practice.records import Activity, Campaign, Lead, Member

SENT = "Sent"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One sort of campaign: its type, and the member's status for each kind of activity, the furthest first."""

    type: str
    responses: tuple[tuple[str, str], ...] = ()


_MAIL = _Kind("Email", (("content_download", "Responded"), ("gated_content", "Responded")))
_KINDS = {
    "Spring e-book": _MAIL,
    "Pricing guide": _MAIL,
    "Webinar series": _Kind("Webinar", (("webinar", "Attended"), ("webinar_registered", "Registered"))),
    "Trade fair": _Kind("Trade Show", (("event", "Attended"),)),
    "Newsletter": _Kind("Email", (("newsletter_signup", "Responded"),)),
}
_OTHER = _Kind("Other")
_ANSWERED = ("Webinar series", "Trade fair", "Newsletter")
"""Campaigns in which somebody who responded is a member whatever the attributes say."""


def campaigns_of(leads: Sequence[Lead], activities: Sequence[Activity]) -> tuple[Campaign, ...]:
    """The firm's campaigns with their members, each lead once in each; in the order of the campaigns' names."""
    done: dict[str, dict[str, datetime]] = {}
    for each in activities:
        if each.outcome != "scheduled":
            kinds = done.setdefault(each.lead, {})
            kinds[each.kind] = min(each.at, kinds.get(each.kind, each.at))
    members: dict[str, list[Member]] = {}
    for lead in leads:
        for name in dict.fromkeys(_of(lead, done.get(lead.id, {}))):
            members.setdefault(name, []).append(_member(lead, name, done.get(lead.id, {})))
    return tuple(_campaign(name, members[name]) for name in sorted(members))


def _of(lead: Lead, done: dict[str, datetime]) -> Iterator[str]:
    named = lead.attributes.get("campaign")
    if isinstance(named, str):
        yield named
    for name in _ANSWERED:
        if any(kind in done for kind, _ in _KINDS[name].responses):
            yield name


def _member(lead: Lead, name: str, done: dict[str, datetime]) -> Member:
    responses = [(status, done[kind]) for kind, status in _KINDS.get(name, _OTHER).responses if kind in done]
    if not responses:
        return Member(lead.id, SENT, lead.created_at, None)
    return Member(lead.id, responses[0][0], lead.created_at, min(at for _, at in responses))


def _campaign(name: str, members: Sequence[Member]) -> Campaign:
    kind = _KINDS.get(name, _OTHER)
    statuses = dict.fromkeys(status for _, status in reversed(kind.responses))
    return Campaign(name, kind.type, (SENT, *(statuses or ("Responded",))), tuple(members))
