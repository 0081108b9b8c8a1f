"""Import files, shifting, and the generator."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crmsync_practice.generate import generate_world
from crmsync_practice.world import Activity, ImportRefused, Lead, World, lead_to_json, read_world, shift_world

USER = {"id": "u", "type": "person", "name": "U"}
LEAD = {"id": "l", "owner": "u", "created_at": "2026-01-01T10:00:00+01:00", "attributes": {"x": 1}}
A, B = {"stage": "a", "at": "2026-01-01T09:00:00Z"}, {"stage": "b", "at": "2026-01-05T09:00:00Z", "by": "u"}
ACTIVITY = {"id": "a", "lead": "l", "kind": "call", "at": "2026-01-02T10:00:00Z", "by": "u"}


def write(directory: Path, users: list[Any], leads: list[Any], activities: list[Any]) -> Path:
    for name, rows in (("users", users), ("leads", leads), ("activities", activities)):
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (directory / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return directory


def test_an_import_is_read(tmp_path: Path) -> None:
    world = read_world(write(tmp_path, [USER], [LEAD], [ACTIVITY]))
    assert world.users[0].active is True
    assert world.leads[0].created_at == world.leads[0].modified_at == datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert world.activities[0].direction is None


@pytest.mark.parametrize(
    ("users", "leads", "activities", "where"),
    [
        ([USER, USER], [], [], "users.jsonl:2: id: already used"),
        ([{"id": "u"}], [], [], "users.jsonl:1: type: missing"),
        ([{**USER, "timezone": "Mars/Olympus"}], [], [], "users.jsonl:1: timezone: unknown time zone"),
        ([USER], [LEAD, {**LEAD, "id": "m", "owner": "x"}], [], "leads.jsonl:2: owner: no such user"),
        (
            [USER],
            [{**LEAD, "created_at": "2026-01-01T10:00:00"}],
            [],
            "leads.jsonl:1: created_at: the time has no zone",
        ),
        ([USER], [{**LEAD, "created_at": "soon"}], [], "leads.jsonl:1: created_at: expected an ISO-8601 time"),
        (
            [USER],
            [{**LEAD, "created_at": "9999-12-31T23:59:59Z"}],
            [],
            "leads.jsonl:1: created_at: the time is out of range",
        ),
        ([USER], [{"id": "l"}], [], "leads.jsonl:1: created_at: missing"),
        ([USER], [{**LEAD, "attributes": {"x": [1]}}], [], "leads.jsonl:1: attributes.x: expected"),
        (
            [USER],
            ['{"id": "l", "created_at": "2026-01-01T10:00:00Z", "attributes": {"x": NaN}}'],
            [],
            "leads.jsonl:1: not valid",
        ),
        ([USER], ["", "{"], [], "leads.jsonl:2: not valid JSON"),
        ([USER], ["[1]"], [], "leads.jsonl:1: expected one JSON object"),
        ([USER], [{**LEAD, "stage": {"zoho": "x"}}], [], "leads.jsonl:1: stage: only the keys"),
        ([USER], [{**LEAD, "stage_history": "x"}], [], "leads.jsonl:1: stage_history: expected a list of steps"),
        ([USER], [{**LEAD, "stage_history": ["x"]}], [], "leads.jsonl:1: stage_history[0]: expected an object"),
        ([USER], [{**LEAD, "stage_history": [{"stage": "a"}]}], [], "leads.jsonl:1: stage_history[0].at: expected"),
        ([USER], [{**LEAD, "stage_history": [A, {**B, "by": "x"}]}], [], "1: stage_history[1].by: no such user"),
        ([USER], [{**LEAD, "stage_history": [B, A]}], [], "leads.jsonl:1: stage_history[1].at: is before the step"),
        ([USER], [{**LEAD, "stage_history": [{**A, "at": "2026-01-01T08:59:59Z"}]}], [], "is before created_at"),
        ([USER], [{**LEAD, "stage_history": [A, B], "stage": "a"}], [], "stage: is not where stage_history ends"),
        ([USER], [LEAD], [{**ACTIVITY, "lead": "x"}], "activities.jsonl:1: lead: no such lead"),
        ([USER], [LEAD], [{**ACTIVITY, "by": "x"}], "activities.jsonl:1: by: no such user"),
        ([USER], [LEAD], [{**ACTIVITY, "direction": "up"}], "activities.jsonl:1: direction: expected"),
        ([USER], [LEAD], [{**ACTIVITY, "kind": ""}], "activities.jsonl:1: kind: must not be empty"),
    ],
)
def test_a_bad_line_refuses_the_import(
    tmp_path: Path, users: list[Any], leads: list[Any], activities: list[Any], where: str
) -> None:
    with pytest.raises(ImportRefused) as refused:
        read_world(write(tmp_path, users, leads, activities))
    assert where in str(refused.value)


def test_a_lead_stands_where_its_way_through_the_stages_ends(tmp_path: Path) -> None:
    world = read_world(write(tmp_path, [USER], [{**LEAD, "stage_history": [A, B]}], [ACTIVITY]))
    lead = shift_world(world, date(2026, 1, 12), ZoneInfo("UTC")).leads[0]
    assert lead.stage == "b"
    assert [(step.stage, step.at.day, step.by) for step in lead.stage_history] == [("a", 11, None), ("b", 15, "u")]
    assert lead_to_json(lead)["stage_history"][1] == {"stage": "b", "at": "2026-01-15T09:00:00Z", "by": "u"}


def test_a_missing_directory_or_file_refuses_the_import(tmp_path: Path) -> None:
    for directory in (tmp_path / "none", tmp_path):
        with pytest.raises(ImportRefused):
            read_world(directory)


def test_shifting_keeps_local_times_and_days_over_a_clock_change() -> None:
    zone = ZoneInfo("Europe/Berlin")
    times = [datetime(2026, 3, 20, 0, 30, tzinfo=zone), datetime(2026, 3, 27, 23, 45, tzinfo=zone)]
    lead = Lead("l", None, None, None, None, None, None, times[0].astimezone(UTC), times[0].astimezone(UTC))
    activities = tuple(Activity(str(n), "l", "call", at.astimezone(UTC)) for n, at in enumerate(times))
    moved = shift_world(World((), (lead,), activities), date(2026, 4, 2), zone)
    local = [each.at.astimezone(zone).isoformat()[:16] for each in moved.activities]
    assert local == ["2026-03-26T00:30", "2026-04-02T23:45"]
    assert moved.leads[0].created_at == moved.activities[0].at
    assert shift_world(World((), (lead,), ()), date(2026, 4, 2), zone).leads == (lead,)


def test_the_same_seed_and_day_give_the_same_world() -> None:
    day = date(2026, 11, 20)
    world = generate_world(300, 4, day, "Europe/Berlin")
    assert world == generate_world(300, 4, day, "Europe/Berlin")
    assert world != generate_world(300, 5, day, "Europe/Berlin")
    assert generate_world(0, 4, day, "UTC").leads == ()


def test_a_generated_firm_has_everything_a_rehearsal_needs() -> None:
    day, zone = date(2026, 11, 20), ZoneInfo("Europe/Berlin")
    world = generate_world(3000, 1, day, "Europe/Berlin")
    roles = {(role, user.active) for user in world.users for role in user.roles}
    assert {("ae", True), ("ae", False), ("bdr", True), ("bdr", False)} <= roles
    assert any(user.type == "queue" for user in world.users)
    assert len({user.team for user in world.users if "ae" in user.roles}) >= 3
    owners = {lead.owner for lead in world.leads}
    inactive = {user.id for user in world.users if not user.active}
    assert None in owners and "queue-inbound" in owners and inactive & owners
    stages = {lead.stage_for("salesforce") for lead in world.leads}
    assert None in stages and {"Nurturing", "Closed - Converted", "Sales Qualified Opportunity"} <= stages
    emails = [lead.email.lower() for lead in world.leads if lead.email]
    assert len(set(emails)) < len(emails) < len(world.leads)
    assert all(email.endswith(".example") for email in emails)
    now = datetime(2026, 11, 19, 23, tzinfo=UTC)
    planned = [each for each in world.activities if each.at > now]
    assert planned and all(each.outcome == "scheduled" for each in planned)
    assert all(lead.modified_at <= now for lead in world.leads)
    ages = sorted((day - each.at.astimezone(zone).date()).days for each in world.activities)
    assert ages[len(ages) // 2] < 60 and ages[-1] < 200
    hours = {each.at.astimezone(zone).hour for each in world.activities}
    assert min(hours) >= 7 and max(hours) <= 18
    created = {lead.id: lead.created_at for lead in world.leads}
    assert all(each.at >= created[each.lead] - timedelta(0) for each in world.activities)
    ways = [lead.stage_history for lead in world.leads if lead.stage is not None]
    assert [way[-1].stage for way in ways] == [lead.stage for lead in world.leads if lead.stage is not None]
    assert max(step.at for way in ways for step in way) <= now
    assert all(way[0].at == created[lead.id] for lead in world.leads if (way := lead.stage_history))
