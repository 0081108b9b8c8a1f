"""The roster by itself, without a CRM: everybody whom it names is there and active."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crmsync.contract import CrmUser
from crmsync.errors import ConfigurationError
from crmsync.route.hours.counting import ReadCalendar
from crmsync.route.people.shape import User
from crmsync.route.roster.resolution import resolve
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.route.roster.roster import Roster
from crmsync.route.roster.roster_file import CalendarSource, Otherwise

Calendars = Mapping[CalendarSource, ReadCalendar]


def resolved_alone(
    roster: Roster, connection: str | None, calendars: Calendars = MappingProxyType({})
) -> ResolvedRoster:
    """The roster with made-up users, one for each person and queue it names.

    `connection`: whose users count where the roster names several; null = the first one named. Calendars that are
    not given are empty; people whom a CRM would name (`from_crm`) are not there. Raises `ConfigurationError` when two
    people are the same user.
    """
    here = connection or _first_connection(roster) or "crm"
    people = [written for person in roster.people for written in _written(person.user, here)]
    queues = [rule.queue for _, _, rule in roster.rules.written() if rule.queue is not None]
    queues += [roster.rules.otherwise.queue] if isinstance(roster.rules.otherwise, Otherwise) else []
    users = [_user(written, "person") for written in dict.fromkeys(people)]
    users += [
        _user(written, "queue") for written in dict.fromkeys(one for queue in queues for one in _written(queue, here))
    ]
    empty: Calendars = {source: ReadCalendar((), "") for _, source in roster.calendar_files()}
    named = roster.model_copy(update={"from_crm": ()})
    resolved = resolve(named, users, here, calendars={**empty, **calendars})
    if resolved.findings:
        raise ConfigurationError(resolved.findings)
    return resolved


def _written(user: User, connection: str) -> list[str]:
    if isinstance(user, str):
        return [user]
    return [user[connection]] if connection in user else []


def _user(written: str, kind: str) -> CrmUser:
    email = written if "@" in written else None
    return CrmUser(id=written, name=written, email=email, active=True, kind="queue" if kind == "queue" else "person")


def _first_connection(roster: Roster) -> str | None:
    named = [connection for person in roster.people if not isinstance(person.user, str) for connection in person.user]
    return named[0] if named else None
