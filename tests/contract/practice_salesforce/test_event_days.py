"""A day is a day: all-day events and tasks without a time keep their own date, whatever the org's zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

DAY = "2026-11-29"
ALL_DAY = {"IsAllDayEvent": True, "ActivityDate": DAY, "StartDateTime": f"{DAY}T00:00:00.000Z", "Subject": "Fair"}
TOLD = (DAY, f"{DAY}T00:00:00.000+0000", f"{DAY}T00:00:00.000+0000", 1440)
FIELDS = "ActivityDate, StartDateTime, EndDateTime, DurationInMinutes"


def event(org: Any, record: str) -> tuple[Any, ...]:
    (row,) = org.query(f"SELECT {FIELDS} FROM Event WHERE Id = '{record}'")
    return tuple(row[name] for name in FIELDS.split(", "))


def local_day(at: str, zone: str) -> str:

    return datetime.fromisoformat(at).astimezone(ZoneInfo(zone)).date().isoformat()


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "UTC", "Pacific/Kiritimati"])
def test_an_all_day_event_is_told_on_its_own_day_everywhere(start_org: Any, zone: str) -> None:
    org = start_org("--leads", "5", "--timezone", zone, "--today", "2026-12-02")
    org.control("PUT", "clock", json={"now": "2026-12-02T12:00:00Z"})
    lead = org.lead()["Id"]
    client = org.client()
    made = client.Event.create({**ALL_DAY, "WhoId": lead})["id"]
    assert event(org, made) == TOLD
    assert client.Event.get(made)["ActivityDate"] == DAY
    assert [each["Id"] for each in org.query(f"SELECT Id FROM Event WHERE ActivityDate = {DAY}")] == [made]
    csv = next(iter(client.bulk2.Event.query(f"SELECT {FIELDS} FROM Event WHERE Id = '{made}'", wait=0.05)))
    assert DAY in csv and "2026-11-28" not in csv
    (activity,) = [each for each in org.control("GET", "state")["activities"] if each["native_id"] == made]
    assert local_day(activity["at"], zone) == DAY

    org.edit(activities=[{"id": made, "subject": "Trade fair", "outcome": "completed"}])
    assert event(org, made) == TOLD
    client.Event.update(made, {"Subject": "Trade fair, hall 2"})
    assert event(org, made) == TOLD


def test_an_all_day_event_may_last_and_move_and_become_a_timed_one(start_org: Any) -> None:
    org = start_org("--leads", "5", "--timezone", "America/Los_Angeles", "--today", DAY)
    org.control("PUT", "clock", json={"now": f"{DAY}T12:00:00Z"})  # after a year events are put away
    client = org.client()
    made = client.Event.create({**ALL_DAY, "DurationInMinutes": 4320})["id"]
    assert event(org, made) == (DAY, f"{DAY}T00:00:00.000+0000", "2026-12-01T00:00:00.000+0000", 4320)
    client.Event.update(made, {"ActivityDate": "2026-12-24"})
    assert event(org, made)[0] == "2026-12-24" and event(org, made)[2][:10] == "2026-12-26"
    client.Event.update(made, {"EndDateTime": "2026-12-24T00:00:00Z"})
    assert event(org, made)[3] == 1440
    client.Event.update(
        made, {"IsAllDayEvent": False, "StartDateTime": "2026-12-24T07:30:00Z", "DurationInMinutes": 60}
    )
    assert event(org, made) == (
        "2026-12-23",
        "2026-12-24T07:30:00.000+0000",
        "2026-12-24T08:30:00.000+0000",
        60,
    )
    client.Event.update(made, {"IsAllDayEvent": True})
    assert event(org, made)[0] == "2026-12-23" and event(org, made)[3] == 1440
    answer = org.request("POST", "sobjects/Event", json={"IsAllDayEvent": True})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "REQUIRED_FIELD_MISSING")
    before = {**ALL_DAY, "EndDateTime": "2026-11-28T00:00:00Z"}
    assert org.request("POST", "sobjects/Event", json=before).json()[0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"


def test_an_all_day_event_counts_as_the_last_activity_from_its_own_day_on(start_org: Any) -> None:
    org = start_org("--leads", "5", "--timezone", "America/Los_Angeles", "--today", DAY)
    lead = org.lead()["Id"]
    for now, latest in (("2026-11-29T07:00:00Z", None), ("2026-11-29T09:00:00Z", DAY)):  # 23:00 and 01:00 there
        org.control("PUT", "clock", json={"now": now})
        made = org.client().Event.create({**ALL_DAY, "WhoId": lead})["id"]
        assert (org.lead(f"Id = '{lead}'")["LastActivityDate"] == DAY) is (latest == DAY)
        org.client().Event.delete(made)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland"])
def test_a_task_with_a_day_and_no_time_stays_on_its_day_in_state(start_org: Any, zone: str) -> None:
    org = start_org("--leads", "5", "--timezone", zone)
    made = org.client().Task.create({"WhoId": org.lead()["Id"], "ActivityDate": DAY, "Subject": "Call back"})["id"]
    (activity,) = [each for each in org.control("GET", "state")["activities"] if each["native_id"] == made]
    assert local_day(activity["at"], zone) == DAY
    org.edit(activities=[{"id": made, "subject": "Call back, please"}])
    (row,) = org.query(f"SELECT ActivityDate, IsClosed, Subject FROM Task WHERE Id = '{made}'")
    assert (row["ActivityDate"], row["IsClosed"], row["Subject"]) == (DAY, False, "Call back, please")
