"""roster.yaml: what may stand in it, and every mistake at its place with the mend."""

from datetime import timedelta

import pytest
from routing_world import roster

from crmsync.configuration import read_document
from crmsync.errors import ConfigurationError
from crmsync.route.roster.defaults import default_pools, hand_off_rules, new_lead_rules
from crmsync.route.roster.roster import Roster, roster_from

FULL = """\
format: 1
people:
  - user: Alice@firm.example
    role: ae
    team: mid-market
    territories: [DE, NO]
    segments: [smb]
    languages: [de, en]
    accounts: [acme.example]
    weight: 1.5
    capacity: {per_day: 5, per_week: 20, open_leads: 60}
    time_zone: Europe/Berlin
    hours: {mon-thu: 09:00-17:00, fri: [09:00-12:00, "13:00-15:00"]}
    absences: [{from: 2026-12-24, to: 2027-01-02}, {from: 2026-11-18T09:00:00, to: 2026-11-18T12:00:00}]
    starts: 2024-02-29
    ends: 2028-02-29
  - user: {salesforce: 005A, hubspot: 123}
    roles: [bdr, demo]
    partner: alice@firm.example
  - {user: 77, role: [ae, lead], key: Max}
pools: {aes: {role: ae}, named: {people: [ALICE@firm.example, Max]}}
rules:
  hand_off: [{when: [big, hot], pool: named, strategy: least_loaded}, {strategy: partner}, {pool: aes}]
  new_lead: [{pool: bdrs, overflow: false}]
  otherwise: {queue: {salesforce: Desk}}
receivers: {role: [ae, lead]}
rejoin: gradual
outside_hours: wait
facts: {territory: region}
duplicates: {same: [email], shared_domains: [uni.example]}
"""


def test_everything_it_may_say():
    found = roster(FULL)
    alice, berta, max_ = found.people
    assert [person.person_key for person in found.people] == ["alice@firm.example", "005A", "Max"]
    assert (alice.territories, str(alice.weight), alice.zone.key) == (("DE", "NO"), "1.5", "Europe/Berlin")
    assert dict(berta.names()) == {"salesforce": "005A", "hubspot": "123"}
    assert max_.all_roles == ("ae", "lead")
    assert found.rules.hand_off[0].when == ("big", "hot")
    assert len(alice.away) == 2
    assert Roster.model_validate(found.model_dump(by_alias=True)) == found


def test_people_with_roles_suffice():
    found = roster("people: [{user: a@firm.example, role: ae}, {user: b@firm.example, role: bdr}]")
    assert [(rule.pool, rule.strategy) for rule in hand_off_rules(found)] == [("receivers", "round_robin")]
    assert [(rule.pool, rule.strategy) for rule in new_lead_rules(found)] == [("bdrs", "round_robin")]
    assert set(default_pools(found)) == {"receivers", "bdrs"}


def test_without_a_bdr_ownerless_leads_are_nobodys_business():
    assert new_lead_rules(roster("people: [{user: a@firm.example, role: ae}]")) == ()


def test_an_empty_file_is_an_empty_roster():
    assert roster("").people == ()


PERSON = "people: [{user: a@firm.example, role: ae}, {user: b@firm.example, role: bdr}]\n"

WRONG = {
    "two people with one e-mail": (
        "people:\n  - {user: a@firm.example}\n  - {user: A@Firm.example}\n",
        (3, 12, "`A@Firm.example` is the user of person 1 too", "keep one"),
    ),
    "two people with one id on a connection": (
        "people:\n  - user: {salesforce: 005A, hubspot: 1}\n  - user: {salesforce: 005B, hubspot: 1}\n",
        (3, 11, "`1` is the user of person 1 too", "keep one"),
    ),
    "two people with one key": (
        "people:\n  - {user: a@firm.example, key: max}\n  - {user: b@firm.example, key: max}\n",
        (3, 12, "`max` names person 1 too", "a `key` of its own"),
    ),
    "no user": ("people:\n  - user: {}\n", (2, 11, "this person has no user", "write the e-mail")),
    "weight zero": ("people:\n  - {user: a, weight: 0}\n", (2, 23, "a weight must be above 0", "in no pool")),
    "weight negative": ("people:\n  - {user: a, weight: -1}\n", (2, 23, "a weight must be above 0", "in no pool")),
    "absence the wrong way round": (
        "people:\n  - user: a\n    absences:\n      - {from: 2026-12-24, to: 2026-12-23}\n",
        (4, 9, "the absence ends before it starts", "exchange"),
    ),
    "absence without an end": (
        "people:\n  - {user: a, absences: [{from: 2026-12-24}]}\n",
        (2, 26, "`to` is missing", None),
    ),
    "absence the wrong way round in any zone": (
        "people:\n  - user: a\n    absences:\n      - {from: 2026-12-24T12:00:00, to: 2026-12-23T12:00:00+02:00}\n",
        (4, 9, "the absence ends before it starts", "exchange"),
    ),
    "absence in words": (
        "people:\n  - {user: a, absences: [{from: tomorrow, to: 2027-03-01}]}\n",
        (2, 33, "`tomorrow` is no day and no time", "write 2026-12-24"),
    ),
    "a day that does not exist": (
        "people:\n  - {user: a, absences: [{from: 2027-02-29, to: 2027-03-01}]}\n",
        (2, None, "", None),
    ),
    "unknown zone": (
        "people:\n  - {user: a, time_zone: Europe/Berln}\n",
        (2, 26, "`Europe/Berln` is no time zone", "did you mean `Europe/Berlin`?"),
    ),
    "wrong hours": (
        "people:\n  - user: a\n    hours: {mon-fri: 9 to 5}\n",
        (3, 12, "`9 to 5` is not a stretch of hours", '"09:00-17:00"'),
    ),
    "left before starting": (
        "people:\n  - {user: a, starts: 2026-02-01, ends: 2026-01-01}\n",
        (2, 5, "`ends` is before `starts`", None),
    ),
    "misspelt key": (
        "people:\n  - {user: a, wieght: 2}\n",
        (2, 15, "`wieght` is not known here", "did you mean `weight`?"),
    ),
    "negative capacity": (
        "people:\n  - {user: a, capacity: {per_day: -1}}\n",
        (2, 35, "greater than or equal to 0", None),
    ),
    "unknown partner": (
        "people:\n  - {user: a@firm.example}\n  - {user: b, partner: aa@firm.example}\n",
        (3, 24, "the partner `aa@firm.example` is not in the roster", "did you mean `a@firm.example`?"),
    ),
    "own partner": ("people:\n  - {user: b, partner: b}\n", (2, 24, "is their own partner", "name the AE")),
    "empty pool": (
        PERSON + "pools: {aes: {role: aee}}\n",
        (2, 14, "the pool `aes` is empty", "did you mean `ae`?"),
    ),
    "pool with an empty list": (
        PERSON + "pools: {aes: {people: []}}\n",
        (2, 23, "`people` is an empty list", "without the key `people` everybody does"),
    ),
    "receivers with an empty list": (
        PERSON + "receivers: {role: []}\n",
        (2, 19, "`role` is an empty list", "without the key"),
    ),
    "pool of strangers": (
        PERSON + "pools: {aes: {people: [a@firm.example, c@firm.example]}}\n",
        (2, 40, "`c@firm.example` is not in the roster", "did you mean"),
    ),
    "pool with the name of the direct count": (
        PERSON + "pools: {direct: {role: ae}}\n",
        (2, 17, "leads outside any rotation", "another name"),
    ),
    "unknown pool": (
        PERSON + "pools: {aes: {role: ae}}\nrules: {hand_off: [{pool: aess}]}\n",
        (3, 27, "there is no pool `aess`", "did you mean `aes`?"),
    ),
    "unknown strategy": (
        PERSON + "rules: {hand_off: [{pool: receivers, strategy: round_robbin}]}\n",
        (2, 48, "`round_robbin` is no strategy", "did you mean `round_robin`?"),
    ),
    "days too many": (
        "people: [{user: a@firm.example, capacity: {per_days: {93: 4}}}]\n",
        (1, 55, "less than or equal to 92", None),
    ),
    "no number of days": (
        "people: [{user: a@firm.example, capacity: {per_days: {week: 4}}}]\n",
        (1, 55, "whole number", None),
    ),
    "no pool": (
        PERSON + "rules: {hand_off: [{strategy: least_loaded}]}\n",
        (2, 31, "`least_loaded` needs a `pool`", "`receivers`"),
    ),
    "pool too many": (
        PERSON + "rules: {hand_off: [{strategy: partner, pool: receivers}]}\n",
        (2, 46, "`partner` takes no pool", "leave `pool` out"),
    ),
    "a share of one": (
        PERSON + "rules: {hand_off: [{share: {receivers: 70}}]}\n",
        (2, 28, "shares between two pools or more", "write `share: {one: 70, two: 30}`"),
    ),
    "a share of none": (
        PERSON + "rules: {hand_off: [{strategy: share}]}\n",
        (2, 31, "shares between two pools or more", "write `share"),
    ),
    "a share of an unknown pool": (
        PERSON + "rules: {hand_off: [{share: {receivers: 70, recievers: 30}}]}\n",
        (2, 55, "there is no pool `recievers`", "did you mean `receivers`?"),
    ),
    "a share of a pool with a comma": (
        PERSON + "pools: {'a, b': {role: ae}}\nrules: {hand_off: [{share: {receivers: 70, 'a, b': 30}}]}\n",
        (3, None, "has a comma", "without a comma"),
    ),
    "a share too many": (
        PERSON + "rules: {hand_off: [{strategy: queue, queue: Q, share: {receivers: 70, bdrs: 30}}]}\n",
        (2, 55, "`queue` takes no `share`", "write `strategy: share`"),
    ),
    "a share of nothing": (
        PERSON + "rules: {new_lead: [{share: {receivers: 0, bdrs: 30}}]}\n",
        (2, 40, "greater than or equal to 1", None),
    ),
    "a share of people who are no receivers": (
        PERSON + "rules: {hand_off: [{share: {receivers: 1, bdrs: 1}}]}\n",
        (2, None, "is no receiver: the lead would move again", None),
    ),
    "a pool like a rotation between pools": (
        PERSON + "pools: {between one: {role: ae}}\n",
        (2, 22, "reads like the rotation between pools", "choose another name"),
    ),
    "fact too many": (
        PERSON + "rules: {hand_off: [{pool: receivers, same: region}]}\n",
        (2, 44, "`round_robin` takes no `same`", "write `strategy: account_owner`"),
    ),
    "age too many": (
        PERSON + "rules: {hand_off: [{strategy: queue, queue: Q, within_days: 3}]}\n",
        (2, 61, "`queue` takes no `within_days`", "write `strategy: account_owner`"),
    ),
    "no pool of owners": (
        PERSON + "rules: {hand_off: [{strategy: account_owner, pool: aess}]}\n",
        (2, 52, "there is no pool `aess`", None),
    ),
    "no queue": (
        PERSON + "rules: {hand_off: [{strategy: queue}]}\n",
        (2, 31, "needs a `queue`", "name the queue"),
    ),
    "queue too many": (
        PERSON + "rules: {hand_off: [{pool: receivers, queue: Desk}]}\n",
        (2, 45, "`round_robin` takes no queue", "write `strategy: queue`"),
    ),
    "a pool of people who may not receive": (
        PERSON + "rules: {hand_off: [{pool: bdrs}]}\n",
        (2, 27, "`b@firm.example` of pool `bdrs` is no receiver", "let `receivers` include"),
    ),
    "unknown criterion": (
        PERSON + "rules: {hand_off: [{when: bigg, pool: receivers}]}\n",
        (2, 27, "the policy has no criterion `bigg`", "did you mean `big`?"),
    ),
    "unknown rejoin rule": (PERSON + "rejoin: catchup\n", (2, 9, "`catchup` is not a valid rejoin", "catch_up")),
    "another format": (PERSON + "format: 2\n", (2, 9, "`2` is not a valid format", None)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_with_its_place_and_mend(name):
    text, (line, column, message, hint) = WRONG[name]
    with pytest.raises(ConfigurationError) as raised:
        roster_from(read_document(text, "roster.yaml"), criteria={"big", "hot"})
    finding = raised.value.findings[0]
    assert (finding.file, finding.line) == ("roster.yaml", line)
    assert column is None or finding.column == column
    assert message in finding.message
    assert hint is None or hint in (finding.hint or "")
    assert raised.value.exit_code == 2


def test_an_absence_with_a_zone_at_one_end_may_be_in_order_for_the_person():
    text = "{from: 2026-10-25T02:15:00, to: 2026-10-25T02:45:00+05:45}"
    (person,) = roster(f"people: [{{user: a, time_zone: Asia/Kathmandu, absences: [{text}]}}]").people
    (stretch,) = person.away
    assert stretch.end - stretch.start == timedelta(minutes=30)


def test_all_mistakes_are_told_at_once():
    text = PERSON + "pools: {aes: {role: x}}\nrules: {hand_off: [{pool: y}]}\n"
    with pytest.raises(ConfigurationError) as raised:
        roster(text)
    assert [finding.line for finding in raised.value.findings] == [2, 3]


def test_criteria_are_checked_only_when_given():
    text = PERSON + "rules: {hand_off: [{when: anything, pool: receivers}]}\n"
    assert roster(text).rules.hand_off[0].when == ("anything",)
