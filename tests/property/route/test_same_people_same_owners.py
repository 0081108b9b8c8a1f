"""The same people in two CRMs, under other native ids: the same owners, by one assignment and in whole runs.

Everything that has an id gets another one in the second CRM, in another order: users, leads, leads known from
before, accounts. Leads of which both CRMs hold exactly the same may change places, as nothing tells them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_worlds import COUNTRIES, PATIENT, START, moments, people
from routed_runs import Firm as MemoryFirm
from routing_world import leads, native, roster_of, route

from crmsync.contract import CrmUser
from crmsync.model import ACCOUNTS
from crmsync.route.placing.orders import Credit, Order
from crmsync.route.roster.resolution import resolve
from crmsync.route.roster.roster import Roster

Kinds = Mapping[str, st.SearchStrategy[Any]]

ACCOUNTS_FIRST = {
    "hand_off": [{"strategy": "account_owner"}, {"pool": "receivers"}],
    "new_lead": [{"strategy": "account_owner"}, {"pool": "bdrs"}],
}
RULES: tuple[dict[str, Any], ...] = (
    {},
    ACCOUNTS_FIRST,
    {"hand_off": [{"strategy": "account_owner"}, {"pool": "receivers", "strategy": "least_loaded"}]},
    {"hand_off": [{"strategy": "account_owner", "same": ["country"], "within_days": 1}, {"pool": "receivers"}]},
    {"hand_off": [{"pool": "receivers", "strategy": "territory", "then": "least_loaded"}, {"pool": "receivers"}]},
    {"hand_off": [{"share": {"receivers": 3, "first": 1}}]},
    {"hand_off": [{"when": "big", "pool": "receivers", "strategy": "capacity"}, {"pool": "receivers"}]},
)
OWNERS = (None, "bdr0", "bdr1", "ae0", "ae1", "stranger")
MOMENTS = (None, START, START + timedelta(milliseconds=300), START + timedelta(seconds=1))
LEAD: Kinds = {
    "email": st.sampled_from((None, "twin@acme.example", "other@acme.example", "x@gmail.com")),
    "company": st.sampled_from((None, "Acme", "Birch")),
    "name": st.sampled_from((None, "Pat Person", "Quinn Person")),
    "created_at": st.sampled_from(MOMENTS),
    "owner": st.sampled_from(OWNERS),
    "stage": st.sampled_from(("mql", "sql", "sqo", "disqualified")),
    "priority": st.integers(0, 1),
    "fact.country": st.sampled_from(COUNTRIES),
    "verdict.big": st.sampled_from((True, False, None)),
}
ACCOUNT: Kinds = {
    "name": st.sampled_from((None, "ACME", "Birch")),
    "domain": st.sampled_from(("acme.example", None, "gmail.com")),
    "owner": st.sampled_from(OWNERS[1:]),
    "rank": st.integers(0, 1),
    "created_at": st.sampled_from(MOMENTS),
    "facts": st.sampled_from((None, '{"country":"DE"}')),
}


def only(**values: Any) -> Kinds:
    """These values and no others."""
    return {name.replace("_dot_", "."): st.just(value) for name, value in values.items()}


@dataclass(frozen=True)
class Theme:
    """What leads and accounts of a firm have in common. `plain`: people are always there and never full."""

    lead: Kinds = field(default_factory=dict)
    account: Kinds = field(default_factory=dict)
    rules: Sequence[dict[str, Any]] = RULES
    plain: bool = True


BARE = only(company=None, name=None, fact_dot_country=None, verdict_dot_big=None)
THEMES = {
    "anything": Theme(plain=False),
    "one person in many leads": Theme({**BARE, **only(email="twin@acme.example", stage="mql")}, rules=({},)),
    "one company with many leads": Theme({**BARE, **only(email=None, company="Acme")}, rules=(ACCOUNTS_FIRST,)),
    "one company with many accounts": Theme(
        {**BARE, **only(stage="sql", owner="bdr0"), "email": st.sampled_from(("p@acme.example", "q@acme.example"))},
        only(domain="acme.example", rank=0),
        rules=(ACCOUNTS_FIRST,),
    ),
    "leads that are hard to tell apart": Theme(
        {
            **only(email=None, company=None, created_at=START, priority=0, fact_dot_country=None, stage="sql"),
            "name": st.sampled_from((None, "Pat Person")),
        }
    ),
}
"""Where two records are often alike in all but one thing."""


credits = st.lists(
    st.builds(
        Credit,
        st.sampled_from(("given", "returned")),
        st.sampled_from(OWNERS[1:]),
        st.sampled_from(("receivers", "bdrs", None)),
    ),
    max_size=5,
)
orders = st.dictionaries(
    st.integers(0, 3),
    st.builds(
        Order,
        st.sampled_from(("gave it back", "too late")),
        moves=st.booleans(),
        to=st.sampled_from((None, "bdr0", "ae1")),
        not_to=st.dictionaries(st.sampled_from(("ae0", "ae1")), st.just("had it"), max_size=1),
    ),
    max_size=2,
)


@dataclass(frozen=True)
class Firm:
    """What both CRMs hold. People go by the part of their e-mail before the @. `orders`: by place of the lead."""

    roster: Roster
    inactive: Sequence[str]
    leads: Sequence[Mapping[str, Any]]
    known: Sequence[Mapping[str, Any]]
    accounts: Sequence[Mapping[str, Any]]
    credits: Sequence[Credit]
    orders: Mapping[int, Order] = field(default_factory=dict)


@st.composite
def firms(draw: st.DrawFn, theme: Theme) -> Firm:
    if theme.plain:
        everybody = [
            {"user": f"{role}{number}@firm.example", "role": role} for role in ("ae", "bdr") for number in (0, 1)
        ]
    else:
        everybody = draw(people("ae", draw(st.integers(1, 4)))) + draw(people("bdr", draw(st.integers(1, 3))))
    roster = roster_of(
        everybody,
        rules=draw(st.sampled_from(theme.rules)),
        rejoin=draw(st.sampled_from(("no_catch_up", "catch_up", "gradual"))),
        outside_hours=draw(st.sampled_from(("last_resort", "wait", "ignore"))),
        credit=("given", "returned"),
        pools={"first": {"people": ["ae0@firm.example"]}},
    )
    inactive = draw(st.sets(st.sampled_from([native(person["user"]) for person in everybody]), max_size=1))
    lead, account = (
        st.fixed_dictionaries({**LEAD, **theme.lead}),
        st.fixed_dictionaries({**ACCOUNT, **theme.account}),
    )
    return Firm(
        roster,
        sorted(inactive),
        draw(st.lists(lead, min_size=1, max_size=8)),
        draw(st.lists(lead, max_size=4)),
        draw(st.lists(account, max_size=5)),
        draw(credits),
        draw(orders),
    )


Answer = tuple[list[str], Mapping[str, Any], list[str]]


def answer(firm: Firm, moment: Any, chance: Random, *, keeps_milliseconds: bool) -> Answer:
    """Owners by what the leads are, counters, and who got none: in a CRM with ids by chance."""
    emails = [person.person_key for person in firm.roster.people]
    ids = _ids(chance, len(emails) + 1)
    pairs = list(zip(ids, emails, strict=False))
    users = [CrmUser(id_, email, email, native(email) not in firm.inactive) for id_, email in pairs]
    by_name = {native(email): id_ for id_, email in pairs} | {"stranger": ids[-1]}
    chance.shuffle(users)
    lead_ids = _ids(chance, len(firm.leads) + len(firm.known))
    here = [{**row, "owner": by_name.get(row["owner"], row["owner"])} for row in (*firm.leads, *firm.known)]
    frame = leads([{"lead": id_, **row} for id_, row in zip(lead_ids, here, strict=True)])
    if not keeps_milliseconds:
        frame = frame.with_columns(pl.col("created_at").dt.truncate("1s"))
    rows = list(range(len(firm.leads)))
    chance.shuffle(rows)
    given_orders = {
        lead_ids[place]: Order(
            order.words,
            moves=order.moves,
            to=by_name.get(order.to or "", order.to),
            not_to={by_name.get(name, name): why for name, why in order.not_to.items()},
        )
        for place, order in firm.orders.items()
        if place < len(firm.leads)
    }
    given_credits = [Credit(it.cause, by_name.get(it.owner, it.owner), it.pool) for it in firm.credits]
    chance.shuffle(given_credits)
    result = route(
        resolve(firm.roster, users, "crm"),
        frame[rows],
        known=frame[len(firm.leads) :],
        accounts=_accounts(firm, by_name, chance),
        credits=given_credits,
        orders=given_orders,
        now=moment,
        as_of=moment.date(),
    )
    names = {id_: name for name, id_ in by_name.items()}
    what = {
        id_: _shared({**row, "order": firm.orders.get(place)}, firm.roster)
        for place, (id_, row) in enumerate(zip(lead_ids, firm.leads, strict=False))
    }
    given_to = [
        f"{what[lead]} → {names.get(owner, owner)}"
        for lead, owner in result.assigned.select("lead", "owner").iter_rows()
    ]
    return sorted(given_to), result.counters, sorted(what[item.lead] for item in result.set_aside)


def _ids(chance: Random, count: int) -> list[str]:
    """Some that are numbers, of any length, as HubSpot's; in no order."""
    return [str(number) for number in chance.sample(range(1, 100_000), count)]


def _accounts(firm: Firm, by_name: Mapping[str, str], chance: Random) -> pl.DataFrame:
    """As the store gives them: by rank, then lower ids first."""
    ids = _ids(chance, len(firm.accounts))
    rows = [
        {**row, "account": f"Account:{id_}", "owner": by_name.get(row["owner"], row["owner"])}
        for id_, row in zip(ids, firm.accounts, strict=True)
    ]
    rows.sort(key=lambda row: (row["rank"], len(row["account"]), row["account"]))
    return pl.DataFrame(rows, schema=dict(ACCOUNTS))


def _shared(row: Mapping[str, Any], roster: Roster) -> str:
    """What both CRMs hold of a lead and routing looks at: whole seconds, criteria that a rule asks for."""
    at, owner = row["created_at"], row["owner"]
    asked = any("big" in rule.when for rule in roster.rules.hand_off or ())
    shared = {
        "created_at": at and at.replace(microsecond=0),
        "verdict.big": asked and row["verdict.big"],
        "owner": owner if owner in {None, *(native(person.person_key) for person in roster.people)} else "stranger",
    }
    return str(sorted({**row, **shared}.items()))


@pytest.mark.parametrize("theme", THEMES)
@given(data=st.data(), times=moments, seed=st.integers(0, 2**32))
@settings(max_examples=40, **PATIENT)
def test_both_crms_give_the_same_people_the_same_owners(
    theme: str, data: st.DataObject, times: Any, seed: int
) -> None:
    """Known owners, accounts, credits and hand-offs under way included."""
    chance, firm = Random(seed), data.draw(firms(THEMES[theme]))
    one, two = (answer(firm, times[0], chance, keeps_milliseconds=kept) for kept in (True, False))
    assert one == two


ROSTER = """format: 1
people:
  - {user: bea@firm.example, role: bdr}
  - {user: bert@firm.example, role: bdr}
  - {user: ann@firm.example, role: ae}
  - {user: ben@firm.example, role: ae, weight: 2}
"""
RULES_WRITTEN = (
    "",
    "rules: {hand_off: [{strategy: account_owner}, {pool: receivers, strategy: least_loaded}]}",
    "rules: {new_lead: [{strategy: account_owner}, {pool: bdrs}]}",
)
STAFF = ("ann", "bea", "ben", "bert")
RECORD: Kinds = {
    "Name": st.just("Pat"),
    "Email": st.sampled_from(("twin@acme.example", "twin@acme.example", "other@acme.example")),
    "Company": st.just("Acme"),
    "CreatedDate": st.sampled_from((None, "2026-11-01T00:00:00.300Z", "2026-11-01T00:00:00Z")),
    "OwnerId": st.sampled_from(STAFF),
    "Heat": st.just("cold"),
    "Status": st.just("mql"),
}
KNOWN = st.lists(st.fixed_dictionaries(dict(RECORD)), min_size=2, max_size=6)
NEW = st.lists(
    st.fixed_dictionaries({**RECORD, "OwnerId": st.none(), "Heat": st.sampled_from(("cold", "hot"))}),
    min_size=1,
    max_size=4,
)


def runs(roster: str, parts: Sequence[Sequence[Mapping[str, str | None]]], chance: Random) -> list[list[str]]:
    """Owners given by what the leads are, run by run; before each run further leads come into the CRM."""
    users = dict(zip(_ids(chance, len(STAFF)), STAFF, strict=True))
    by_name = {name: id_ for id_, name in users.items()}
    ids = iter(_ids(chance, sum(map(len, parts))))
    what: dict[str, str] = {}
    told = []
    with TemporaryDirectory() as folder:
        emails = {id_: f"{name}@firm.example" for id_, name in users.items()}
        firm = MemoryFirm(Path(folder), roster, emails, {})
        with closing(firm.store):
            for part in parts:
                for row in part:
                    id_ = next(ids)
                    what[id_] = str(sorted({**row, "CreatedDate": row["CreatedDate"] and "2026-11-01"}.items()))
                    firm.add(id_, **{**row, "OwnerId": by_name.get(row["OwnerId"] or "")})
                plan = firm.run()
                given_to = [f"{what[lead]} → {owner}" for lead, owner in firm.owners(plan).items()]
                told.append(sorted(given_to) + sorted(what[item.lead] for item in plan.set_aside))
    return told


@given(st.sampled_from(RULES_WRITTEN), KNOWN, NEW, st.integers(0, 2**32))
@settings(max_examples=5, **PATIENT)
def test_whole_runs_do_so_too_when_they_look_at_new_leads_only(rules: str, known: Any, new: Any, seed: int) -> None:
    """What the store tells of known owners and open leads is told alike."""
    chance = Random(seed)
    one, two = (runs(f"{ROSTER}{rules}\n", (known, new), chance) for _ in range(2))
    assert one == two
