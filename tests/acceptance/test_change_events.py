"""What Salesforce tells over its event bus: read at once, whatever becomes of the connection, the events and us."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from listening import JSON_LOG, SELDOM, all_read, comes_to_rest, gone_from, lines, runs_by_tellings, standing
from rehearsal import Rehearsal, personal_data, rehearsal, told_in
from small_world import DISQUALIFYING, NATIVE, activity, small_world

from crmsync.clock import now
from suite.breadth import broadly
from suite.waiting import wait_until
from suite.warm import WarmProcess

pytestmark = pytest.mark.breadth

CRM = "salesforce"
WANTED = NATIVE[CRM]["disqualified"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A practice org with an event bus, a schedule of one run a year; everybody stands where they belong."""
    folder = tmp_path_factory.mktemp("change-events")
    imported = small_world(folder / "world", copies=22)
    with rehearsal(folder / "here", "--import", str(imported), "--crm", CRM, "--change-events") as here:
        here.change("crmsync.yaml", lambda data: data["connections"][CRM].update(schedule=dict(SELDOM)))
        here.control(CRM, "switches", "PUT", {"change_keepalive_seconds": 0.3})
        here.json("run")
        yield here


@pytest.fixture(scope="module")
def service(world: Rehearsal) -> Iterator[WarmProcess]:
    """The service, at work."""
    with listening(world) as running:
        yield running
        assert running.end() == 0, running.stderr


def listening(here: Rehearsal) -> WarmProcess:
    """Start it and wait until it listens."""
    running = here.start("serve", env=JSON_LOG)
    wait_until(lambda: events(running, "subscribed"), what="a service that listens")
    return running


def events(running: WarmProcess, name: str) -> list[dict[str, Any]]:
    return [line for line in lines(running) if line["event"] == name]


def disqualify(here: Rehearsal, lead: str) -> None:
    here.edit(CRM, leads=[{"id": lead, "attributes": DISQUALIFYING}])


def is_written(here: Rehearsal, *leads: str) -> None:
    wait_until(lambda: all(here.lead(CRM, each)["stage"] == WANTED for each in leads), 60, f"{leads} written")


def signs_in(here: Rehearsal) -> int:
    return sum(number for call, number in here.calls(CRM).items() if "oauth2/token" in call)


def turn(here: Rehearsal, **switches: Any) -> None:
    here.control(CRM, "switches", "PUT", switches)


def test_changes_are_written_at_once_and_only_these_leads_are_read(world: Rehearsal, service: WarmProcess) -> None:
    """A fact of one lead, an activity of another; our own writing comes back once, and then it is quiet."""
    all_read(world, CRM)
    calls, begun = world.calls(CRM), world.last_write(CRM)
    disqualify(world, "lead-1")
    is_written(world, "lead-1")
    world.edit(CRM, activities=[activity("lead-2", "demo_request", now().isoformat())])
    wait_until(lambda: world.lead(CRM, "lead-2")["stage"] == NATIVE[CRM]["sqo"], 60, "a lead moved up")
    all_read(world, CRM)
    asked = world.calls(CRM) - calls
    assert not [path for path in asked if "updated" in path], asked
    comes_to_rest(world, CRM)
    written = [each["id"] for each in world.writes(CRM, after=begun)]
    assert len(written) == len(set(written)) == 2, "our own writings come back, and are nothing new"
    [one] = world.json("status", CRM, code=[0, 1])["connections"]
    assert [each["channel"] for each in one["tellings"]["subscribed"]] == ["/data/ChangeEvents"]


def test_check_listens_for_a_moment_and_tells_a_refusal(world: Rehearsal) -> None:
    def told(code: int) -> dict[str, Any]:
        [check] = world.json("check", CRM, code=code)["connections"]
        [point] = [point for point in check["points"] if point["what"] == "changes"]
        return point

    assert told(0) == {
        "what": "changes", "right": True, "found": "/data/ChangeEvents: the CRM tells changes here"
    }  # fmt: skip
    channel = "/data/NobodyChangeEvent"
    own = world.file("crmsync.yaml").read_text(encoding="utf-8")
    world.change("crmsync.yaml", lambda data: data["connections"][CRM]["options"].update(change_channel=channel))
    refused = told(1)
    world.file("crmsync.yaml").write_text(own, encoding="utf-8")
    assert not refused["right"]
    assert channel in refused["found"]
    assert "Change Data Capture" in refused["found"]


def test_one_that_was_deleted_leaves(world: Rehearsal, service: WarmProcess) -> None:
    """Of which no outbound message tells."""
    native = world.native(CRM)["mql-2"]
    world.delete_lead(CRM, "mql-2")
    gone_from(world, CRM, native)


@pytest.mark.parametrize(("style", "lead"), broadly([("gap", "lead-3"), ("overflow", "lead-4"), ("twice", "lead-5")]))
def test_events_that_say_less_or_come_twice(style: str, lead: str, world: Rehearsal, service: WarmProcess) -> None:
    """A gap event names the record; an overflow event names none, so that what changed is read as by the schedule."""
    all_read(world, CRM)
    before = standing(world, CRM)["lost"]
    turn(world, change_style=style)
    disqualify(world, lead)
    turn(world, change_style="plain")
    is_written(world, lead)
    all_read(world, CRM)
    assert standing(world, CRM)["lost"] - before == (style == "overflow")


def test_a_flood_is_few_readings(world: Rehearsal, service: WarmProcess) -> None:
    """Sixty changes of one lead within a moment."""
    all_read(world, CRM)
    runs = len(runs_by_tellings(service, CRM))
    for place in range(60):
        world.edit(CRM, leads=[{"id": "lead-6", "attributes": {"budget": "some" if place % 2 else "available"}}])
    disqualify(world, "lead-6")
    is_written(world, "lead-6")
    all_read(world, CRM)
    assert len(runs_by_tellings(service, CRM)) - runs < 30


@pytest.mark.parametrize(("ends", "lead"), broadly([("stream", "lead-7"), ("session", "lead-8")]))
def test_a_lost_stream_is_taken_up_where_it_was(ends: str, lead: str, world: Rehearsal, service: WarmProcess) -> None:
    """Also where the session has ended: it signs in anew, and only then."""
    all_read(world, CRM)
    signed_in, begun = signs_in(world), len(events(service, "subscribed"))
    if ends == "session":
        turn(world, sessions_ended=1)
    turn(world, change_streams_ended=len(lead) + begun)
    disqualify(world, lead)
    is_written(world, lead)
    wait_until(lambda: len(events(service, "subscribed")) > begun, 60, "a new subscription")
    if ends == "session":
        assert signs_in(world) > signed_in


def test_what_was_forgotten_meanwhile_is_read_as_by_the_schedule(world: Rehearsal, service: WarmProcess) -> None:
    """The replay id is older than Salesforce keeps events: it listens from now on, and reads what changed."""
    all_read(world, CRM)
    before = standing(world, CRM)["lost"]
    turn(world, changes_forgotten=1, change_streams_ended=99)
    is_missed = "changes were missed: all that changed is read"
    wait_until(lambda: events(service, is_missed), 60, "a missed change")
    disqualify(world, "lead-9")
    is_written(world, "lead-9")
    all_read(world, CRM)
    assert standing(world, CRM)["lost"] == before + 1
    text = service.stderr
    assert told_in(text, personal_data(world.state(CRM))) == []
    assert "practice-secret" not in text
    assert "00DKp" not in text


@pytest.mark.breadth
def test_a_kill_between_hearing_and_keeping_loses_nothing(world: Rehearsal, service: WarmProcess) -> None:
    """Many changes, and kill -9 in the middle of them: the next service hears from where the store says."""
    all_read(world, CRM)
    lost = standing(world, CRM)["lost"]
    assert service.end() == 0, service.stderr
    leads = [f"lead-{number}" for number in range(10, 22)]
    with listening(world) as killed:
        for place, lead in enumerate(leads):
            disqualify(world, lead)
            if place == len(leads) // 2:
                killed.kill()
    with listening(world) as running:
        is_written(world, *leads)
        all_read(world, CRM)
        assert standing(world, CRM)["lost"] == lost, "nothing had to be read by the schedule"
        assert running.end() == 0, running.stderr
    [plan] = world.json("run", "--full", "--dry-run")["plans"]
    assert plan["counts"]["changes"] == 0
