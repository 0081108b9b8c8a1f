"""`crmsync serve` looks at clocks between runs: the store is asked, the CRM is not, until something has come due."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rehearsal import Rehearsal, rehearsal
from small_world import small_world

from crmsync.store import Store
from crmsync.store.encoding import day_number
from crmsync.store.tables import hand_offs, leads, runs
from suite.waiting import wait_until
from suite.warm import WarmProcess

JSON_LOG = {"CRMSYNC_LOG_FORMAT": "json", "CRMSYNC_LOG_LEVEL": "debug"}
CRM = "hubspot"


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[Rehearsal]:
    """A run a year, looks at clocks about every second; hand-offs go on after two hours without contact."""
    world = small_world(tmp_path / "world")
    with rehearsal(tmp_path / "here", "--crm", CRM, "--import", str(world)) as here:
        schedule = {"cron": "0 0 1 1 *", "full_every_hours": None, "clocks_every_minutes": 0.02}
        here.change("crmsync.yaml", lambda data: data["connections"][CRM].update(schedule=schedule))
        process = {"stage": "sql", "first_touch": {"within_hours": 1, "reassign_after_hours": 2}}
        here.change("policy.yaml", lambda policy: policy.update(hand_off=process))
        here.json("run")
        yield here


def events(running: WarmProcess) -> list[dict[str, Any]]:
    text = running.stderr
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def look(running: WarmProcess) -> None:
    """Wait for two looks: the second has begun after this."""
    looks = lambda: sum(line["event"] == "clocks looked at" for line in events(running))  # noqa: E731
    enough = looks() + 2
    wait_until(lambda: looks() >= enough, what="a look at the clocks")


def changed(here: Rehearsal, *statements: Any) -> None:
    """Change what the store remembers, as if it had been so."""
    with closing(Store(here.store)) as store, store._database.writing() as at:
        for statement in statements:
            at.execute(statement)


def earlier(hours: float) -> int:
    return int(hours * 3_600_000_000)


def so_much_earlier(hours: float) -> tuple[Any, ...]:
    """Runs, and what they handed off."""
    return (
        runs.update().values(started_at=runs.c.started_at - earlier(hours)),
        hand_offs.update().values(handed_at=hand_offs.c.handed_at - earlier(hours)),
    )


def test_the_crm_is_asked_nothing_until_a_hand_offs_clock_runs_out(crm: Rehearsal) -> None:
    owners = {lead["id"]: lead["owner"] for lead in crm.state(CRM)["leads"]}
    calls = crm.calls(CRM)
    with crm.start("serve", env=JSON_LOG) as running:
        look(running)
        changed(crm, *so_much_earlier(1.5))
        look(running)
        assert crm.calls(CRM) == calls, "an hour and a half: late, and nothing to be done yet"
        changed(crm, *so_much_earlier(1))
        wait_until(lambda: any(line["event"] == "run ended" for line in events(running)), what="a run")
        asked = crm.calls(CRM)
        look(running)
        assert running.end() == 0
    [come] = [line for line in events(running) if line["event"] == "time has come"]
    assert (come["connection"], come["hand_offs"] >= 2) == (CRM, True)
    [ended] = [line for line in events(running) if line["event"] == "run ended"]
    assert ended["outcomes"]["written"] == come["hand_offs"]
    after = {lead["id"]: lead["owner"] for lead in crm.state(CRM)["leads"]}
    assert {lead for lead, owner in after.items() if owner != owners[lead]} == {"sql-1", "sqo-1"}
    assert crm.calls(CRM) == asked
    assert [line for line in events(running) if line["level"] not in {"debug", "info"}] == []


@pytest.mark.breadth
def test_a_review_day_that_has_come_is_looked_at_once(crm: Rehearsal) -> None:
    today = day_number(datetime.now(UTC).date())  # noqa: TID251 - the service's own day
    native = crm.native(CRM)["mql-1"]
    changed(crm, leads.update().where(leads.c.lead == native).values(due_on=today))
    with crm.start("serve", env=JSON_LOG) as running:
        look(running)
        changed(crm, runs.update().values(started_at=runs.c.started_at - earlier(24)))
        wait_until(lambda: any(line["event"] == "run ended" for line in events(running)), what="a run")
        asked = crm.calls(CRM)
        look(running)
        assert running.end() == 0
    [come] = [line for line in events(running) if line["event"] == "time has come"]
    assert (come["reviews"], come["hand_offs"]) == (1, 0)
    assert crm.calls(CRM) == asked


@pytest.mark.breadth
def test_what_stays_due_is_left_to_the_schedule(crm: Rehearsal) -> None:
    """As a lead whose write was refused: else the CRM would be asked at every look."""
    today = day_number((datetime.now(UTC) - timedelta(days=2)).date())  # noqa: TID251 - as above
    changed(crm, leads.update().values(due_on=today))
    calls = crm.calls(CRM)
    with crm.start("serve", env=JSON_LOG) as running:
        look(running)
        changed(crm, runs.update().values(started_at=runs.c.started_at - earlier(24)))
        look(running)
        assert running.end() == 0
    assert crm.calls(CRM) == calls
