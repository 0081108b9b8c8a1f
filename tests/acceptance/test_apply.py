"""A saved plan on both practice CRMs: written as it is, once, and only where it still holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, LEAD_OBJECT, Rehearsal, on_one, rehearsal
from small_world import NATIVE, activity, small_world

from crmsync.clock import now
from crmsync.store import Store


@pytest.fixture(params=CRMS)
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def here(tmp_path: Path, crm: str) -> Iterator[Rehearsal]:
    imported = small_world(tmp_path / "world", copies=3)
    with rehearsal(tmp_path / "here", "--import", str(imported), "--crm", crm) as made:
        yield made


def saved(here: Rehearsal, crm: str, *more: str) -> dict[str, Any]:
    """The plan that a dry run puts into plan.json."""
    [plan] = here.json("run", crm, "--dry-run", "--out", "plan.json", *more)["plans"]
    return dict(plan)


def turns(here: Rehearsal, crm: str) -> dict[Any, Any]:
    with closing(Store(here.store)) as store:
        return {key: (it.count, dict(it.state)) for key, it in store.journal.turns(crm).items()}


def people(here: Rehearsal, crm: str) -> dict[str, Any]:
    return {lead["id"]: (lead["stage"], lead["owner"]) for lead in here.state(crm)["leads"]}


def test_it_is_written_as_it_was_shown_once_and_like_a_run(here: Rehearsal, crm: str, tmp_path: Path) -> None:
    plan = saved(here, crm)
    at = here.last_write(crm)
    [tried] = here.json("apply", "plan.json", "--dry-run")["plans"]
    assert here.writes(crm, at) == []
    assert tried["digest"] == plan["digest"]
    calls = here.calls(crm)
    [done] = here.json("apply", "plan.json")["plans"]
    assert done["digest"] == plan["digest"]
    assert {change["outcome"] for change in done["changes"]} == {"written"}
    assert [{**change, "outcome": "written", "may_be_written": False} for change in plan["changes"]] == done[
        "changes"
    ]
    assert sum((here.calls(crm) - calls).values()) < 40
    counted, stand = turns(here, crm), people(here, crm)
    assert sum(count for count, _ in counted.values()) == sum(
        change["turn"] is not None for change in plan["changes"]
    )

    at = here.last_write(crm)
    [again] = here.json("apply", "plan.json")["plans"]
    assert {change["outcome"] for change in again["changes"]} == {"unchanged"}
    assert here.writes(crm, at) == []
    assert (turns(here, crm), people(here, crm)) == (counted, stand)
    [further] = here.json("run", crm, "--full")["plans"]
    assert further["changes"] == [], "after it the same facts plan nothing"
    assert turns(here, crm) == counted


def test_leads_that_have_moved_since_are_conflicts_and_the_others_are_written(here: Rehearsal, crm: str) -> None:
    plan = saved(here, crm)
    native = here.native(crm)
    here.edit(
        crm,
        by="bdr-2",
        leads=[
            {"id": "sql-1", "owner": "bdr-2"},
            {"id": "mql-1", "stage": {crm: NATIVE[crm]["sqo"]}},
            {"id": "lead-1", "company": "Renamed Works"},
        ],
        activities=[activity("mql-2", "demo_request", now().isoformat()) | {"id": "late"}],
    )
    at = here.last_write(crm)
    [done] = here.json("apply", "plan.json", code=4)["plans"]
    outcomes = {change["lead"]: change["outcome"] for change in done["changes"]}
    moved = {native[name] for name in ("sql-1", "mql-1", "mql-2")}
    assert {lead for lead, outcome in outcomes.items() if outcome == "conflict"} == moved
    assert {outcome for lead, outcome in outcomes.items() if lead not in moved} == {"written"}
    touched = {each["id"] for each in here.writes(crm, at) if each["object"] == LEAD_OBJECT[crm]}
    assert touched == {change["lead"] for change in plan["changes"]} - moved
    words = {change["lead"]: change.get("message", "") for change in done["changes"]}
    assert "facts have moved since" in words[native["mql-2"]]
    assert {item["lead"] for item in done["set_aside"]} == moved
    held = sum(count for count, _ in turns(here, crm).values())
    assert held == sum(change["turn"] is not None and change["lead"] not in moved for change in plan["changes"])


@pytest.mark.breadth
@on_one("salesforce")
def test_what_a_run_has_written_meanwhile_is_not_written_again(here: Rehearsal, crm: str) -> None:
    saved(here, crm)
    here.json("run", crm)
    counted, at = turns(here, crm), here.last_write(crm)
    [done] = here.json("apply", "plan.json")["plans"]
    assert {change["outcome"] for change in done["changes"]} == {"unchanged"}
    assert (turns(here, crm), here.writes(crm, at)) == (counted, [])


@pytest.mark.breadth
@on_one("hubspot")
def test_a_plan_of_another_time_or_place_is_refused(here: Rehearsal, crm: str, tmp_path: Path) -> None:
    saved(here, crm)
    at = here.last_write(crm)

    def refusal(where: Rehearsal = here) -> str:
        done = where.crmsync("apply", "plan.json")
        assert (done.returncode, here.writes(crm, at)) == (2, []), done.stdout
        return done.stderr

    whole = here.file("plan.json").read_text(encoding="utf-8")
    here.file("plan.json").write_text(whole.replace('"changes"', '"Changes"'), encoding="utf-8")
    assert "plan.json: plans[0]" in refusal()
    edited = json.loads(whole)
    edited["plans"][0]["changes"][0]["writes"] = {}
    here.file("plan.json").write_text(json.dumps(edited), encoding="utf-8")
    assert "was changed since it was made" in refusal()
    here.file("plan.json").write_text(whole, encoding="utf-8")
    other = here.copy(tmp_path / "other")
    assert "made with another store" in refusal(other)
    for name, mend in (
        ("policy.yaml", lambda policy: policy.update(name="Another")),
        ("roster.yaml", lambda roster: roster["people"].pop()),
        (f"mappings/{crm}.yaml", lambda mapping: mapping["facts"].popitem()),
    ):
        kept = here.file(name).read_text(encoding="utf-8")
        here.change(name, mend)
        assert f"the {name.removesuffix('.yaml').split('/')[0].removesuffix('s')}" in refusal()
        here.file(name).write_text(kept, encoding="utf-8")
    here.json("apply", "plan.json")


@pytest.mark.breadth
@on_one("salesforce")
def test_a_guard_stops_it_like_a_run(here: Rehearsal, crm: str) -> None:
    plan = saved(here, crm)
    at = here.last_write(crm)
    stopped = here.crmsync("apply", "plan.json", "--allow-changes", "3")
    assert (stopped.returncode, here.writes(crm, at)) == (3, [])
    assert f"crmsync apply plan.json --allow-changes {len(plan['changes'])}" in stopped.stdout.replace("\n    ", " ")
    assert turns(here, crm) == {}


@on_one("hubspot")
def test_another_run_in_progress_is_told(here: Rehearsal, crm: str) -> None:
    saved(here, crm)
    with closing(Store(here.store)) as store, store.hold(crm, now=now()):
        assert here.crmsync("apply", "plan.json").returncode == 1
