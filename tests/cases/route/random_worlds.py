"""Random rosters, leads and accounts for properties of routing: Hypothesis strategies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import HealthCheck
from hypothesis import strategies as st
from routing_world import leads, native, roster_of

from crmsync.model import ACCOUNTS

PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}

ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe"]
START = datetime(2026, 10, 20, tzinfo=UTC)  # both clock changes of the autumn follow
COUNTRIES = ["DE", "FR", None]

days = st.integers(0, 25).map(lambda offset: START.date() + timedelta(days=offset))
absence = st.tuples(days, st.integers(0, 5)).map(
    lambda told: {"from": told[0], "to": told[0] + timedelta(days=told[1])}
)
hours = st.sampled_from([None, {"mon-fri": "09:00-17:00"}, {"mon-sun": "22:00-06:00"}, {"sat,sun": "00:00-24:00"}])


@st.composite
def people(draw, role: str, count: int):
    return [
        {
            "user": f"{role}{index}@firm.example",
            "role": role,
            "weight": draw(st.sampled_from(["1", "1", "2", "0.5", "3"])),
            "time_zone": draw(st.sampled_from(ZONES)),
            "hours": draw(hours),
            "absences": draw(st.lists(absence, max_size=2)),
            "capacity": {
                "per_day": draw(st.sampled_from([None, None, 0, 1, 3])),
                "per_week": draw(st.sampled_from([None, None, 2, 6])),
                "per_month": draw(st.sampled_from([None, None, 5])),
                "per_days": draw(st.sampled_from([{}, {}, {3: 2}, {2: 1, 10: 4}])),
            },
            "territories": draw(st.lists(st.sampled_from(["DE", "FR"]), unique=True)),
            "ends": draw(st.one_of(st.none(), st.none(), days)),
        }
        for index in range(count)
    ]


@st.composite
def worlds(draw):
    """(roster, inactive native ids)"""
    everybody = draw(people("ae", draw(st.integers(1, 6)))) + draw(people("bdr", draw(st.integers(1, 3))))
    by_country = {"pool": "receivers", "strategy": "territory", "overflow": draw(st.booleans())}
    rules = draw(
        st.sampled_from(
            [
                {},
                {"hand_off": [by_country, {"pool": "receivers"}]},
                {"hand_off": [{"strategy": "account_owner"}, {"pool": "receivers", "strategy": "least_loaded"}]},
                {"hand_off": [{"strategy": "account_owner", "same": ["country"]}, {"pool": "receivers"}]},
                {"hand_off": [{"pool": "receivers", "strategy": "capacity"}, {"pool": "receivers"}]},
                {"hand_off": [{"share": {"receivers": 3, "first": 1}}, {"pool": "receivers"}]},
            ]
        )
    )
    roster = roster_of(
        everybody,
        rules=rules,
        pools={"first": {"people": ["ae0@firm.example"]}},
        rejoin=draw(st.sampled_from(["no_catch_up", "catch_up", "gradual"])),
        outside_hours=draw(st.sampled_from(["last_resort", "wait", "ignore"])),
    )
    inactive = draw(st.sets(st.sampled_from([native(person["user"]) for person in everybody]), max_size=2))
    return roster, sorted(inactive)


@st.composite
def batches(draw, prefix: str = "", most: int = 14):
    owners_before = [None, "bdr0", "bdr1", "ae0", "ae1", "stranger"]
    rows = [
        {
            "lead": f"{prefix}{index}",
            "email": draw(
                st.sampled_from(
                    [f"p{prefix}{index}@c{prefix}{index}.example", "twin@acme.example", "x@gmail.com", None]
                )
            ),
            "company": draw(st.sampled_from([None, None, "Acme", f"Company {prefix}{index}"])),
            "created_at": draw(st.sampled_from([None, START, START + timedelta(seconds=1)])),
            "owner": draw(st.sampled_from(owners_before)),
            "stage": draw(st.sampled_from(["mql", "sql", "sql", "sqo", "disqualified", None])),
            "priority": draw(st.integers(0, 3)),
            "fact.country": draw(st.sampled_from(COUNTRIES)),
        }
        for index in range(draw(st.integers(1, most)))
    ]
    return leads(rows)


@st.composite
def accounts(draw):
    """Accounts of the companies that leads of `batches` name, owned by anybody."""
    rows = [
        {
            "account": f"Account:{index}",
            "name": draw(st.sampled_from([None, "ACME", "Company 0"])),
            "domain": draw(st.sampled_from([None, "acme.example", "c0.example", "gmail.com"])),
            "owner": draw(st.sampled_from(["bdr0", "bdr1", "ae0", "ae1", "ae2", "stranger"])),
            "rank": 0,
            "created_at": None,
            "facts": draw(st.sampled_from([None, '{"country":"DE"}'])),
        }
        for index in range(draw(st.integers(0, 4)))
    ]
    return pl.DataFrame(rows, schema=dict(ACCOUNTS))


moments = st.lists(st.integers(0, 30 * 24 * 4), min_size=1, max_size=6).map(
    lambda quarters: [START + timedelta(minutes=15 * quarter) for quarter in sorted(quarters)]
)
