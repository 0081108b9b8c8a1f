"""The connector against the practice CRM: a server process of its own, real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import pytest
import requests
from practice_org import CONVERTED, DAY, PracticeOrg, served
from pydantic import SecretStr

from crmsync.contract import Connector, Page, PullRequest, Write, WriteResult
from crmsync.errors import CrmUnreachable, RunStopped, SignInRefused, UsageError
from crmsync.testing import ConnectorConformance
from crmsync_salesforce import connector as plugin
from crmsync_salesforce.connection import SalesforceConnector
from crmsync_salesforce.settings import SalesforceSettings

Open = Callable[..., SalesforceConnector]


def pulled(connector: Connector, cursor: str | None = None, **more: Any) -> list[Page]:
    return list(connector.pull(PullRequest(**{"object": "Lead", "fields": ("Title",), "cursor": cursor, **more})))


def ids(pages: list[Page]) -> list[str]:
    return [id_ for page in pages for id_ in page.records["@id"]]


def merged(*pulls: list[Page]) -> dict[str, str | None]:
    """What a store would hold after these pulls."""
    held: dict[str, str | None] = {}
    for page in (page for pages in pulls for page in pages):
        held.update(page.records.select("@id", "Title").iter_rows())
        for id_ in page.gone:
            held.pop(id_, None)
    return held


class TestSalesforce(ConnectorConformance):
    """The contract's promises."""

    plugin = plugin

    @pytest.fixture
    def world(self, org: PracticeOrg) -> PracticeOrg:
        return org


def test_a_page_more_or_less_loses_and_repeats_nothing(large_org: PracticeOrg, open_to: Open) -> None:
    leads = large_org.values()
    expected = len(leads)
    for size in (2000, 200):
        got = ids(pulled(open_to(large_org, page_size=size)))
        assert sorted(got) == sorted(leads)
    sizes = []
    while expected > 1998:
        leads = large_org.values()
        pages = pulled(open_to(large_org))
        assert sorted(ids(pages)) == sorted(leads)
        sizes.append([page.records.height for page in pages])
        large_org.delete(next(iter(leads)))
        expected -= 1
    assert all(len(page_sizes) == 1 + (sum(page_sizes) > 2000) for page_sizes in sizes)


def test_hardly_any_lead(open_to: Open) -> None:
    for org in served(1):
        connector = open_to(org)
        (lead,) = org.values()
        (one,) = pulled(connector)
        assert one.records["@id"].to_list() == [lead]
        org.delete(lead)
        (none,) = pulled(connector)
        assert none.records.is_empty()
        assert none.records.columns == ["@id", "Title"]
        assert none.cursor
        (changes,) = pulled(connector, none.cursor)
        assert changes.gone == (lead,)


def test_calls_of_a_pull_are_few(large_org: PracticeOrg, open_to: Open) -> None:
    connector, before = open_to(large_org, page_size=2000), large_org.calls()
    pages = pulled(connector)
    # sign-in, describe, getUpdated, one per page
    assert connector.usage().calls == 3 + len(pages)
    assert large_org.calls() - before == connector.usage().calls
    told = connector.usage()
    pulled(connector, pages[-1].cursor)
    assert connector.usage().calls == told.calls + 2
    assert told.calls_left is not None


def test_leads_edited_made_and_deleted_during_a_pull_are_seen_by_the_next(
    large_org: PracticeOrg, open_to: Open
) -> None:
    connector = open_to(large_org, page_size=200)
    pages = connector.pull(PullRequest("Lead", ("Title",)))
    full = [next(pages)]
    standing = sorted(large_org.values())
    for place, page in enumerate(pages):
        full.append(page)
        if place < 3:
            read, unread = standing[place], standing[-1 - place]
            large_org.edit(read, f"edited, was read {place}")
            large_org.edit(unread, f"edited, was not read {place}")
            large_org.delete(standing[10 + place])
            large_org.delete(standing[-10 - place])
            made = {"id": f"made-{place}", "email": None, "last_name": "Made", "company": "Made Ltd"}
            large_org.control("POST", "edit", {"leads": [{**made, "attributes": {"title": f"made {place}"}}]})
    assert len(ids(full)) == len(set(ids(full)))
    changes = pulled(connector, full[-1].cursor)
    assert merged(full, changes) == large_org.values()
    again = pulled(connector, changes[-1].cursor)
    assert merged(full, changes, again) == large_org.values()


def test_many_leads_with_one_time_stamp_all_come(large_org: PracticeOrg, open_to: Open) -> None:
    connector = open_to(large_org, page_size=200, overlap_seconds=0)
    cursor = pulled(connector)[-1].cursor
    some = sorted(large_org.values())[:700]
    large_org.control(
        "POST", "edit", {"leads": [{"id": id_, "attributes": {"title": "at one time"}} for id_ in some]}
    )
    changes = pulled(connector, cursor)
    edited = pl.concat(page.records for page in changes).filter(pl.col("Title") == "at one time")
    assert sorted(edited["@id"]) == some


def test_activities_of_both_objects_belong_to_leads(org: PracticeOrg, connector: SalesforceConnector) -> None:
    standing = org.values()
    for name, prefix, field in (("Task", "00T", "CompletedDateTime"), ("Event", "00U", "StartDateTime")):
        pages = pulled(connector, object=name, fields=("Subject", field), leads_object="Lead")
        rows = [row for page in pages for row in page.records.rows(named=True)]
        expected = org.activities(prefix)
        assert expected
        assert len({row["@id"] for row in rows}) == len(rows)
        assert {(row["@id"], row["@lead"]) for row in rows if row["@lead"] in standing} == expected
        assert any((row[field] or "").endswith("Z") for row in rows)


def test_an_activity_added_and_one_deleted_are_seen(org: PracticeOrg, connector: SalesforceConnector) -> None:
    task: dict[str, Any] = {"object": "Task", "fields": ("Subject",), "leads_object": "Lead"}
    cursor = pulled(connector, **task)[-1].cursor
    lead = min(org.values())
    new = {"id": "new-call", "lead": lead, "kind": "call", "at": f"{DAY}T10:00:00Z", "subject": "New"}
    org.control("POST", "edit", {"activities": [new]})
    pages = pulled(connector, cursor, **task)
    rows = [row for page in pages for row in page.records.filter(pl.col("Subject") == "New").rows(named=True)]
    assert [row["@lead"] for row in rows] == [lead]
    address = f"{org.url}/services/data/v62.0/sobjects/Task/{rows[0]['@id']}"
    requests.delete(address, headers={"Authorization": "Bearer 00D!x"}, timeout=300).raise_for_status()
    assert rows[0]["@id"] in {id_ for page in pulled(connector, cursor, **task) for id_ in page.gone}


def test_users_queues_and_zone(org: PracticeOrg, connector: SalesforceConnector) -> None:
    users = {user.id: user for user in connector.users()}
    for known in org.state()["users"]:
        user = users[known["native_id"]]
        assert (user.name, user.kind, user.active) == (known["name"], known["type"], known["active"])
        if user.kind == "person":
            assert user.team == known["team"]
            assert user.groups == ((known["team"],) if known["team"] else ())
    assert {user.kind for user in users.values()} == {"person", "queue", "group"}
    assert not all(user.active for user in users.values())
    assert connector.org().time_zone == "UTC"


def test_fields_as_the_user_sees_them(connector: SalesforceConnector) -> None:
    fields = {field.name: field for field in connector.fields("Lead")}
    status = fields["Status"]
    assert [choice.value for choice in status.choices if not choice.active] == [CONVERTED]
    assert len(status.choices) > 5
    assert status.open_choices
    assert fields["OwnerId"].writable
    assert not fields["IsConverted"].writable
    assert not fields["SystemModstamp"].writable


def test_outcomes_of_a_push_tell_the_truth(org: PracticeOrg, connector: SalesforceConnector) -> None:
    good, inactive, deleted, nobody, other = sorted(org.values())[-5:]
    owner, leaver = org.user(type="person", active=True), org.user(type="person", active=False)
    queue = org.user(type="queue")
    org.delete(deleted)
    sequence = max((entry["seq"] for entry in org.writes()), default=0)
    wanted = {
        good: {"Status": "Sales Accepted", "OwnerId": owner},
        inactive: {"Status": "Sales Accepted", "OwnerId": leaver},
        deleted: {"Status": "Sales Accepted"},
        nobody: {"OwnerId": "005000000000999AAA"},
        other: {"OwnerId": queue},
    }
    results = connector.push("Lead", [Write(id_, values, {}) for id_, values in wanted.items()])
    assert [result.outcome for result in results] == ["accepted", "refused", "gone", "refused", "accepted"]
    assert "INACTIVE_OWNER_OR_USER" in results[1].message
    assert "@" not in "".join(result.message for result in results)
    held = connector.read("Lead", [good, other], ["Status", "OwnerId"]).records.rows()
    assert held[0] == (good, "Sales Accepted", owner)
    assert held[1][2] == queue
    entries = org.writes(sequence)
    assert entries
    assert {_header(entry["headers"], "Sforce-Auto-Assign") for entry in entries} == {"FALSE"}


def test_a_converted_lead_is_gone(org: PracticeOrg, connector: SalesforceConnector) -> None:
    converted = [lead["native_id"] for lead in org.state()["leads"] if lead["stage"] == CONVERTED]
    assert converted
    assert not set(converted) & set(ids(pulled(connector)))
    assert connector.read("Lead", converted[:1], ["Title"]).gone == {converted[0]: "converted"}
    (result,) = connector.push("Lead", [Write(converted[0], {"Title": "x"}, {})])
    assert result.outcome == "gone"


def test_two_hundred_writes_are_one_call(large_org: PracticeOrg, open_to: Open) -> None:
    connector = open_to(large_org)
    some = sorted(large_org.values())[-200:]
    connector.fields("Lead")
    before = connector.usage().calls
    results = connector.push("Lead", [Write(id_, {"Title": "pushed"}, {}) for id_ in some])
    assert connector.usage().calls == before + 1
    assert {result.outcome for result in results} == {"accepted"}
    held = large_org.values()
    assert {held[id_] for id_ in some} == {"pushed"}


def test_an_expired_token_in_the_middle_of_a_pull(large_org: PracticeOrg, open_to: Open) -> None:
    expected = sorted(large_org.values())
    large_org.control("PUT", "faults", [{"status": 401, "after": 5, "times": 1}])
    connector = open_to(large_org, page_size=200)
    assert sorted(ids(pulled(connector))) == expected
    assert large_org.control("GET", "faults")[0]["fired"] == 1
    large_org.control("DELETE", "faults")


@pytest.mark.parametrize("secret", ["invalid-secret", "expired-secret"])
def test_credentials(org: PracticeOrg, open_to: Open, secret: str) -> None:
    connector = open_to(org, client_secret=secret)
    if secret.startswith("invalid"):
        with pytest.raises(SignInRefused):
            connector.org()
    else:
        assert connector.org().id


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_person_who_edits_while_an_answer_is_lost_is_not_overwritten(org: PracticeOrg, drop: str) -> None:
    """Three leads: one is edited by a person, one is edited and put back, one is left alone."""
    edited, put_back, alone = sorted(org.values())[:3]
    first = dict.fromkeys((edited, put_back, alone), f"{drop}: before")
    for id_, title in first.items():
        org.edit(id_, title)
    org.control("PUT", "clock", {"now": f"{DAY}T12:00:00Z"})

    def a_moment(_seconds: float) -> None:
        """Between the lost answer and the next call."""
        org.control("PUT", "clock", {"now": f"{DAY}T12:00:05Z"})
        org.edit(edited, "a person's words")
        org.edit(put_back, "something else")
        org.edit(put_back, first[put_back])

    connector = SalesforceConnector(
        SalesforceSettings(url=org.url, client_id="key", client_secret=SecretStr("secret")), sleep=a_moment
    )
    connector.read("Lead", list(first), ["Title"])
    org.control("PUT", "faults", [{"method": "PATCH", "drop": drop, "times": 1}])
    before = len(org.writes())
    results = connector.push(
        "Lead", [Write(id_, {"Title": "ours"}, {"Title": title}) for id_, title in first.items()]
    )
    assert [result.outcome for result in results] == ["conflict", "conflict", "accepted"]
    held = org.values()
    assert [held[id_] for id_ in first] == ["a person's words", first[put_back], "ours"]
    ours = [entry for entry in org.writes()[before:] if entry["method"] == "PATCH" and entry["id"] == alone]
    assert len(ours) == 1, "what arrived is not written a second time"
    connector.close()


def test_an_answer_that_is_always_lost_is_found_out_by_reading(org: PracticeOrg, open_to: Open) -> None:
    connector = open_to(org, attempts=2)
    lead = min(org.values())
    org.control("PUT", "faults", [{"method": "PATCH", "drop": "after"}])
    (result,) = connector.push("Lead", [Write(lead, {"Title": "lost answer"}, {"Title": org.values()[lead]})])
    assert result.outcome == "accepted"
    assert org.values()[lead] == "lost answer"


def test_a_write_that_never_arrived_is_not_told_as_done(org: PracticeOrg, open_to: Open) -> None:
    connector = open_to(org, attempts=2)
    connector.fields("Lead")
    lead = min(org.values())
    before = org.values()[lead]
    org.control("PUT", "faults", [{"method": "PATCH", "status": 503}])
    with pytest.raises(CrmUnreachable):
        connector.push("Lead", [Write(lead, {"Title": "never"}, {})])
    assert org.values()[lead] == before


def test_a_transaction_that_becomes_visible_late_is_not_lost(org: PracticeOrg, open_to: Open) -> None:
    """Without any overlap: getUpdated's watermark alone must hold the next pull back."""
    connector = open_to(org, overlap_seconds=0)
    org.control("PUT", "clock", {"now": f"{DAY}T12:00:00Z"})
    lead = min(org.values())
    org.control("PUT", "switches", {"late_visibility_seconds": 3600})
    org.edit(lead, "stamped at twelve")
    org.control("PUT", "clock", {"now": f"{DAY}T12:30:30Z"})
    (*_, last) = pulled(connector)
    assert org.values()[lead] != "stamped at twelve"
    assert last.cursor == f"{DAY}T12:00:00Z"
    org.control("PUT", "clock", {"now": f"{DAY}T13:00:01Z"})
    assert merged(pulled(connector, last.cursor))[lead] == "stamped at twelve"


def test_an_org_whose_clock_is_months_ahead_of_its_answers(org: PracticeOrg, connector: SalesforceConnector) -> None:
    org.control("PUT", "clock", {"now": "2027-08-01T12:00:00Z"})
    full = pulled(connector)
    lead = min(org.values())
    org.edit(lead, "edited in August")
    assert merged(full, pulled(connector, full[-1].cursor)) == org.values()


def test_rows_that_somebody_holds_are_refused_and_the_others_land(org: PracticeOrg, open_to: Open) -> None:
    connector = open_to(org, attempts=3)
    some = sorted(org.values())[:20]
    org.control("PUT", "switches", {"locked_ids": some[3:5]})
    results = connector.push("Lead", [Write(id_, {"Title": "held"}, {}) for id_ in some])
    assert [result.id for result in results if result.outcome == "refused"] == some[3:5]
    assert all("UNABLE_TO_LOCK_ROW" in result.message for result in results[3:5])
    held = org.values()
    assert {id_ for id_ in some if held[id_] == "held"} == set(some) - set(some[3:5])


def test_an_admins_rule_refuses_one_record(org: PracticeOrg, connector: SalesforceConnector) -> None:
    rule = {"object": "Lead", "condition": "Title = 'boss'", "message": "Ask ann@example.com first", "field": "Title"}
    org.control("PUT", "switches", {"validation_rules": [rule]})
    first, second = sorted(org.values())[:2]
    results = connector.push("Lead", [Write(first, {"Title": "boss"}, {}), Write(second, {"Title": "clerk"}, {})])
    assert [result.outcome for result in results] == ["refused", "accepted"]
    assert results[0].message == "FIELD_CUSTOM_VALIDATION_EXCEPTION: Ask [e-mail] first [Title]"


def test_a_hidden_field_is_told_before_reading(org: PracticeOrg, connector: SalesforceConnector) -> None:
    org.control("PUT", "switches", {"hidden_fields": ["Lead.Industry"]})
    with pytest.raises(UsageError, match="no field 'Industry'"):
        pulled(connector, fields=("Title", "Industry"))
    assert "Industry" not in {field.name for field in connector.fields("Lead")}


def test_a_field_of_the_owner_is_read(org: PracticeOrg, connector: SalesforceConnector) -> None:
    names = {user["native_id"]: user["name"] for user in org.state()["users"]}
    (page,) = pulled(connector, fields=("OwnerId", "Owner.Name"))
    rows = page.records.drop_nulls().rows(named=True)
    assert len(rows) > 10
    assert all(names.get(row["OwnerId"], "Integration User") == row["Owner.Name"] for row in rows)
    with pytest.raises(UsageError, match=r"no field 'Owner\.Nope'"):
        pulled(connector, fields=("Owner.Nope",))


@pytest.mark.parametrize("seed", range(4))
def test_in_a_storm_everything_is_read_and_written_as_in_a_calm(
    large_org: PracticeOrg, open_to: Open, seed: int
) -> None:
    expected = large_org.values()
    large_org.control("PUT", "faults", {"profile": "stormy", "seed": seed})
    try:
        connector = open_to(large_org, page_size=200, attempts=12)
        pages = pulled(connector)
        some = sorted(expected)[:600]
        results: list[WriteResult] = []
        for start in range(0, len(some), 50):
            batch = [
                Write(id_, {"Title": f"storm {seed}"}, {"Title": expected[id_]}) for id_ in some[start : start + 50]
            ]
            results += connector.push("Lead", batch)
    finally:
        large_org.control("DELETE", "faults")
    assert len(ids(pages)) == len(set(ids(pages)))
    assert merged(pages) == expected
    assert [result.id for result in results] == some
    assert {result.outcome for result in results} == {"accepted"}
    held = large_org.values()
    assert {held[id_] for id_ in some} == {f"storm {seed}"}


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name.lower()), None)


HIDDEN = {"hidden_objects": [], "hidden_fields": []}


@pytest.mark.parametrize(
    ("switches", "told"),
    [
        ({"hidden_objects": ["UserRole"]}, ["users are read without roles"]),
        (
            {"hidden_fields": ["User.Department"]},
            ["users are read without roles", "users are read without departments"],
        ),
        ({"hidden_objects": ["GroupMember"]}, ["queues and public groups are taken for empty"]),
        ({"hidden_objects": ["Group", "GroupMember"]}, ["queues and public groups are taken for none", "queues and"]),
    ],
)
def test_what_this_user_may_not_see_of_users_is_gone_without_and_told(
    open_to: Open, org: PracticeOrg, switches: dict[str, Any], told: list[str]
) -> None:
    org.control("PUT", "switches", switches)
    try:
        connector = open_to(org)
        users = connector.users()
    finally:
        org.control("PUT", "switches", HIDDEN)
    everybody = {user["native_id"] for user in org.state()["users"] if user["type"] == "person"}
    assert {user.id for user in users} >= everybody
    words = connector.left_out()
    assert [each.startswith(begin) for each, begin in zip(words, told, strict=True)] == [True] * len(told)


def test_titles_and_profiles_are_told_of_staff_only(open_to: Open, org: PracticeOrg) -> None:
    told = open_to(org).staff()
    assert {user.title for user in told} > {None, "Account Executive"}
    assert {user.profile for user in told} == {None, "System Administrator", "Standard User"}
    assert all(user.profile for user in told if user.kind == "person")
    assert {(user.title, user.profile) for user in open_to(org).users()} == {(None, None)}
    org.control("PUT", "switches", {"hidden_fields": ["User.Title"]})
    try:
        connector = open_to(org)
        hidden = connector.staff()
    finally:
        org.control("PUT", "switches", HIDDEN)
    assert [user.id for user in hidden] == [user.id for user in told]
    assert {user.title for user in hidden} == {None}
    assert connector.left_out()[0].startswith("titles and profiles of users are not known")


def test_an_org_that_this_user_may_not_see_is_told_with_the_permission(open_to: Open, org: PracticeOrg) -> None:
    org.control("PUT", "switches", {"hidden_objects": ["Organization"]})
    try:
        with pytest.raises(RunStopped, match="View Setup and Configuration"):
            open_to(org).org()
    finally:
        org.control("PUT", "switches", HIDDEN)


def test_lead_statuses_that_this_user_may_not_see(open_to: Open, org: PracticeOrg) -> None:
    org.control("PUT", "switches", {"hidden_objects": ["LeadStatus"]})
    try:
        connector = open_to(org)
        assert any(field.name == "Status" and field.choices for field in connector.fields("Lead"))
    finally:
        org.control("PUT", "switches", HIDDEN)
    assert "LeadStatus" in connector.left_out()[0]
