"""Tasks made in the practice org, through faults and kills: exactly one for each lead."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from practice_org import CONVERTED, DAY, PracticeOrg

from crmsync.contract import Creation, CreationResult
from crmsync.errors import CrmUnreachable
from crmsync_salesforce.connection import SalesforceConnector
from suite.breadth import broadly

Open = Callable[..., SalesforceConnector]

CREATES = {"method": "POST", "path": "/composite/sobjects$"}


def task(lead: str, subject: str, **more: str) -> Creation:
    values = {"Subject": subject, "ActivityDate": "2026-12-01", **more}
    return Creation(lead, values, known_by=("Subject",))


def create(connector: SalesforceConnector, subject: str, *leads: str, **more: str) -> list[CreationResult]:
    return connector.create("Task", "Lead", [task(lead, subject, **more) for lead in leads])


def outcomes(results: list[CreationResult]) -> list[str]:
    return [result.outcome for result in results]


def numbers(org: PracticeOrg, subject: str, *leads: str) -> list[int]:
    """How many tasks with this subject each lead has."""
    return [list(org.held(lead).values()).count(subject) for lead in leads]


def some(org: PracticeOrg, count: int) -> list[str]:
    return sorted(org.values())[:count]


def test_a_task_is_the_receivers_and_others_see_it(org: PracticeOrg, connector: SalesforceConnector) -> None:
    (lead,), receiver = some(org, 1), org.user(type="person", active=True)
    sequence = max((entry["seq"] for entry in org.writes()), default=0)
    (made,) = create(connector, "Call the lead", lead, OwnerId=receiver, Priority="High")
    (entry,) = org.writes(sequence)
    assert (entry["object"], entry["id"], entry["status"]) == ("Task", made.id, 201)
    assert entry["after"]["WhoId"] == lead
    assert {name.lower(): value for name, value in entry["headers"].items()}["sforce-auto-assign"] == "FALSE"
    (shown,) = [each for each in org.state()["activities"] if each["native_id"] == made.id]
    assert (shown["kind"], shown["subject"], shown["outcome"]) == ("task", "Call the lead", "open")
    assert shown["at"].startswith("2026-12-01")
    fields = ["Subject", "OwnerId", "Status", "Priority", "ActivityDate"]
    reading = connector.read("Task", [made.id or ""], fields)
    assert reading.records.rows() == [(made.id, "Call the lead", receiver, "Not Started", "High", "2026-12-01")]


@pytest.mark.parametrize("how", ["the CRM's own screen", "the control API"])
def test_a_person_completes_it(org: PracticeOrg, connector: SalesforceConnector, how: str) -> None:
    (lead,), subject = some(org, 1), f"Done by {how}"
    (made,) = create(connector, subject, lead, Priority="High")
    assert made.id
    if how == "the control API":
        org.control("POST", "edit", {"activities": [{"id": made.id, "outcome": "completed"}]})
    else:
        org.update("Task", made.id, {"Status": "Completed"})
    reading = connector.read("Task", [made.id], ["Status", "IsClosed", "Priority"])
    assert reading.records.rows() == [(made.id, "Completed", "true", "High")]
    (shown,) = [each for each in org.state()["activities"] if each["native_id"] == made.id]
    assert (shown["kind"], shown["outcome"]) == ("task", "completed")
    assert outcomes(create(connector, subject, lead)) == ["there"]


def test_a_task_that_somebody_deleted_is_made_again(org: PracticeOrg, connector: SalesforceConnector) -> None:
    (lead,) = some(org, 1)
    (first,) = create(connector, "Deleted", lead)
    org.delete(first.id or "", "Task")
    (again,) = create(connector, "Deleted", lead)
    assert again.outcome == "made"
    assert again.id != first.id
    assert connector.read("Task", [first.id or ""], ["Subject"]).gone == {first.id: "deleted"}


def test_a_task_of_a_year_ago_is_still_known(org: PracticeOrg, connector: SalesforceConnector) -> None:
    org.control("PUT", "clock", {"now": f"{DAY}T12:00:00Z"})
    (lead,) = some(org, 1)
    values = {"Subject": "Long ago", "ActivityDate": "2025-01-10", "Status": "Completed"}
    wanted = [Creation(lead, values, known_by=("Subject",))]
    assert outcomes(connector.create("Task", "Lead", wanted)) == ["made"]
    assert outcomes(connector.create("Task", "Lead", wanted)) == ["there"]
    assert (
        connector.read("Task", list(org.held(lead)), ["IsArchived"]).records["IsArchived"].to_list().count("true")
        == 1
    )


def test_an_event_is_made_once_too(org: PracticeOrg, connector: SalesforceConnector) -> None:
    (lead,) = some(org, 1)
    values = {"Subject": "First talk", "StartDateTime": f"{DAY}T09:00:00Z", "DurationInMinutes": "30"}
    wanted = [Creation(lead, values, known_by=("Subject", "StartDateTime"))]
    assert outcomes(connector.create("Event", "Lead", wanted)) == ["made"]
    assert outcomes(connector.create("Event", "Lead", wanted)) == ["there"]


@pytest.mark.parametrize(
    ("rule", "outcome", "later"),
    [
        ({"drop": "after"}, "made", "there"),
        ({"truncate": 20}, "made", "there"),
        ({"drop": "before"}, "uncertain", "made"),
        ({"status": 502}, "uncertain", "made"),
        ({"status": 503}, "made", "there"),
        ({"status": 429}, "made", "there"),
        ({"status": 401}, "made", "there"),
    ],
)
def test_a_fault_while_making(
    org: PracticeOrg, open_to: Open, rule: dict[str, Any], outcome: str, later: str
) -> None:
    leads, subject = some(org, 3), f"Through {rule}"
    connector = open_to(org)
    create(connector, subject, leads[0])
    org.control("PUT", "faults", [{**CREATES, "times": 1, **rule}])
    assert outcomes(create(connector, subject, *leads)) == ["there", outcome, outcome]
    assert org.control("GET", "faults")[0]["fired"] == 1
    assert numbers(org, subject, *leads) == [1, *[int(outcome == "made")] * 2]
    assert outcomes(create(connector, subject, *leads)) == ["there", later, later]
    assert numbers(org, subject, *leads) == [1, 1, 1]


def test_a_look_through_faults_is_still_a_look(org: PracticeOrg, open_to: Open) -> None:
    leads = some(org, 2)
    connector = open_to(org)
    create(connector, "Faulty looks", leads[0])
    org.control("PUT", "faults", [{"path": "/queryAll", "drop": "after", "times": 2}])
    assert outcomes(create(connector, "Faulty looks", *leads)) == ["there", "made"]
    org.control("PUT", "faults", [{"path": "/queryAll", "status": 503}])
    with pytest.raises(CrmUnreachable):
        create(connector, "Faulty looks", *leads)
    assert numbers(org, "Faulty looks", *leads) == [1, 1]


def test_leads_that_are_deleted_or_converted_do_not_stop_others(
    org: PracticeOrg, connector: SalesforceConnector
) -> None:
    *leads, leaves = some(org, 3)
    converted = next(lead["native_id"] for lead in org.state()["leads"] if lead["stage"] == CONVERTED)
    org.delete(leaves)
    results = create(connector, "Some are gone", leads[1], leaves, converted, leads[0])
    assert outcomes(results) == ["made", "gone", "gone", "made"]
    assert [results[1].message, results[2].message] == ["deleted", "converted"]
    assert numbers(org, "Some are gone", *leads) == [1, 1]


def test_an_owner_who_left_is_told_for_that_task_alone(org: PracticeOrg, connector: SalesforceConnector) -> None:
    one, two = some(org, 2)
    leaver = org.user(type="person", active=False)
    wanted = [task(one, "Whose", OwnerId=leaver), task(two, "Whose")]
    results = connector.create("Task", "Lead", wanted)
    assert outcomes(results) == ["refused", "made"]
    assert "INACTIVE_OWNER_OR_USER" in results[0].message
    assert numbers(org, "Whose", one, two) == [0, 1]


def test_200_tasks_take_three_calls(large_org: PracticeOrg, open_to: Open) -> None:
    leads, connector = some(large_org, 200), open_to(large_org)
    for object_name in ("Lead", "Task"):
        connector.fields(object_name)
    before = connector.usage().calls
    assert set(outcomes(create(connector, "For everybody", *leads))) == {"made"}
    assert connector.usage().calls == before + 3  # leads, their tasks, making
    assert set(outcomes(create(connector, "For everybody", *leads))) == {"there"}
    assert connector.usage().calls == before + 5


_CREATE = """
import sys
from crmsync.contract import Creation
from crmsync_salesforce.connection import SalesforceConnector
from crmsync_salesforce.settings import SalesforceSettings
url, subject, *leads = sys.argv[1:]
connector = SalesforceConnector(SalesforceSettings(url=url, client_id="app", client_secret="s3cret-of-the-app"))
connector.create("Task", "Lead", [Creation(lead, {"Subject": subject}, ("Subject",)) for lead in leads])
"""


def test_killed_while_the_answer_is_on_its_way_then_repeated(org: PracticeOrg, open_to: Open) -> None:
    leads, subject = some(org, 5), "Before the kill"
    org.control("PUT", "faults", [{**CREATES, "drop": "after"}])
    with subprocess.Popen([sys.executable, "-c", _CREATE, org.url, subject, *leads]) as process:
        deadline = time.monotonic() + 120
        while numbers(org, subject, *leads) != [1] * 5 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.kill()
    org.control("DELETE", "faults")
    assert outcomes(create(open_to(org), subject, *leads)) == ["there"] * 5
    assert numbers(org, subject, *leads) == [1] * 5


@pytest.mark.breadth
@pytest.mark.parametrize("seed", broadly(range(3)))
def test_in_a_storm_everybody_has_one_in_the_end(large_org: PracticeOrg, open_to: Open, seed: int) -> None:
    leads, subject = some(large_org, 300), f"Storm {seed}"
    connector = open_to(large_org, attempts=12)
    large_org.control(
        "PUT",
        "faults",
        [
            {**CREATES, "drop": "after", "probability": 0.3, "seed": seed},
            {**CREATES, "drop": "before", "probability": 0.3, "seed": seed + 10},
            {"status": 503, "probability": 0.2, "seed": seed + 20},
        ],
    )
    try:
        for _ in range(8):
            results = [
                result
                for start in range(0, len(leads), 25)
                for result in create(connector, subject, *leads[start : start + 25])
            ]
    finally:
        large_org.control("DELETE", "faults")
    assert set(outcomes(results)) <= {"made", "there", "uncertain"}
    assert set(outcomes(create(connector, subject, *leads[:200]))) <= {"made", "there"}
    assert set(outcomes(create(connector, subject, *leads[200:]))) <= {"made", "there"}
    state = large_org.state()["activities"]
    assert sum(each["subject"] == subject for each in state) == len(leads)
    assert len({each["lead"] for each in state if each["subject"] == subject}) == len(leads)
