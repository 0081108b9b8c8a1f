"""Leads of the same person or company go together."""

import pytest
from routing_world import ROLES, leads, owners, resolved, roster_of, route


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
