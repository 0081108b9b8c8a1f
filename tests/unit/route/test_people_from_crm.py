"""People whom the roster takes from the CRM's groups, queues, teams and roles."""

import pytest
from routing_world import TODAY, leads, owners, route

from crmsync.configuration import read_document
from crmsync.contract import CrmUser
from crmsync.route.roster.resolution import resolve
from crmsync.route.roster.roster import roster_from


def user(id_, *groups, email=True, active=True, **rest):
    address = {True: f"{id_.title()}@firm.example", False: None}.get(email, email)
    return CrmUser(id_, id_, address, active, groups=groups, **rest)


ANN = user("ann", "AE EMEA", "Everybody", time_zone="Asia/Kathmandu", team="Mid-market", role="AE")
BEA = user("bea", "AE EMEA", time_zone="Nowhere/At all", teams=("West", "East"), team="West")
CID = user("cid", "Everybody", queues=("Inbound",))
GONE = user("gone", "AE EMEA", active=False)
EMPTY = CrmUser("g", "Nobody yet", None, True, kind="group")
DESK = CrmUser("q", "Inbound", None, True, kind="queue")
USERS = (CID, BEA, ANN, GONE, EMPTY, DESK)


def found(text, users=USERS, connection="salesforce"):
    document = read_document(text, "roster.yaml")
    return resolve(roster_from(document), users, connection, document)


def entry(**said):
    words = ", ".join(f"{key.rstrip('_')}: {value}" for key, value in {"connection": "salesforce", **said}.items())
    return f"from_crm:\n  - {{{words}, role: ae}}\n"


def keys(resolved):
    return [member.key for member in resolved.members]


WHO = [
    ({"group": "AE EMEA"}, ["ann@firm.example", "bea@firm.example", "gone@firm.example"]),
    (
        {"group": "[AE EMEA, Everybody]"},
        ["ann@firm.example", "bea@firm.example", "cid@firm.example", "gone@firm.example"],
    ),
    ({"queue": "Inbound"}, ["cid@firm.example"]),
    ({"team": "Mid-market"}, ["ann@firm.example"]),
    ({"team": "East"}, ["bea@firm.example"]),
    ({"team": "West"}, ["bea@firm.example"]),
    ({"role_name": "AE"}, ["ann@firm.example"]),
    ({"group": "AE EMEA", "team": "West"}, ["bea@firm.example"]),
    ({"group": "AE EMEA", "except": "[ANN@firm.example, gone]"}, ["bea@firm.example"]),
]  # fmt: skip


@pytest.mark.parametrize(("said", "expected"), WHO)
def test_whom_an_entry_reads(said, expected):
    read = found(entry(**said))
    assert read.findings == ()
    assert keys(read) == expected
    assert read.receivers == {key.partition("@")[0] for key in expected} - {"gone"}


def test_the_inactive_are_skipped_and_counted():
    read = found(entry(group="AE EMEA"))
    assert [(each.user, each.reason) for each in read.skipped] == [("gone", "inactive in the CRM")]
    assert [(each.words, each.active, each.inactive) for each in read.read] == [(("AE EMEA",), 2, 1)]


def test_zone_and_team_are_the_crms():
    ann, bea, _ = found(entry(group="AE EMEA")).members
    assert (ann.person.time_zone, ann.person.team) == ("Asia/Kathmandu", "Mid-market")
    assert (bea.person.time_zone, bea.person.team) == ("UTC", "West")  # no zone that is known
    ann, *_ = found(entry(group="AE EMEA", time_zone="Europe/Rome")).members
    assert ann.person.time_zone == "Europe/Rome"


def test_who_is_named_too_is_one_person_and_what_is_written_there_wins():
    text = entry(group="AE EMEA", weight=2, territories="[DE]")
    read = found(text + "people:\n  - {user: bea@firm.example, weight: 0.5, key: Bea}\n  - {user: cid, role: bdr}\n")
    assert keys(read) == ["Bea", "cid", "ann@firm.example", "gone@firm.example"]
    bea, cid, ann, _ = (member.person for member in read.members)
    assert (str(bea.weight), bea.all_roles, bea.territories) == ("0.5", ("ae",), ("DE",))
    assert (str(ann.weight), cid.all_roles, cid.territories) == ("2", ("bdr",), ())
    named = found(text + "people: [{user: ann, roles: [boss]}]\nreceivers: {role: [ae, boss]}\n").members[0].person
    assert named.all_roles == ("boss",)


def test_two_entries_give_the_words_of_both_and_the_first_ones_values():
    text = (
        entry(group="AE EMEA", weight=2) + "  - {connection: salesforce, group: Everybody, role: lead, weight: 3}\n"
    )
    people = {member.key: member.person for member in found(text).members}
    ann = people["ann@firm.example"]
    assert (ann.all_roles, str(ann.weight)) == (("ae", "lead"), "2")
    assert people["cid@firm.example"].all_roles == ("lead",)


def test_both_crms_count_by_the_same_keys():
    text = entry(group="AE EMEA") + "  - {connection: hubspot, team: East, role: ae}\n"
    there = (CrmUser("11", "x", "BEA@Firm.example", True, teams=("East",)),)
    assert keys(found(text, there, "hubspot")) == ["bea@firm.example"]
    assert "bea@firm.example" in keys(found(text))


def test_without_an_e_mail_of_their_own_they_come_last_by_name_whatever_their_ids():
    text = entry(group="AE EMEA") + "  - {connection: hubspot, team: AE EMEA, role: ae}\n"
    for connection, ids in (("salesforce", "123"), ("hubspot", "321")):
        users = [
            CrmUser(id_, name, email, True, groups=("AE EMEA",), teams=("AE EMEA",))
            for id_, name, email in zip(ids, ("Cy", "bo", "Al"), (None, None, "z@firm.example"), strict=True)
        ]
        read = found(text, users, connection)
        names = {user.id: user.name for user in users}
        assert [names[member.user] for member in read.members] == ["Al", "bo", "Cy"]


def test_who_is_named_for_another_crm_is_found_by_key():
    text = entry(group="AE EMEA") + "people: [{user: {hubspot: 12}, key: BEA@firm.example, weight: 3}]\n"
    read = found(text)
    assert keys(read) == ["bea@firm.example", "ann@firm.example", "gone@firm.example"]
    assert (read.members[0].user, str(read.members[0].person.weight), read.findings) == ("bea", "3", ())


def test_two_people_with_one_key():
    text = entry(group="AE EMEA") + "people: [{user: cid, key: bea@firm.example}]\n"
    assert "has the key of person 1" in found(text).findings[0].message


def test_without_an_email_of_their_own_people_go_by_id():
    users = (
        user("1", "G", email=False),
        user("2", "G", email="x@firm.example"),
        user("3", "G", email="x@firm.example"),
    )
    assert keys(found(entry(group="G"), users)) == ["1", "2", "3"]


def test_entries_of_another_connection_mean_nothing_here():
    read = found(entry(group="Unheard of"), connection="hubspot")
    assert (read.findings, read.members, read.read) == ((), (), ())


def test_rules_for_bdrs_hold_for_those_read():
    text = "from_crm: [{connection: salesforce, queue: Inbound, role: bdr}]\n"
    frame = leads([{"lead": "a", "owner": None}])
    assert owners(route(found(text), frame, as_of=TODAY)) == {"a": "cid"}


WRONG = {
    "unknown group": (entry(group="AE EMAE"), (2, 37, "no group `AE EMAE`", "did you mean `AE EMEA`?")),
    "unknown team": (entry(team="Eas"), (2, 36, "nobody in salesforce has the team `Eas`", "did you mean `East`?")),
    "unknown queue": (entry(queue="inbound"), (2, 37, "no queue `inbound`", "did you mean `Inbound`?")),
    "unknown role": (entry(role_name="AF"), (2, 41, "nobody in salesforce has the role `AF`", "`AE`")),
    "one of several": (entry(group="[AE EMEA, AE EMEAS]"), (2, 47, "no group `AE EMEAS`", "did you mean `AE EMEA`?")),
    "empty group": (entry(group="Nobody yet"), (2, 5, "nobody active in salesforce is meant", "look into the group")),
    "nobody fits both": (entry(queue="Inbound", team="West"), (2, 5, "nobody active", "look into")),
    "unknown exception": (
        entry(group="AE EMEA", except_="[nobody]"),
        (2, 55, "under `except` is no user", "e-mail or the id"),
    ),
    "hours without a zone": (
        entry(group="AE EMEA", hours="{mon: 09:00-17:00}"),
        (2, 53, "in which time zone 1 of these people", "write `time_zone`"),
    ),
    "a pool of nobody": (
        entry(group="AE EMEA") + "pools: {x: {role: aee}}\n",
        (3, 12, "the pool `x` is empty", "did you mean `ae`"),
    ),
    "a strange partner": (
        entry(group="AE EMEA") + "people: [{user: cid, partner: an@firm.example}]\n",
        (3, 31, "the partner `an@firm.example` is not in the roster", "did you mean"),
    ),
    "a pool that may not receive": (
        entry(group="AE EMEA")
        + "rules: {hand_off: [{pool: x}]}\npools: {x: {team: Mid-market}}\nreceivers: {team: West}\n",
        (3, 27, "is no receiver", "let `receivers`"),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_at_its_place(name):
    text, (line, column, message, hint) = WRONG[name]
    finding = found(text).findings[0]
    assert (finding.line, finding.column) == (line, column)
    assert message in finding.message
    assert hint in (finding.hint or "")


def test_partners_and_pools_of_those_read_are_right():
    text = entry(group="AE EMEA") + "people: [{user: cid, role: bdr, partner: ANN@firm.example}]\n"
    assert found(text + "pools: {x: {people: [bea@firm.example]}}\n").findings == ()


def test_the_digest_follows_memberships():
    digests = {
        found(entry(group="AE EMEA"), users).digest
        for users in (USERS, (*USERS, user("dan", "AE EMEA")), (ANN,), (*USERS, user("stranger")))
    }
    assert len(digests) == 3
