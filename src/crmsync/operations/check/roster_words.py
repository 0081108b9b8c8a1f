"""What `crmsync check` tells of the roster besides roles: who came from the CRM, what calendars hold, who is away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from crmsync.connection.prepared import Prepared
from crmsync.route.hours.calendar import Stretch
from crmsync.route.people.member import Member
from crmsync.settings import DAYS_AFTER, DAYS_BEFORE, read_calendars

NAMES_SHOWN = 5
DAYS_AHEAD = 30


def roster_words(prepared: Prepared, now: datetime) -> Iterator[str]:
    """A line for each entry of `from_crm` and each calendar, then who is away at `now` or will be within 30 days."""
    for entry in prepared.roster.read:
        skipped = f"; {entry.inactive} inactive in the CRM are skipped" if entry.inactive else ""
        yield f"{entry.active} people read from {', '.join(entry.words)}{skipped}"
    settings = prepared.settings
    calendars, _ = read_calendars(settings.roster, settings.roster_document, now)
    for (name, _), calendar in calendars.items():
        within = f"within {DAYS_BEFORE} days before and {DAYS_AFTER} days after today"
        yield f"calendar {name}: {len(calendar.away) or 'no'} absences {within}"
    members = [member for member in prepared.roster.members if member.active]
    away: list[tuple[datetime, str]] = []
    ahead: list[tuple[datetime, str]] = []
    for member in members:
        following = next((stretch for stretch in member.away if now < stretch.end), None)
        if following is None or following.start > now + timedelta(days=DAYS_AHEAD):
            continue
        name = prepared.user_names[member.user]
        if following.start <= now:
            away.append((following.end, f"{name} until {_local(member, following.end)}"))
        else:
            ahead.append((following.start, f"{name} {_from_to(member, following)}"))
    yield f"away now: {_listed(away) or 'nobody'}"
    if ahead:
        yield f"away within {DAYS_AHEAD} days: {_listed(ahead)}"


def _listed(people: list[tuple[datetime, str]]) -> str:
    shown = [words for _, words in sorted(people)]
    more = f", and {len(shown) - NAMES_SHOWN} more" if len(shown) > NAMES_SHOWN else ""
    return ", ".join(shown[:NAMES_SHOWN]) + more


def _from_to(member: Member, stretch: Stretch) -> str:
    return f"from {_local(member, stretch.start)} until {_local(member, stretch.end)}"


def _local(member: Member, moment: datetime) -> str:
    return f"{moment.astimezone(member.person.zone):%Y-%m-%d %H:%M}"
