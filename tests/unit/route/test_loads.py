"""What the counters say of people: shares and bound, capacity, availability, people who left; and shares per turn."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from routing_world import NOW, ROLES, leads, resolved, roster, roster_of, route, users_of

from crmsync.languages.tongues import tongue_of
from crmsync.route.at_work.loads import person_loads, pool_loads
from crmsync.route.roster.resolution import resolve
from crmsync.route.rotation.fair import bound

TEAM = """
format: 1
rejoin: catch_up
people:
  - {user: ann@firm.example, role: ae, capacity: {per_day: 2, per_week: 9, open_leads: 40}}
  - {user: ben@firm.example, role: ae, weight: 2, absences: [{from: 2026-11-16, to: 2026-11-20}]}
  - {user: cas@firm.example, role: ae, time_zone: Asia/Kathmandu, hours: {mon-fri: "09:00-17:00"}}
  - {user: dan@firm.example, role: ae, starts: 2026-12-01}
  - {user: eve@firm.example, role: ae, ends: 2026-10-31}
  - {user: fay@firm.example, role: ae}
  - {user: bert@firm.example, role: bdr}
"""


def team_loads(text: str = TEAM, counters=None, now=NOW, open_leads=None):
    found = resolved(roster(text), inactive=("fay",))
    return {
        each.key.partition("@")[0]: each
        for each in person_loads(found, counters or {}, now=now, open_leads=open_leads or {})
    }


def test_everybody_is_told_why_they_take_nothing_now():
    told = {key: each.obstacle for key, each in team_loads().items()}
    assert told == {
        "ann": None,
        "ben": "absent until 2026-11-21 00:00",
        "cas": "outside working hours until 2026-11-19 09:00, only if nobody is at work",
        "dan": "starts on 2026-12-01",
        "eve": "left on 2026-10-31",
        "fay": "inactive in the CRM",
        "bert": None,
    }


def test_it_is_told_in_the_readers_language():
    found = resolved(roster(TEAM), inactive=("fay",))
    told = {
        each.key: each.obstacle for each in person_loads(found, {}, now=NOW, open_leads={}, tongue=tongue_of("de"))
    }
    assert told["cas@firm.example"] == "außerhalb der Arbeitszeit bis 19.11.2026 09:00, nur wenn niemand arbeitet"


@pytest.mark.parametrize(
    ("rule", "said"), [("wait", "outside working hours until 2026-11-19 09:00"), ("ignore", None)]
)
def test_the_rule_for_working_hours_is_told_with_them(rule, said):
    assert team_loads(TEAM + f"outside_hours: {rule}\n")["cas"].obstacle == said


def test_counts_of_the_day_and_week_stand_against_capacity():
    found = resolved(roster(TEAM), inactive=("fay",))
    batch = leads([{"lead": f"l{number}", "stage": "sql"} for number in range(2)])
    counters = route(found, batch).counters
    ann = team_loads(counters=counters)["ann"]
    assert (ann.today, ann.this_week, ann.obstacle) == (2, 2, "at capacity: 2 a day")
    later = team_loads(counters=counters, now=NOW + timedelta(days=1))["ann"]
    assert (later.today, later.this_week, later.obstacle) == (0, 2, None)
    assert later.day == date(2026, 11, 19)
    full = team_loads(open_leads={"ann": 40})["ann"]
    assert (full.open_leads, full.obstacle) == (40, "at capacity: 40 open leads")


def test_who_left_the_roster_stays_in_the_list():
    counters = {"receivers": {"gus@firm.example": {"turns": 7}, "ann@firm.example": {"turns": 7}}}
    told = team_loads(counters=counters)
    assert told["gus"].member is None
    assert told["gus"].obstacle == "not in the roster"
    loads = pool_loads(resolved(roster(TEAM)), counters).filter(pool="receivers")
    assert loads["key"].to_list()[-1] == "gus@firm.example"
    assert loads["user"].to_list()[-1] is None
    assert loads["turns"].sum() == 14


def test_leads_outside_any_rotation_are_counted_apart():
    found = resolved(roster_of([{"user": "ann", "role": "ae"}], rules={"hand_off": [{"strategy": "account_owner"}]}))
    batch = leads(
        [
            {"lead": "old", "owner": "ann", "stage": "mql", "email": "a@one.example"},
            {"lead": "new", "stage": "sql", "email": "b@one.example"},
        ]
    )
    counters = route(found, batch).counters
    (ann,) = person_loads(found, counters, now=NOW, open_leads={})
    assert (ann.direct, ann.today) == (1, 1)
    (row,) = pool_loads(found, counters).filter(pool="direct").iter_rows(named=True)
    assert (row["turns"], row["share"], row["deviation"]) == (1, None, None)


def test_what_an_absence_is_owed_counts_only_under_a_rule_that_makes_up_for_it():
    found = resolved(roster(TEAM), inactive=("fay",))
    batch = leads([{"lead": f"l{number}", "stage": "sql"} for number in range(2)])
    counters = route(found, batch).counters
    owed = dict(pool_loads(found, counters).select("key", "owed").iter_rows())
    assert owed["ben@firm.example"] == 2 * 666_666
    forgetful = resolved(roster(TEAM.replace("catch_up", "no_catch_up")), inactive=("fay",))
    assert set(pool_loads(forgetful, counters)["owed"]) == {0}


def test_a_pool_in_use_shows_people_without_a_turn():
    loads = pool_loads(resolved(roster(TEAM)), {})
    assert set(loads["pool"]) == {"receivers", "bdrs"}
    assert set(loads["turns"]) == {0}
    assert set(loads["deviation"]) == {0.0}


def test_somebody_without_a_user_here_is_no_member():
    both = roster_of([{"user": {"hubspot": "1"}, "role": "ae"}, {"user": "ann", "role": "ae"}])
    found = resolve(both, users_of(both), "salesforce")
    assert [each.key for each in person_loads(found, {}, now=NOW, open_leads={})] == ["ann"]


def test_the_bound_is_half_the_others():
    assert [bound(people) for people in range(6)] == [0, 0, 1, 1, 1.5, 2]
    assert bound(12) == 5.5


def test_each_turn_tells_the_owners_share_and_among_how_many_it_was_shared():
    """Recounted: everybody's share grows by weight among those who are there."""
    people = [
        {"user": "ann", "role": "ae"},
        {"user": "ben", "role": "ae", "weight": "1.5"},
        {"user": "cas", "role": "ae", "absences": [{"from": "2026-11-03", "to": "2026-11-05"}]},
    ]
    found, counters, share, had = resolved(roster_of(people)), {}, Counter(), Counter()
    for day in range(1, 8):
        now = datetime(2026, 11, day, 12, tzinfo=UTC)
        batch = leads([{"lead": f"{day}-{number}", "stage": "sql"} for number in range(5)])
        result = route(found, batch, counters=counters, now=now)
        counters = result.counters
        here = {"ann": 1.0, "ben": 1.5} | ({} if 3 <= day <= 5 else {"cas": 1.0})
        for row in result.assigned.iter_rows(named=True):
            owner = row["owner"]
            assert row["sharing"] == len(here)
            assert row["share_before"] == pytest.approx(share[owner])
            for user, weight in here.items():
                share[user] += weight / sum(here.values())
            had[owner] += 1
            assert row["share_after"] == pytest.approx(share[owner])
            assert row["counter_after"] == had[owner]


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
