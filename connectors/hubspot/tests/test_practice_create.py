"""Tasks made in the practice portal, through faults, kills and a lagging index: exactly one for each contact."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from crmsync.contract import Creation
from suite.breadth import broadly

DUE = "2026-12-01T09:00:00Z"
CREATES = {"method": "POST", "path": "/tasks/batch/create"}


def task(contact, subject, **more):
    return Creation(contact, {"hs_task_subject": subject, "hs_timestamp": DUE, **more}, ("hs_task_subject",))


def create(connector, subject, *contacts, **more):
    return connector.create("tasks", "contacts", [task(contact, subject, **more) for contact in contacts])


def outcomes(results):
    return [result.outcome for result in results]


def numbers(practice, subject, *contacts):
    """How many tasks with this subject each contact has."""
    return [list(practice.tasks(contact).values()).count(subject) for contact in contacts]


def some(practice, count):
    return list(practice.contacts())[:count]


def test_a_task_is_the_receivers_and_others_see_it(practice, connect):
    connector = connect(practice.url)
    (contact,) = some(practice, 1)
    receiver = next(user.id for user in connector.users() if user.active and user.kind == "person")
    before = len(practice.writes())
    (made,) = create(connector, "Call the lead", contact, hubspot_owner_id=receiver, hs_task_status="NOT_STARTED")
    task_entry, link = practice.writes()[before:]
    assert (task_entry["object"], task_entry["id"], task_entry["status"]) == ("tasks", made.id, 201)
    assert (link["object"], link["after"]["toObjectId"]) == ("associations/tasks/contacts", contact)
    (shown,) = [each for each in practice.state()["activities"] if each["id"] == f"tasks/{made.id}"]
    assert (shown["kind"], shown["subject"], shown["outcome"], shown["at"]) == ("task", "Call the lead", "open", DUE)
    reading = connector.read("tasks", [made.id], ["hs_task_subject", "hubspot_owner_id", "hs_task_status"])
    assert reading.records.rows() == [(made.id, "Call the lead", receiver, "NOT_STARTED")]


@pytest.mark.parametrize("how", ["the CRM's own screen", "the control API"])
def test_a_person_completes_it(practice, connect, how):
    connector = connect(practice.url)
    (contact,), subject = some(practice, 1), f"Done by {how}"
    (made,) = create(connector, subject, contact, hs_task_priority="HIGH")
    if how == "the control API":
        practice.edit(activities=[{"id": f"tasks/{made.id}", "outcome": "completed"}])
    else:
        done = {"properties": {"hs_task_status": "COMPLETED"}}
        practice.call("PATCH", f"/crm/v3/objects/tasks/{made.id}", done)
    reading = connector.read("tasks", [made.id], ["hs_task_status", "hs_task_priority"])
    assert reading.records.rows() == [(made.id, "COMPLETED", "HIGH")]
    (shown,) = [each for each in practice.state()["activities"] if each["id"] == f"tasks/{made.id}"]
    assert (shown["kind"], shown["outcome"]) == ("task", "completed")
    assert outcomes(create(connector, subject, contact)) == ["there"]


def test_a_task_that_somebody_deleted_is_made_again(practice, connect):
    connector = connect(practice.url)
    (contact,) = some(practice, 1)
    (first,) = create(connector, "Deleted", contact)
    practice.call("DELETE", f"/crm/v3/objects/tasks/{first.id}")
    (again,) = create(connector, "Deleted", contact)
    assert again.outcome == "made"
    assert again.id != first.id
    assert set(connector.read("tasks", [first.id], ["hs_task_subject"]).gone) == {first.id}


def test_an_index_that_lags_behind_makes_no_twins(start_practice, connect):
    practice = start_practice("--leads", "20")
    practice.call("PUT", "/_practice/switches", {"index_lag_seconds": 3600})
    contacts = some(practice, 5)
    assert outcomes(create(connect(practice.url), "Unseen by search", *contacts)) == ["made"] * 5
    subject = {"propertyName": "hs_task_subject", "operator": "EQ", "value": "Unseen by search"}
    body = {"filterGroups": [{"filters": [subject]}]}
    assert practice.call("POST", "/crm/v3/objects/tasks/search", body)["total"] == 0
    assert outcomes(create(connect(practice.url), "Unseen by search", *contacts)) == ["there"] * 5
    assert numbers(practice, "Unseen by search", *contacts) == [1] * 5


@pytest.mark.parametrize(
    ("rule", "outcome", "later"),
    [
        ({"drop": "after"}, "made", "there"),
        ({"truncate": 30}, "made", "there"),
        ({"drop": "before"}, "uncertain", "made"),
        ({"status": 502}, "uncertain", "made"),
        ({"status": 503}, "made", "there"),
        ({"status": 429}, "made", "there"),
        ({"status": 423}, "made", "there"),
        ({"status": 401}, "made", "there"),
    ],
)
def test_a_fault_while_making(practice, connect, rule, outcome, later):
    contacts, subject = some(practice, 3), f"Through {rule}"
    connector = connect(practice.url)
    create(connector, subject, contacts[0])
    practice.faults({**CREATES, "times": 1, **rule})
    assert outcomes(create(connector, subject, *contacts)) == ["there", outcome, outcome]
    assert numbers(practice, subject, *contacts) == [1, *[int(outcome == "made")] * 2]
    practice.faults()
    assert outcomes(create(connector, subject, *contacts)) == ["there", later, later]
    assert numbers(practice, subject, *contacts) == [1, 1, 1]


def test_contacts_that_are_deleted_or_merged_do_not_stop_others(practice, connect):
    *contacts, winner, loser, leaves = list(practice.contacts())[-5:]
    practice.call("DELETE", f"/crm/v3/objects/contacts/{leaves}")
    practice.call("POST", "/crm/v3/objects/contacts/merge", {"primaryObjectId": winner, "objectIdToMerge": loser})
    results = create(connect(practice.url), "Some are gone", contacts[1], leaves, loser, contacts[0])
    assert outcomes(results) == ["made", "gone", "gone", "made"]
    assert results[2].message.startswith("merged into")
    assert numbers(practice, "Some are gone", *contacts) == [1, 1]
    assert sum(each["subject"] == "Some are gone" for each in practice.state()["activities"]) == 2


def test_a_contact_that_is_deleted_while_its_task_is_made(start_practice, connect):
    """Whoever reads that it stands, and is refused, reads again."""
    practice = start_practice("--leads", "20")
    stays, leaves = some(practice, 2)
    connector = connect(practice.url)
    gateway = connector._gateway
    send = gateway.create_batch

    def deleted_meanwhile(*arguments, **options):
        practice.call("DELETE", f"/crm/v3/objects/contacts/{leaves}")
        return send(*arguments, **options)

    gateway.create_batch = deleted_meanwhile
    results = create(connector, "A moment too late", leaves, stays)
    assert outcomes(results) == ["gone", "made"]
    assert numbers(practice, "A moment too late", stays) == [1]


def test_owners_and_values_that_hubspot_refuses_are_told_for_that_task_alone(practice, connect):
    one, two, three, four = some(practice, 4)
    wanted = [
        task(one, "Whose", hubspot_owner_id="4711471147"),
        task(two, "Whose", hs_task_priority="NO_SUCH"),
        task(three, "Whose"),
        Creation(four, {"hs_task_subject": "Whose"}, ("hs_task_subject",)),
    ]
    results = connect(practice.url).create("tasks", "contacts", wanted)
    assert outcomes(results) == ["refused", "refused", "made", "refused"]
    assert "4711471147" in results[0].message
    assert "NO_SUCH" in results[1].message
    assert "required" in results[3].message
    assert numbers(practice, "Whose", one, two, three, four) == [0, 0, 1, 0]


def test_100_tasks_take_few_calls(start_practice, connect):
    practice = start_practice("--leads", "110")
    contacts, connector = some(practice, 100), connect(practice.url)
    assert set(outcomes(create(connector, "For everybody", *contacts))) == {"made"}
    # the properties, the contacts, their tasks (few had any), making
    assert connector.usage().calls <= 5
    before = connector.usage().calls
    assert set(outcomes(create(connector, "For everybody", *contacts))) == {"there"}
    assert connector.usage().calls <= before + 4


_CREATE = """
import sys
from crmsync.contract import Creation
from crmsync_hubspot.connection import HubSpotConnector
from crmsync_hubspot.settings import HubSpotSettings
url, subject, *contacts = sys.argv[1:]
connector = HubSpotConnector(HubSpotSettings(url=url, access_token="pat-eu1-practice"))
values = {"hs_task_subject": subject, "hs_timestamp": "2026-12-01T09:00:00Z"}
connector.create("tasks", "contacts", [Creation(each, values, ("hs_task_subject",)) for each in contacts])
"""


def test_killed_while_the_answer_is_on_its_way_then_repeated(practice, connect):
    contacts, subject = some(practice, 5), "Before the kill"
    practice.faults({**CREATES, "drop": "after"})
    with subprocess.Popen([sys.executable, "-c", _CREATE, practice.url, subject, *contacts]) as process:
        deadline = time.monotonic() + 120
        while numbers(practice, subject, *contacts) != [1] * 5 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.kill()
    practice.faults()
    assert outcomes(create(connect(practice.url), subject, *contacts)) == ["there"] * 5
    assert numbers(practice, subject, *contacts) == [1] * 5


@pytest.mark.breadth
@pytest.mark.parametrize("seed", broadly(range(3)))
def test_in_a_storm_everybody_has_one_in_the_end(start_practice, connect, seed):
    practice = start_practice("--leads", "120")
    contacts, connector = some(practice, 100), connect(practice.url, attempts=12)
    practice.faults(
        {**CREATES, "drop": "after", "probability": 0.3, "seed": seed},
        {**CREATES, "drop": "before", "probability": 0.3, "seed": seed + 10},
        {"status": 503, "probability": 0.2, "seed": seed + 20},
    )
    for _ in range(6):
        for start in range(0, len(contacts), 20):
            found = create(connector, "Storm", *contacts[start : start + 20])
            assert set(outcomes(found)) <= {"made", "there", "uncertain"}
    practice.faults()
    assert set(outcomes(create(connector, "Storm", *contacts))) <= {"made", "there"}
    storm = [each["lead"] for each in practice.state()["activities"] if each["subject"] == "Storm"]
    assert len(storm) == len(set(storm)) == len(contacts)
