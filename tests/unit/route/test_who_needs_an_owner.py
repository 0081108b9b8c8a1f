"""Which leads of a batch get another owner, and which stay as they are."""

from datetime import date

import pytest
from routing_world import ROLES, applied, leads, one, owners, resolved, roster_of, route

NEEDS = [
    # stage, owner, new owner (None: keeps what it has)
    ("sql", "bert", "ann"),
    ("sqo", "bert", "ann"),
    ("sql", None, "ann"),
    ("sql", "stranger", "ann"),
    ("sql", "queue-Desk", "ann"),
    ("sql", "ben", None),
    ("mql", "bert", None),
    ("sal", "stranger", None),
    ("mql", None, "bert"),
    ("disqualified", None, None),
    ("disqualified", "bert", None),
    ("customer", "bert", None),
    (None, None, None),
]


@pytest.mark.parametrize(("stage", "owner", "expected"), NEEDS)
def test_who_needs_an_owner(stage, owner, expected):
    result = route(resolved(ROLES, queues=["Desk"]), one(stage, owner=owner))
    assert owners(result) == ({} if expected is None else {"a": expected})
    assert result.set_aside == ()


def test_nothing_is_handed_off_without_a_hand_off_stage():
    assert owners(route(resolved(ROLES), one("sqo"), hand_overs=())) == {}


def test_an_inactive_receiver_does_not_own_hand_offs():
    assert owners(route(resolved(ROLES, inactive=["ben"]), one(owner="ben"))) == {"a": "ann"}


def test_a_receiver_keeps_the_lead_while_absent_and_gives_it_up_after_the_last_day():
    away = {"absences": [{"from": "2026-11-01", "to": "2026-12-01"}]}
    gone = {"ends": "2026-11-17"}
    for change, expected in ((away, {}), (gone, {"a": "ben"}), ({"ends": "2026-11-18"}, {})):
        roster = roster_of(
            [{"user": "ann@firm.example", "role": "ae", **change}, {"user": "ben@firm.example", "role": "ae"}]
        )
        assert owners(route(resolved(roster), one(owner="ann"))) == expected


def test_an_empty_batch():
    result = route(resolved(ROLES), leads([]), counters={"receivers": {"x": {"turns": 3}}})
    assert result.assigned.is_empty()
    assert result.counters == {"receivers": {"x": {"turns": 3}}}


HANDS_OFF = [
    # edited on, days, held until (None: moved)
    ("2026-11-18", 14, "2026-12-02"),
    ("2026-11-04", 14, "2026-11-18"),
    ("2026-11-03", 14, None),
    (None, 14, None),
    ("2026-11-18", None, None),
    ("2026-11-18", 0, "2026-11-18"),
    ("2026-11-17", 0, None),
]


@pytest.mark.parametrize(("edited", "days", "until"), HANDS_OFF)
def test_an_owner_that_a_person_set_stays_for_the_hands_off_time(edited, days, until):
    frame = one(owner_edited_on=edited and date.fromisoformat(edited))
    result = route(resolved(ROLES), frame, hands_off_days=days)
    assert owners(result) == ({"a": "ann"} if until is None else {})
    assert [(held.lead, held.until.isoformat()) for held in result.held] == ([("a", until)] if until else [])


def test_a_queue_takes_hand_offs_where_nobody_receives_them():
    queue_only = roster_of([], rules={"hand_off": [{"strategy": "queue", "queue": "Desk"}]})
    result = route(resolved(queue_only, queues=["Desk"]), one("sql"))
    assert owners(result) == {"a": "queue-Desk"}


def test_every_lead_ends_with_an_owner_or_a_reason():
    roster = roster_of([*ROLES.model_dump(by_alias=True)["people"]], rules={"hand_off": []})
    result = route(resolved(roster), one("sql"))
    assert [(each.lead, each.reason) for each in result.set_aside] == [("a", "no rule of the roster fits this lead")]


def test_a_leavers_leads_go_to_others():
    frame = leads([{"lead": "a", "stage": "sql", "owner": "ann"}, {"lead": "b", "stage": "mql", "owner": "bert"}])
    result = route(resolved(ROLES), frame, leavers=["ann", "bert"])
    assert owners(result) == {"a": "ben", "b": "bea"}
    assert owners(route(resolved(ROLES), applied(frame, result), leavers=["ann", "bert"])) == {}
