"""Two CRMs hold the same people under other native ids: what both share decides, and ids only at the very end."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from routing_world import ROLES, leads, owners, resolved, roster_of, route

from crmsync.model import ACCOUNTS
from crmsync.route.placing.orders import Order

AT = datetime(2026, 11, 1, tzinfo=UTC)
COMPANY_FIRST = resolved(
    roster_of(
        ROLES.model_dump(by_alias=True)["people"],
        rules={"hand_off": [{"strategy": "account_owner"}, {"pool": "receivers"}]},
    )
)


def both_ways(ids):
    return pytest.mark.parametrize("ids", [ids, ids[::-1]])


@both_ways("123")
def test_a_person_known_twice_goes_to_the_owner_who_stands_first_in_the_roster(ids):
    """Of three leads with one e-mail two have an owner: nothing but their owners tells them apart by age."""
    shared = {"email": "p@acme.example", "created_at": None}
    frame = leads(
        [
            {"lead": ids[0], "owner": "bea", "priority": 0, **shared},
            {"lead": ids[1], "owner": "bert", "priority": 1, **shared},
            {"lead": ids[2], "owner": None, "priority": 0, **shared},
        ]
    )
    assert owners(route(resolved(ROLES), frame)) == {ids[2]: "bert"}
    known = route(resolved(ROLES), frame[2:], known=frame[:2])
    assert owners(known) == {ids[2]: "bert"}, "and in a run that looks at the new lead only"


@both_ways("123")
def test_the_older_lead_of_a_company_is_older_by_a_second_at_least(ids):
    """One CRM keeps milliseconds, the other does not."""
    rows = [
        {"lead": ids[0], "stage": "sql", "owner": "ben", "email": "a@acme.example", "created_at": AT},
        {"lead": ids[1], "stage": "sql", "owner": "ann", "email": "b@acme.example", "created_at": AT},
        {"lead": ids[2], "stage": "sql", "email": "c@acme.example"},
    ]
    for later in (timedelta(), timedelta(milliseconds=999)):
        rows[0]["created_at"] = AT + later
        assert owners(route(COMPANY_FIRST, leads(rows))) == {ids[2]: "ben"}, "by e-mail"
    rows[0]["created_at"] = AT + timedelta(seconds=1)
    assert owners(route(COMPANY_FIRST, leads(rows))) == {ids[2]: "ann"}


@both_ways("12")
def test_two_accounts_of_one_company_go_by_their_owners_places(ids):
    rows = [
        {"account": f"Account:{ids[0]}", "name": "Acme", "domain": "acme.example", "owner": "ben", "rank": 0},
        {"account": f"Account:{ids[1]}", "name": "Acme", "domain": "acme.example", "owner": "ann", "rank": 0},
    ]
    frame = leads([{"lead": "new", "stage": "sql", "email": "p@acme.example"}])

    def owner():
        accounts = pl.DataFrame(sorted(rows, key=lambda row: row["account"]), schema=dict(ACCOUNTS))
        return owners(route(COMPANY_FIRST, frame, accounts=accounts))

    assert owner() == {"new": "ann"}
    rows[1]["rank"] = 1
    assert owner() == {"new": "ben"}, "the mapping's entries come first"


@both_ways("12")
def test_of_two_accounts_of_one_owner_the_one_first_by_name_is_told(ids):
    rows = [
        {"account": f"Account:{id_}", "name": name, "domain": "acme.example", "owner": "ben", "rank": 0}
        for id_, name in zip(ids, ("acme AG", "Acme Holding"), strict=True)
    ]
    accounts = pl.DataFrame(sorted(rows, key=lambda row: row["account"]), schema=dict(ACCOUNTS))
    result = route(
        COMPANY_FIRST, leads([{"lead": "new", "stage": "sql", "email": "p@acme.example"}]), accounts=accounts
    )
    assert result.assigned["reason"].to_list() == [f"owns Account:{ids[0]} of the same company"]


ALIKE = {"stage": "sql", "email": None, "created_at": None, "company": None, "owner": None, "verdict.big": None}
TOLD_APART = [
    ({"priority": 2}, {"priority": 1}),
    ({"created_at": AT}, {"created_at": AT + timedelta(seconds=1)}),
    ({"email": "A@gmail.com"}, {"email": "b@gmail.com"}),
    ({"name": "Pat  PERSON"}, {"name": "pat q"}),
    ({"name": "Pat"}, {"name": None}),
    ({"company": "Acme"}, {"company": "birch"}),
    ({"stage": "sql"}, {"stage": "sqo"}),
    ({"owner": "bert"}, {"owner": "bea"}),
    ({"owner": "bea"}, {"owner": "stranger"}),
    ({"owner": "stranger"}, {"owner": None}),
    ({"fact.country": "AT"}, {"fact.country": "DE"}),
    ({"verdict.big": False}, {"verdict.big": True}),
]


@both_ways("12")
@pytest.mark.parametrize(("first", "second"), TOLD_APART)
def test_leads_take_their_turns_by_what_both_crms_share(first, second, ids):
    """The first one of the pool's rotation is Ann. By no rule is any lead `big`, but one asks."""
    rules = {"hand_off": [{"when": "big", "strategy": "queue", "queue": "x"}, {"pool": "receivers"}]}
    found = resolved(roster_of(ROLES.model_dump(by_alias=True)["people"], rules=rules), queues=["x"])
    frame = leads([{**ALIKE, "lead": ids[0], **first}, {**ALIKE, "lead": ids[1], **second}])
    for rows in (frame, frame.reverse()):
        assert route(found, rows).assigned["lead"].to_list() == [*ids]


@both_ways("12")
def test_what_a_hand_off_under_way_asks_tells_leads_apart(ids):
    frame = leads([{**ALIKE, "lead": id_, "owner": "ann"} for id_ in ids])
    for first, second in (
        (Order("it came back", moves=True), Order("too late", moves=True)),
        (Order("back", moves=True, to="bea"), Order("back", moves=True, to="bert")),
        (Order("on", moves=True, not_to={"ann": "had it"}), Order("on", moves=True, not_to={"ben": "had it"})),
    ):
        orders = {ids[0]: first, ids[1]: second}
        one_way = route(resolved(ROLES), frame, orders=orders).assigned["lead"].to_list()
        other = route(resolved(ROLES), frame, orders={ids[1]: first, ids[0]: second}).assigned["lead"].to_list()
        assert [orders[lead] for lead in one_way] == [{ids[1]: first, ids[0]: second}[lead] for lead in other]
