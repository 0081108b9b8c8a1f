"""Finding the roster's people in a CRM."""

from datetime import date

import pytest
from routing_world import roster, roster_of, users_of

from crmsync.configuration import read_document
from crmsync.contract import CrmUser
from crmsync.route.hours.counting import ReadCalendar
from crmsync.route.hours.time_away import Away
from crmsync.route.people.absence import PlannedAbsence
from crmsync.route.roster.resolution import resolve
from crmsync.route.roster.roster import roster_from

TWO = roster_of([{"user": "Ann@firm.example", "role": "ae"}, {"user": "bea@firm.example", "roles": ["bdr", "ae"]}])


def test_by_email_without_case_or_by_id():
    users = (CrmUser("1", "x", "ANN@firm.example", True), CrmUser("bea@firm.example", "y", None, True))
    found = resolve(TWO, users, "hubspot")
    assert {member.key: member.user for member in found.members} == {
        "ann@firm.example": "1",
        "bea@firm.example": "bea@firm.example",
    }
    assert found.findings == ()


def test_a_salesforce_id_in_its_short_form():
    users = (
        CrmUser("005Kp0000000008IAA", "x", None, True),
        CrmUser("005Kp000000000aIAA", "y", None, True),
        CrmUser("00GKp0000000005MAA", "Desk", None, True, kind="queue"),
    )
    text = "people: [{user: 005Kp000000000a}]\nrules: {otherwise: {queue: 00GKp0000000005}}\n"
    found = resolve(roster(text), users, "salesforce")
    assert found.findings == ()
    assert [member.user for member in found.members] == ["005Kp000000000aIAA"]
    assert list(found.queues.values()) == ["00GKp0000000005MAA"]


def test_a_short_id_is_told_apart_by_case():
    users = (CrmUser("005Kp000000000aIAA", "y", None, True),)
    found = resolve(roster("people: [{user: 005Kp000000000A}]"), users, "salesforce")
    assert "is no user of salesforce" in found.findings[0].message


def test_the_same_keys_in_both_crms():
    people = roster_of([{"user": {"salesforce": "005A", "hubspot": "7"}, "role": "ae"}])
    salesforce = resolve(people, (CrmUser("005A", "x", None, True),), "salesforce")
    hubspot = resolve(people, (CrmUser("7", "x", None, True),), "hubspot")
    assert [member.key for member in salesforce.members] == [member.key for member in hubspot.members] == ["005A"]


def test_roles_for_activities_include_the_inactive():
    found = resolve(TWO, users_of(TWO, inactive=["ann"]), "salesforce")
    assert dict(found.roles().iter_rows()) == {"ann": "ae", "bea": "bdr"}
    assert found.roles().columns == ["by", "by_role"]
    assert (found.role_of("ann"), found.role_of("nobody"), found.role_of(None)) == ("ae", None, None)


def test_the_inactive_are_skipped_and_told():
    found = resolve(TWO, users_of(TWO, inactive=["ann"]), "salesforce")
    assert [(each.person, each.user, each.reason) for each in found.skipped] == [(1, "ann", "inactive in the CRM")]
    assert found.receivers == {"bea"}


def test_somebody_of_another_connection_is_skipped():
    people = roster_of([{"user": {"hubspot": "7"}, "role": "ae"}])
    found = resolve(people, (), "salesforce")
    assert found.findings == ()
    assert found.skipped[0].reason == "has no user on salesforce"
    assert found.receivers == frozenset()


UNKNOWN = [
    ([("1", "anna@firm.example", True)], "is no user of salesforce", "the id 1?"),
    ([("1", "someone@else.example", True)], "is no user of salesforce", "write the e-mail or the id"),
    ([("1", "theo@firm.example", True)], "is no user of salesforce", "write the e-mail or the id"),
    (
        [("1", "ann@firm.example", True), ("2", "ann@firm.example", True)],
        "is the e-mail of several users of salesforce",
        "write the user's id",
    ),
    (
        [("1", "ann@firm.example", False), ("2", "ann@firm.example", False)],
        "is the e-mail of several users of salesforce",
        "write the user's id",
    ),
]


@pytest.mark.parametrize(("users", "message", "hint"), UNKNOWN)
def test_an_unknown_user_is_a_finding_at_its_place(users, message, hint):
    document = read_document("people:\n  - {user: ann@firm.example, role: ae}\n", "roster.yaml")
    crm = tuple(CrmUser(id_, "x", email, active) for id_, email, active in users)
    found = resolve(roster_from(document), crm, "salesforce", document)
    (finding,) = found.findings
    assert (finding.file, finding.line, finding.column) == ("roster.yaml", 2, 12)
    assert message in finding.message
    assert hint in finding.hint
    assert "@" not in str(finding)  # addresses stay out of messages


def test_the_only_active_one_of_several_with_an_email_counts():
    users = (CrmUser("1", "x", "ann@firm.example", False), CrmUser("2", "x", "ann@firm.example", True))
    assert resolve(roster_of([{"user": "ann@firm.example"}]), users, "salesforce").members[0].user == "2"


def test_two_people_who_are_one_user():
    people = roster_of([{"user": "ann@firm.example"}, {"user": "1"}])
    found = resolve(people, (CrmUser("1", "x", "ann@firm.example", True),), "salesforce")
    assert "the same user of salesforce as person 1" in found.findings[0].message
    assert len(found.members) == 1


def test_a_queue_is_no_person_and_a_person_no_queue():
    text = "people: [{user: Desk}]\nrules: {otherwise: {queue: Dsk}}\n"
    document = read_document(text, "roster.yaml")
    users = (CrmUser("q", "Desk", None, True, kind="queue"), CrmUser("u", "Dsk", None, True))
    found = resolve(roster_from(document), users, "salesforce", document)
    assert [(each.line, each.column) for each in found.findings] == [(1, 17), (2, 28)]
    assert found.findings[1].hint == "did you mean `Desk`?"


def test_a_queue_of_another_connection_is_no_finding():
    people = roster("people: []\nrules: {otherwise: {queue: {hubspot: Desk}}}\n")
    assert resolve(people, (), "salesforce").findings == ()


def test_the_digest_follows_the_roster_and_the_active_flags():
    digests = [
        resolve(TWO, users_of(TWO), "salesforce").digest,
        resolve(TWO, users_of(TWO, inactive=["ann"]), "salesforce").digest,
        resolve(TWO.model_copy(update={"rejoin": "catch_up"}), users_of(TWO), "salesforce").digest,
    ]
    assert len(set(digests)) == 3
    more = (*users_of(TWO), CrmUser("stranger", "x", "s@firm.example", True))
    assert resolve(TWO, more, "salesforce").digest == digests[0]


def test_a_calendar_that_nobody_read_is_a_finding():
    people = roster_of([{"user": "ann@firm.example", "calendar": "ann.ics", "time_zone": "Asia/Kathmandu"}])
    unread = resolve(people, users_of(people), "salesforce")
    assert unread.findings[0].message == "the calendar `ann.ics` was not read"
    ((_, source),) = people.calendar_files()
    read = ReadCalendar((Away(date(2026, 12, 24), date(2026, 12, 25)),), "digest")
    found = resolve(people, users_of(people), "salesforce", calendars={source: read})
    assert found.findings == ()
    christmas = PlannedAbsence.model_validate({"from": date(2026, 12, 24), "to": date(2026, 12, 24)})
    assert found.members[0].away == (christmas.stretch(people.people[0].zone),)


def test_the_digest_follows_what_calendars_say_not_the_day_they_are_looked_at():
    people = roster_of([{"user": "ann@firm.example", "calendar": "ann.ics"}])
    ((_, source),) = people.calendar_files()
    monday, tuesday = (Away(date(2026, 11, day), date(2026, 11, day + 1)) for day in (16, 17))

    def digest(away, said):
        calendars = {source: ReadCalendar((away,), said)}
        return resolve(people, users_of(people), "salesforce", calendars=calendars).digest

    assert digest(monday, "weekly") == digest(tuesday, "weekly")
    assert digest(monday, "weekly") != digest(monday, "monthly")


def test_public_holidays_are_whole_days_where_people_are():
    people = roster(
        "holidays: {all: {days: [2026-12-24], for: {team: x}}, norway: [2026-05-17], some: {days: [2026-01-06]}}\n"
        "people:\n  - {user: ann@firm.example, team: x, time_zone: Asia/Kathmandu}\n"
        "  - {user: bea@firm.example, holidays: [norway, all]}\n"
    )
    ann, bea = resolve(people, users_of(people), "salesforce").members
    assert [stretch.start.isoformat() for stretch in ann.away] == ["2026-12-23T18:15:00+00:00"]
    assert [f"{stretch.start:%m-%d %H}" for stretch in bea.away] == ["05-17 00", "12-24 00"]
