"""What `assign` does with a batch: who is looked at, in which order, with which history."""

from datetime import UTC, date, datetime, timedelta

import pytest
from routing_world import NOW, applied, leads, owners, resolved, roster_of, route

from crmsync.errors import UsageError
from crmsync.route.placing.assignment import ASSIGNED
from crmsync.route.placing.orders import Credit, Order
from crmsync.route.rotation.loads import pool_loads
from crmsync.route.rotation.turns import give_back

ROLES = roster_of(
    [
        {"user": "ann@firm.example", "role": "ae"},
        {"user": "ben@firm.example", "role": "ae"},
        {"user": "bert@firm.example", "role": "bdr"},
        {"user": "bea@firm.example", "role": "bdr"},
    ]
)


def one(stage="sql", **row):
    return leads([{"lead": "a", "stage": stage, **row}])


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
    assert owners(route(resolved(ROLES), one("sqo"), hand_off_stage=None)) == {}


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


def test_the_order_of_turns():
    base = datetime(2026, 11, 1, tzinfo=UTC)
    rows = [
        {"lead": "9", "priority": 7},
        {"lead": "8", "priority": 5, "created_at": base, "email": "B@x.example"},
        {"lead": "7", "priority": 5, "created_at": base + timedelta(milliseconds=900), "email": "a@y.example"},
        {"lead": "6", "priority": 5, "created_at": base, "email": None},
        {"lead": "5", "priority": 5, "created_at": base + timedelta(seconds=1)},
        {"lead": "3", "priority": 5, "created_at": None, "email": None},
        {"lead": "4", "priority": 5, "created_at": None, "email": None},
        {"lead": "2", "priority": 5, "created_at": None, "email": "z@z.example"},
        {"lead": "1", "priority": -3},
        {"lead": "0", "priority": None},
    ]
    frame = leads([{"stage": "sql", **row} for row in rows])
    for mixed in (frame, frame.reverse(), frame.sample(fraction=1, shuffle=True, seed=3)):
        result = route(resolved(ROLES), mixed)
        assert result.assigned["lead"].to_list() == ["9", "7", "8", "6", "5", "2", "3", "4", "1", "0"]
    new = leads([{"lead": "n", "owner": None, "priority": 99}, {"lead": "h", "stage": "sql"}])
    assert route(resolved(ROLES), new).assigned["lead"].to_list() == ["h", "n"]


def test_the_frame_tells_the_counter_before_and_after_and_who_was_passed_over():
    result = route(resolved(ROLES), leads([{"lead": "a", "stage": "sql"}, {"lead": "b", "stage": "sql"}]))
    assert dict(result.assigned.schema) == dict(ASSIGNED)
    rows = result.assigned.to_dicts()
    assert [(row["pool"], row["counter_before"], row["counter_after"]) for row in rows] == [("receivers", 0, 1)] * 2
    assert rows[0]["reason"] == "next in the rotation of pool receivers"
    assert rows[0]["passed_over"] == [{"person": "ben", "why": "not their turn: 0 of a share of 0.50"}]


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


def test_a_criterion_that_the_policy_does_not_have():
    roster = roster_of([{"user": "ann", "role": "ae"}], rules={"hand_off": [{"when": "big", "pool": "receivers"}]})
    with pytest.raises(UsageError, match="big"):
        route(resolved(roster), one())


def test_all_criteria_of_a_rule_must_be_met_and_unknown_is_not():
    rules = {"hand_off": [{"when": ["big", "hot"], "pool": "bens"}, {"pool": "receivers"}]}
    roster = roster_of(
        ROLES.model_dump(by_alias=True)["people"], rules=rules, pools={"bens": {"people": "ben@firm.example"}}
    )
    for big, hot, expected in ((True, True, "ben"), (True, None, "ann"), (None, None, "ann"), (False, True, "ann")):
        frame = one(**{"verdict.big": big, "verdict.hot": hot})
        assert owners(route(resolved(roster), frame)) == {"a": expected}


# Duplicates


def test_the_same_person_gets_one_owner_whatever_the_stage():
    frame = leads(
        [
            {"lead": "a", "stage": "sql", "email": "P@acme.example", "priority": 3},
            {"lead": "b", "stage": "sql", "priority": 2},
            {"lead": "c", "stage": "sql", "email": "p@acme.example", "priority": 1},
            {"lead": "d", "stage": "mql", "email": "p@ACME.example", "owner": None},
        ]
    )
    result = route(resolved(ROLES), frame)
    assert owners(result) == {"a": "ann", "b": "ben", "c": "ann", "d": "ann"}
    told = dict(result.assigned.select("lead", "reason").iter_rows())
    assert told["c"] == "same person as lead a, which goes to the same owner"
    assert dict(result.assigned.select("lead", "pool").iter_rows())["c"] == "direct"
    assert result.counters["receivers"]["ann@firm.example"]["turns"] == 1


def test_the_same_company_gets_one_owner_of_each_kind():
    frame = leads(
        [
            {"lead": "a", "stage": "sql", "email": "a@acme.example", "company": "Acme"},
            {"lead": "b", "stage": "sql", "email": "b@acme.example", "company": "ACME Inc."},
            {"lead": "c", "stage": "sql", "email": "c@gmail.com", "company": " acme "},
            {"lead": "d", "stage": "mql", "email": "d@acme.example", "owner": None},
            {"lead": "e", "stage": "mql", "email": "e@acme.example", "owner": None},
        ]
    )
    assert owners(route(resolved(ROLES), frame)) == {"a": "ann", "b": "ann", "c": "ann", "d": "bert", "e": "bert"}


def test_an_existing_owner_of_the_same_person_counts():
    frame = leads([{"lead": "a", "stage": "sql", "email": "p@acme.example"}])
    known = leads([{"lead": "far", "owner": "ben", "email": "p@acme.example"}])
    result = route(resolved(ROLES), frame, known=known)
    assert owners(result) == {"a": "ben"}
    assert result.assigned["reason"].to_list() == ["owns another lead of the same person"]


def test_a_domain_of_many_companies_is_a_mail_provider():
    rows = [
        {"lead": name, "stage": "sql", "email": f"{name}@mail.example", "company": f"Co {name}"} for name in "abc"
    ]
    assert set(owners(route(resolved(ROLES), leads(rows))).values()) == {"ann", "ben"}
    assert set(owners(route(resolved(ROLES), leads(rows[:2]))).values()) == {"ann"}


@pytest.mark.parametrize(
    ("duplicates", "same_owner"),
    [({}, True), ({"same": []}, False), ({"same": ["email"]}, False), ({"shared_domains": "@ACME.example"}, False)],
)
def test_what_makes_duplicates_can_be_chosen(duplicates, same_owner):
    roster = roster_of(ROLES.model_dump(by_alias=True)["people"], duplicates=duplicates)
    frame = leads([{"lead": name, "stage": "sql", "email": f"{name}@acme.example"} for name in "ab"])
    assert (len(set(owners(route(resolved(roster), frame)).values())) == 1) == same_owner


def test_a_full_owner_does_not_get_the_duplicate():
    roster = roster_of(
        [
            {"user": "ann@firm.example", "role": "ae", "capacity": {"per_day": 1}},
            {"user": "ben@firm.example", "role": "ae"},
        ]
    )
    frame = leads([{"lead": name, "stage": "sql", "email": "p@acme.example"} for name in "ab"])
    assert owners(route(resolved(roster), frame)) == {"a": "ann", "b": "ben"}


# Turns of earlier runs


def test_reserved_turns_are_used_again_without_counting():
    frame = leads([{"lead": name, "stage": "sql"} for name in "abc"])
    first = route(resolved(ROLES), frame)
    reserved = {
        lead: (pool, owner) for lead, pool, owner in first.assigned.select("lead", "pool", "owner").iter_rows()
    }
    again = route(resolved(ROLES), frame, counters=first.counters, reserved=reserved)
    assert owners(again) == owners(first)
    assert again.counters == first.counters
    assert again.given_back == ()
    row = again.assigned.to_dicts()[0]
    assert (row["pool"], row["counter_before"], row["counter_after"]) == ("receivers", 2, 2)


def test_a_reserved_turn_goes_back_when_its_owner_cannot_take_it_any_more():
    frame = leads([{"lead": "a", "stage": "sql"}])
    first = route(resolved(ROLES), frame)
    again = route(
        resolved(ROLES, inactive=["ann"]), frame, counters=first.counters, reserved={"a": ("receivers", "ann")}
    )
    assert owners(again) == {"a": "ben"}
    assert [(each.lead, each.pool, each.owner) for each in again.given_back] == [("a", "receivers", "ann")]
    assert again.counters["receivers"]["ann@firm.example"]["turns"] == 0


@pytest.mark.parametrize(
    ("stage", "owner", "back"), [("mql", "bert", True), ("sql", "ben", True), ("sql", "ann", False)]
)
def test_a_reserved_turn_that_is_not_needed_goes_back_unless_its_owner_has_the_lead(stage, owner, back):
    counters = route(resolved(ROLES), one()).counters
    result = route(resolved(ROLES), one(stage, owner=owner), counters=counters, reserved={"a": ("receivers", "ann")})
    assert owners(result) == {}
    assert bool(result.given_back) == back
    assert result.counters["receivers"]["ann@firm.example"]["turns"] == (0 if back else 1)


def test_reserved_turns_of_other_batches_are_left_alone():
    result = route(resolved(ROLES), one(), reserved={"elsewhere": ("receivers", "ben")})
    assert (owners(result), result.given_back) == ({"a": "ann"}, ())


def test_reserved_turns_of_pools_or_people_that_are_gone():
    result = route(resolved(ROLES), one(), reserved={"a": ("gone", "ann")})
    assert [each.pool for each in result.given_back] == ["gone"]
    result = route(resolved(ROLES), one(), reserved={"a": ("receivers", "gone")})
    assert owners(result) == {"a": "ann"}


def test_capacity_is_not_asked_twice_for_a_reserved_turn():
    roster = roster_of([{"user": "ann@firm.example", "role": "ae", "capacity": {"per_day": 1}}])
    first = route(resolved(roster), one())
    again = route(resolved(roster), one(), counters=first.counters, reserved={"a": ("receivers", "ann")})
    assert owners(again) == {"a": "ann"}


def test_refused_writes_give_their_turn_back():
    found = resolved(ROLES)
    first = route(found, one())
    returned = give_back(found, first.counters, [("receivers", "ann"), ("receivers", "unknown")])
    assert returned["receivers"]["ann@firm.example"]["turns"] == 0
    assert owners(route(found, one(), counters=returned)) == {"a": "ann"}


def test_leads_given_by_hand_and_returned_ones_count_as_the_roster_says():
    given, unknown = Credit("given", "ann"), Credit("given", "somebody")
    counts = {}
    for words in ((), ("given",), ("returned",), ("given", "returned")):
        found = resolved(ROLES.model_copy(update={"credit": words}))
        credits = [given, given, unknown, Credit("returned", "ben", "receivers"), Credit("returned", "ben", None)]
        counters = route(found, one(), credits=credits).counters["receivers"]
        counts[words] = {key: state["turns"] for key, state in counters.items()}
    ann, ben = "ann@firm.example", "ben@firm.example"
    assert counts[()] == {ann: 1, ben: 0}
    assert counts["given",] == {ann: 2, ben: 1}, "the next turn is Ben's"
    assert counts["returned",] == {ann: 0, ben: 0}, "Ben had one less, and gets this one"
    assert counts["given", "returned"] == {ann: 2, ben: 0}


def test_a_lead_that_waits_is_not_handed_off():
    result = route(resolved(ROLES), one(), orders={"a": Order("it waits", waits=True)})
    assert (owners(result), result.set_aside) == ({}, ())


def test_a_returned_lead_goes_to_whom_the_order_names_and_counts_in_no_rotation():
    found = resolved(ROLES)
    frame = leads([{"lead": "a", "stage": "sql", "owner": "ann"}])
    result = route(
        found, frame, orders={"a": Order("gave it back", moves=True, to="bob", not_to={"ann": "gave it back"})}
    )
    assert owners(result) == {"a": "bob"}
    assert result.assigned["reason"].to_list() == ["gave it back"]
    assert "receivers" not in result.counters
    assert owners(route(found, frame)) == {}, "without the order its receiver keeps it"


def test_who_had_the_lead_is_passed_over_and_told_even_if_nobody_else_is_left():
    found = resolved(ROLES)
    frame = leads([{"lead": "a", "stage": "sql", "owner": "ann"}])
    result = route(found, frame, orders={"a": Order("too late", moves=True, not_to={"ann": "not in touch"})})
    assert owners(result) == {"a": "ben"}
    assert {"person": "ann", "why": "not in touch"} in result.assigned["passed_over"].to_list()[0]
    both = {"ann": "not in touch", "ben": "gave it back"}
    result = route(found, frame, orders={"a": Order("too late", moves=True, not_to=both)})
    assert (owners(result), [item.lead for item in result.set_aside]) == ({}, ["a"])


def test_a_person_who_set_the_owner_is_respected_whatever_the_order():
    frame = leads([{"lead": "a", "stage": "sql", "owner": "ann", "owner_edited_on": NOW.date()}])
    order = {"a": Order("too late", moves=True, not_to={"ann": "not in touch"})}
    result = route(resolved(ROLES), frame, orders=order, hands_off_days=1)
    assert (owners(result), [item.lead for item in result.held]) == ({}, ["a"])


def test_loads_tell_turns_shares_and_deviations():
    found = resolved(ROLES)
    frame = leads(
        [{"lead": "a", "stage": "sql", "email": "p@x.example"}, {"lead": "b", "stage": "sql", "email": "p@x.example"}]
    )
    counters = route(found, frame, counters={"receivers": {"gone@firm.example": {"turns": 4}}}).counters
    loads = pool_loads(found, counters).select("pool", "user", "turns", "share", "deviation")
    assert [row for row in loads.rows() if row[0] != "bdrs"] == [
        ("direct", "ann", 1, None, None),
        ("receivers", "ann", 1, 0.5, 0.5),
        ("receivers", "ben", 0, 0.5, -0.5),
        ("receivers", None, 4, 4.0, 0.0),
    ]


# People who come and go


def test_counters_survive_edits_of_the_list():
    found = resolved(ROLES)
    frame = leads([{"lead": str(number), "stage": "sql"} for number in range(3)])
    before = route(found, frame).counters
    without = roster_of(
        [person for person in ROLES.model_dump(by_alias=True)["people"] if "ann" not in person["user"]]
    )
    during = route(resolved(without), one(), counters=before).counters
    assert during["receivers"]["ann@firm.example"] == before["receivers"]["ann@firm.example"]
    after = route(found, one(), counters=during)
    assert after.counters["receivers"]["ann@firm.example"]["turns"] == 2
    assert owners(after) == {"a": "ben"}  # ann was a turn ahead of her share when she left, and still is


def test_who_left_in_the_roster_or_has_not_started_gets_nothing():
    roster = roster_of(
        [
            {"user": "ann@firm.example", "role": "ae", "ends": "2026-11-17"},
            {"user": "ben@firm.example", "role": "ae", "starts": "2026-11-19"},
            {"user": "cas@firm.example", "role": "ae", "starts": "2026-11-18", "ends": "2026-11-18"},
        ]
    )
    result = route(resolved(roster), one())
    assert owners(result) == {"a": "cas"}
    why = {each["person"]: each["why"] for each in result.assigned.to_dicts()[0]["passed_over"]}
    assert why == {"ann": "left on 2026-11-17", "ben": "starts on 2026-11-19"}


def test_a_leavers_leads_go_to_others():
    frame = leads([{"lead": "a", "stage": "sql", "owner": "ann"}, {"lead": "b", "stage": "mql", "owner": "bert"}])
    result = route(resolved(ROLES), frame, leavers=["ann", "bert"])
    assert owners(result) == {"a": "ben", "b": "bea"}
    assert owners(route(resolved(ROLES), applied(frame, result), leavers=["ann", "bert"])) == {}


def _pair(**options):
    people = [
        {
            "user": "ann@firm.example",
            "role": "ae",
            "time_zone": "Asia/Kathmandu",
            "hours": {"mon-fri": "09:00-17:00"},
        },
        {"user": "ben@firm.example", "role": "ae", "time_zone": "Europe/Berlin", "hours": {"mon-fri": "09:00-17:00"}},
    ]
    return resolved(roster_of(people, **options))


HOURS = [
    # UTC, rule, owner (None: waits)
    ("2026-11-18T12:00Z", "last_resort", "ben"),  # Kathmandu has gone home at 11:15 UTC
    ("2026-11-18T04:00Z", "last_resort", "ann"),
    ("2026-11-18T03:00Z", "last_resort", "ann"),  # nobody at work: the rotation decides
    ("2026-11-18T12:00Z", "ignore", "ann"),
    ("2026-11-18T03:00Z", "wait", None),
    ("2026-11-18T03:15Z", "wait", "ann"),
    ("2026-11-21T12:00Z", "wait", None),  # a Saturday
]


@pytest.mark.parametrize(("now", "rule", "owner"), HOURS)
def test_working_hours(now, rule, owner):
    result = route(_pair(outside_hours=rule), one(), now=datetime.fromisoformat(now))
    assert owners(result) == ({} if owner is None else {"a": owner})
    assert len(result.set_aside) == (owner is None)


ABSENT = [
    ("2026-11-17T23:59:59+05:45", False),
    ("2026-11-18T00:00:00+05:45", True),
    ("2026-11-18T23:59:59+05:45", True),
    ("2026-11-19T00:00:00+05:45", False),
]


@pytest.mark.parametrize(("now", "absent"), ABSENT)
def test_a_one_day_absence_in_kathmandu_is_that_day_there(now, absent):
    person = {"user": "ann@firm.example", "role": "ae", "time_zone": "Asia/Kathmandu"}
    roster = roster_of([{**person, "absences": [{"from": "2026-11-18", "to": "2026-11-18"}]}])
    result = route(resolved(roster), one(), now=datetime.fromisoformat(now))
    assert bool(result.set_aside) == absent


def test_capacity_counts_the_persons_own_day():
    """Half past midnight in Kathmandu is a new day, though UTC still has the old one."""
    roster = roster_of(
        [{"user": "ann@firm.example", "role": "ae", "time_zone": "Asia/Kathmandu", "capacity": {"per_day": 1}}]
    )
    first = route(resolved(roster), one(), now=datetime.fromisoformat("2026-11-17T18:00Z"))
    assert owners(first) == {"a": "ann"}
    same_day = route(
        resolved(roster), one(), counters=first.counters, now=datetime.fromisoformat("2026-11-17T18:14Z")
    )
    assert len(same_day.set_aside) == 1
    next_day = route(
        resolved(roster), one(), counters=first.counters, now=datetime.fromisoformat("2026-11-17T18:15Z")
    )
    assert owners(next_day) == {"a": "ann"}


REJOIN = [
    # rule, leads that the one who was away gets of the next eight
    ("no_catch_up", 4),
    ("catch_up", 8),
    ("gradual", 6),
]


@pytest.mark.parametrize(("rule", "expected"), REJOIN)
def test_after_an_absence(rule, expected):
    people = [
        {"user": "ann@firm.example", "role": "ae", "absences": [{"from": "2026-11-18", "to": "2026-11-18"}]},
        {"user": "ben@firm.example", "role": "ae"},
    ]
    found = resolved(roster_of(people, rejoin=rule))
    away = route(found, leads([{"lead": f"x{number}", "stage": "sql"} for number in range(16)]))
    assert set(owners(away).values()) == {"ben"}
    back = leads([{"lead": f"y{number}", "stage": "sql"} for number in range(8)])
    result = route(found, back, counters=away.counters, now=NOW + timedelta(days=1))
    assert list(owners(result).values()).count("ann") == expected


def test_what_is_owed_is_worked_off_and_not_more():
    people = [
        {"user": "ann@firm.example", "role": "ae", "absences": [{"from": "2026-11-18", "to": "2026-11-18"}]},
        {"user": "ben@firm.example", "role": "ae"},
        {"user": "cas@firm.example", "role": "ae"},
    ]
    for rule in ("catch_up", "gradual"):
        found = resolved(roster_of(people, rejoin=rule))
        away = route(found, leads([{"lead": f"x{number}", "stage": "sql"} for number in range(30)]))
        assert away.counters["receivers"]["ann@firm.example"]["owed"] == 30 * 333_333
        later = leads([{"lead": f"y{number}", "stage": "sql"} for number in range(300)])
        result = route(found, later, counters=away.counters, now=NOW + timedelta(days=1))
        turns = {key: state["turns"] for key, state in result.counters["receivers"].items()}
        # gradually, a turn of double weight pays off only the part beyond the plain share
        assert turns["ann@firm.example"] in range(105, 111), (rule, turns)
        assert result.counters["receivers"]["ann@firm.example"].get("owed", 0) < 1_000_000
        assert abs(turns["ben@firm.example"] - turns["cas@firm.example"]) <= 1


def test_a_lead_that_leaves_the_stage_meanwhile_is_not_passed_on():
    """Below the line it may only go back to whom it came from; off the ladder nobody touches it."""
    on = {"a": Order("too late", moves=True, not_to={"ann": "not in touch"})}
    back = {"a": Order("gave it back", moves=True, to="bert")}
    found = resolved(ROLES)
    assert owners(route(found, one("mql", owner="ann"), orders=on)) == {}
    assert owners(route(found, one("disqualified", owner="ann"), orders=on)) == {}
    assert owners(route(found, one("mql", owner="ann"), orders=back)) == {"a": "bert"}
    assert owners(route(found, one("disqualified", owner="ann"), orders=back)) == {}


def test_an_owner_who_gave_a_lead_back_or_leaves_does_not_keep_it():
    keeps = roster_of(
        [{"user": "ann@firm.example", "role": "ae"}, {"user": "ben@firm.example", "role": "ae"}],
        rules={"hand_off": [{"strategy": "keep_owner"}, {"pool": "receivers"}]},
    )
    on = {"a": Order("gave it back", moves=True, not_to={"ann": "gave it back"})}
    assert owners(route(resolved(keeps), one("sql", owner="ann"))) == {}
    assert owners(route(resolved(keeps), one("sql", owner="ann"), orders=on)) == {"a": "ben"}
    assert owners(route(resolved(keeps), one("sql", owner="ann"), leavers=["ann"])) == {"a": "ben"}


def test_a_reserved_return_is_carried_out_and_counted_once():
    """Killed before the write and run again, the one to whom it comes back has one lead more, not two."""
    found = resolved(ROLES)
    frame = one("sql", owner="ann")
    back = {"a": Order("gave it back", moves=True, to="bert", not_to={"ann": "gave it back"})}
    first = route(found, frame, orders=back)
    again = route(found, frame, orders=back, counters=first.counters, reserved={"a": ("direct", "bert")})
    assert owners(again) == owners(first) == {"a": "bert"}
    assert again.counters == first.counters
    assert again.given_back == ()


def test_a_reserved_turn_of_one_who_gave_the_lead_back_is_not_used():
    found = resolved(ROLES)
    on = {"a": Order("gave it back", moves=True, not_to={"ann": "gave it back"})}
    reserved = {"a": ("receivers", "ann")}
    result = route(found, one("sql", owner="bert"), orders=on, reserved=reserved)
    assert owners(result) == {"a": "ben"}
    assert [each.owner for each in result.given_back] == ["ann"]
