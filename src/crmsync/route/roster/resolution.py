"""From the roster's people to the users of one CRM."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType

from msgspec import Struct, field

from crmsync.configuration import Document, Path, did_you_mean
from crmsync.contract import CrmUser
from crmsync.errors import Finding
from crmsync.route.hours.calendar import Stretch, merged, whole_days
from crmsync.route.hours.counting import ReadCalendar
from crmsync.route.hours.time_away import A_DAY, Away
from crmsync.route.people.member import Member
from crmsync.route.people.person import Person
from crmsync.route.people.shape import User
from crmsync.route.roster.defaults import default_pools
from crmsync.route.roster.directory import Directory
from crmsync.route.roster.lead_hours import LeadCalendar
from crmsync.route.roster.people_findings import people_findings
from crmsync.route.roster.read_people import with_people_read
from crmsync.route.roster.resolved import ResolvedRoster, Skipped, queue_key
from crmsync.route.roster.roster_file import CalendarSource, Holidays, Otherwise, Roster


def resolve(
    roster: Roster,
    users: Sequence[CrmUser],
    connection: str,
    document: Document | None = None,
    calendars: Mapping[CalendarSource, ReadCalendar] = MappingProxyType({}),
) -> ResolvedRoster:
    """Find the roster's people among the CRM's users. With `document`, findings have their place in the file.

    A person written per connection who is not written for this one is skipped. An e-mail is compared without
    case; where several users have it, the only active one counts. People whom the CRM's groups and teams hold
    (`from_crm`) follow those named. `calendars`: what was read for `roster.calendar_files()`; one that is not there
    is a finding.
    """

    findings = _Findings(document)
    directory = Directory(users)
    for path, source in roster.calendar_files():
        if source not in calendars:
            findings.add(path, f"the calendar `{source[0]}` was not read", "write the absences into the roster")
    named = len(roster.people)
    read = with_people_read(roster, directory, connection)
    roster = read.roster
    findings.add_all(read.findings)
    members, skipped = _members(roster, named, directory, connection, calendars, findings)
    if read.entries:
        findings.add_all(people_findings(roster))
    queues = _queues(roster, directory, connection, findings)
    pools = {
        name: tuple(member for member in members if match.fits(member.person))
        for name, match in default_pools(roster).items()
    }
    return ResolvedRoster(
        roster=roster,
        members=tuple(members),
        pools=pools,
        by_user={member.user: member for member in members},
        queues=queues,
        findings=tuple(findings.found),
        skipped=tuple(skipped),
        read=read.entries,
        digest=_digest(roster, members, queues, calendars),
        every_queue=frozenset(user.id for user in users if user.kind == "queue"),
        queue_names=frozenset(directory.queue_names),
        inactive=frozenset(user.id for user in users if user.kind == "person" and not user.active),
        where_leads_are=_where_leads_are(roster, calendars),
    )


class _Findings(Struct, frozen=True):
    """What is found, each with its place in the file where there is one."""

    document: Document | None
    found: list[Finding] = field(default_factory=list)

    def add(self, path: Path, message: str, hint: str | None) -> None:
        """One more."""
        nowhere = Finding("roster.yaml", 0, 0, message, hint)
        self.found.append(nowhere if self.document is None else self.document.finding(path, message, hint))

    def add_all(self, several: Iterable[tuple[Path, str, str | None]]) -> None:
        """One after the other."""
        for each in several:
            self.add(*each)


def _members(
    roster: Roster,
    named: int,
    directory: Directory,
    connection: str,
    calendars: Mapping[CalendarSource, ReadCalendar],
    findings: _Findings,
) -> tuple[list[Member], list[Skipped]]:
    """The roster's people as users of the CRM, and those who are not. `named`: how many the file itself names."""
    members: list[Member] = []
    skipped: list[Skipped] = []
    owners: dict[str, int] = {}
    for index, person in enumerate(roster.people):
        written = _here(person.user, connection)
        if written is None:
            skipped.append(Skipped(index + 1, None, f"has no user on {connection}"))
            continue
        path: Path = ("people", index, "user") if index < named else ("from_crm",)
        found = directory.person(written)
        if isinstance(found, str):
            findings.add(path, f"{_shown(written)} {found} of {connection}", directory.hint(written))
            continue
        first = owners.setdefault(found.id, index)
        if first != index:
            words = f"{_shown(written)} is the same user of {connection} as person {first + 1}"
            findings.add(path, words, "keep one of the two")
            continue
        if not found.active:
            skipped.append(Skipped(index + 1, found.id, "inactive in the CRM"))
        away = merged((*person.away, *_from_calendars(roster, person, calendars)))
        members.append(Member(person.person_key, found.id, found.active, person, away))
    return members, skipped


def _shown(written: str) -> str:
    """A user as written, for messages: an e-mail address stays out of them, as they may come into a log."""
    return "this e-mail address" if "@" in written else f"`{written}`"


def _here(user: User, connection: str) -> str | None:
    return user if isinstance(user, str) else user.get(connection)


def _queues(
    roster: Roster,
    directory: Directory,
    connection: str,
    findings: _Findings,
) -> dict[str, str]:
    wanted: list[tuple[Path, User]] = [
        (("rules", kind, index, "queue"), rule.queue)
        for kind, index, rule in roster.rules.written()
        if rule.queue is not None
    ]
    if isinstance(roster.rules.otherwise, Otherwise):
        wanted.append((("rules", "otherwise", "queue"), roster.rules.otherwise.queue))
    queues: dict[str, str] = {}
    for path, queue in wanted:
        written = _here(queue, connection)
        if written is None:
            continue
        found = directory.queue(written)
        if found is None:
            words = f"{connection} has no active queue `{written}`"
            findings.add(path, words, did_you_mean(written, directory.queue_names))
        else:
            queues[queue_key(queue)] = found
    return queues


def _from_calendars(
    roster: Roster, person: Person, calendars: Mapping[CalendarSource, ReadCalendar]
) -> Iterator[Stretch]:
    """Absences from the person's calendars and public holidays, in their own zone."""
    for source in _sources(roster, person):
        if source in calendars:
            yield from (away.stretch(person.zone) for away in calendars[source].away)
    for holidays in roster.holidays_of(person):
        yield from (whole_days(day, day, person.zone) for day in holidays.days)


def _where_leads_are(roster: Roster, calendars: Mapping[CalendarSource, ReadCalendar]) -> LeadCalendar:
    rule = roster.lead_hours
    if rule is None:
        return LeadCalendar()
    named = {name: roster.holidays[name] for names in rule.holidays.values() for name in names}
    return LeadCalendar(rule, {name: tuple(_days_off(each, calendars)) for name, each in named.items()})


def _days_off(holidays: Holidays, calendars: Mapping[CalendarSource, ReadCalendar]) -> Iterator[Away]:
    yield from (Away(day, day + A_DAY) for day in holidays.days)
    if holidays.source is not None and holidays.source in calendars:
        yield from calendars[holidays.source].away


def _sources(roster: Roster, person: Person) -> Iterator[CalendarSource]:
    yield from ((calendar.file, calendar.counting) for calendar in person.calendar)
    yield from (holidays.source for holidays in roster.holidays_of(person) if holidays.source is not None)


def _digest(
    roster: Roster,
    members: Sequence[Member],
    queues: Mapping[str, str],
    calendars: Mapping[CalendarSource, ReadCalendar],
) -> str:
    """Calendars count by what they say, not by the stretches of the weeks that were looked at today."""
    read = {source: calendar.digest for source, calendar in calendars.items()}
    state = [
        roster.model_dump(mode="json", by_alias=True),
        [
            [member.user, member.active, [read.get(source) for source in _sources(roster, member.person)]]
            for member in members
        ],
        sorted(queues.items()),
    ]
    if roster.lead_hours is not None:
        state.append(sorted({read[source] for each in roster.holidays.values() if (source := each.source) in read}))
    return sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()
