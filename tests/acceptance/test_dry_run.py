"""A dry run writes nothing, and a run writes exactly what the dry run showed: on generated leads, in both CRMs."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import Done
from rehearsal import CRMS, LEAD_OBJECT, OWNER_FIELD, STAGE_FIELDS, crmsync, rehearsal

STAGES = {"lead", "mql", "sal", "sql", "sqo", "disqualified"}
PLAN_KEYS = {"connection", "digest", "guards", "counts", "stages", "changes", "set_aside"}
CHANGE_KEYS = {"lead", "stage", "owner", "writes", "scores", "reasons"}
OUTCOMES = {"written", "unchanged", "conflict", "refused", "did_not_stick"}

NOBODY = "nobody@nowhere.example"

State = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Story:
    """What was asked and answered, in this order. `log`, `calls` and `state` are by CRM."""

    dry: Any
    table: Done
    table_file: str
    again: Any
    typo: Done
    known: Done
    later: Any
    later_day: date
    log_after_dry_runs: dict[str, list[dict[str, Any]]]
    calls_after_dry_runs: dict[str, Counter[str]]
    state_before: dict[str, State]
    days: tuple[date, date]
    real: Any
    log: dict[str, list[dict[str, Any]]]
    state_after: dict[str, State]
    full: Any
    log_at_end: dict[str, list[dict[str, Any]]]

    def plan(self, which: str, crm: str) -> dict[str, Any]:
        """One connection's plan of one answer."""
        plans: list[dict[str, Any]] = getattr(self, which)["plans"]
        return next(plan for plan in plans if plan["connection"] == crm)


def _today() -> date:
    return datetime.now(UTC).date()  # noqa: TID251 - the test compares with the real day


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Dry runs in every manner, then the run, then a full one."""
    directory = tmp_path_factory.mktemp("dry") / "rehearsal"
    with rehearsal(directory, "--leads", "220", "--seed", "5") as crm:
        first_day = _today()
        before = {name: crm.state(name) for name in CRMS}
        dry = crm.json("run", "--dry-run")
        table = crm.crmsync("run", "--dry-run", "--out", "plan.txt")
        again = crm.json("run", "--dry-run")
        one_of_them = min(crm.native("salesforce").values())
        named = ("--lead", one_of_them, "--lead", NOBODY)
        typo = crm.crmsync("run", "--dry-run", "--format", "json", *named)
        known = crm.crmsync("run", "--dry-run", "--format", "json", *named[:2])
        later_day = first_day + timedelta(days=500)
        later = crm.json("run", "--dry-run", "--as-of", later_day.isoformat())
        log_dry = {name: crm.writes(name) for name in CRMS}
        calls_dry = {name: crm.calls(name) for name in CRMS}
        real = crm.json("run")
        log = {name: crm.writes(name) for name in CRMS}
        after = {name: crm.state(name) for name in CRMS}
        full = crm.json("run", "--full")
        yield Story(
            dry=dry,
            table=table,
            table_file=(directory / "plan.txt").read_text(encoding="utf-8"),
            again=again,
            typo=typo,
            known=known,
            later=later,
            later_day=later_day,
            log_after_dry_runs=log_dry,
            calls_after_dry_runs=calls_dry,
            state_before=before,
            days=(first_day, _today()),
            real=real,
            log=log,
            state_after=after,
            full=full,
            log_at_end={name: crm.writes(name) for name in CRMS},
        )


both = pytest.mark.parametrize("crm", CRMS)


@both
def test_a_dry_run_plans_changes_and_writes_nothing(story: Story, crm: str) -> None:
    assert len(story.plan("dry", crm)["changes"]) >= 60
    assert story.log_after_dry_runs[crm] == []
    asked = story.calls_after_dry_runs[crm]
    assert not [
        endpoint for endpoint in asked if re.search(r"PATCH|PUT|DELETE|batch/(update|create|upsert)", endpoint)
    ]


@both
def test_every_stage_and_hand_offs_are_in_the_plan(story: Story, crm: str) -> None:
    plan = story.plan("dry", crm)
    assert set(plan["stages"]) == STAGES
    assert min(plan["stages"].values()) >= 3
    aes = _native_ids(story.state_before[crm], "ae")
    handed = [change for change in plan["changes"] if change["owner"] and change["owner"]["after"] in aes]
    assert len(handed) >= 10
    assert len({change["owner"]["after"] for change in handed}) >= 4
    placed = [change for change in plan["changes"] if change["owner"] and change["owner"]["before"] is None]
    assert placed
    assert {change["owner"]["after"] for change in placed} <= aes | _native_ids(story.state_before[crm], "bdr")
    moves = {change["stage"]["after"] for change in plan["changes"] if change["stage"]}
    assert moves >= STAGES - {"lead"}


@both
def test_a_run_writes_exactly_what_the_dry_run_showed(story: Story, crm: str) -> None:
    planned = {
        change["lead"]: {field: (value["before"], value["after"]) for field, value in change["writes"].items()}
        for change in story.plan("dry", crm)["changes"]
    }
    log = story.log[crm]
    assert {entry["object"] for entry in log} == {LEAD_OBJECT[crm]}
    assert _written(log) == planned
    assert all(entry["status"] in {200, 204, 207} for entry in log)


@both
def test_the_run_tells_the_same_plan_with_outcomes(story: Story, crm: str) -> None:
    dry, real = story.plan("dry", crm), story.plan("real", crm)
    assert real["digest"] == dry["digest"]
    assert [{key: change[key] for key in CHANGE_KEYS} for change in real["changes"]] == [
        {key: change[key] for key in CHANGE_KEYS} for change in dry["changes"]
    ]
    assert {change["outcome"] for change in real["changes"]} == {"written"}
    assert real["stages"] == dry["stages"]
    assert real["set_aside"] == []


@both
def test_nothing_but_stage_and_owner_of_changed_leads_differs_afterwards(story: Story, crm: str) -> None:
    changes = {change["lead"]: change for change in story.plan("dry", crm)["changes"]}
    users = {each["id"]: each["native_id"] for each in story.state_before[crm]["users"]}
    before, after = story.state_before[crm], story.state_after[crm]
    assert after["users"] == before["users"]
    moving = ("stage", "owner", "modified_at", "native")  # `native`: HubSpot's two stage properties
    assert [_without(lead, *moving) for lead in after["leads"]] == [
        _without(lead, *moving) for lead in before["leads"]
    ]
    for old, new in zip(before["leads"], after["leads"], strict=True):
        change = changes.get(new["native_id"])
        assert (old["stage"] != new["stage"]) == bool(change and change["stage"]), new["native_id"]
        if change and change["owner"]:
            assert users[new["owner"]] == change["owner"]["after"]
        else:
            assert new["owner"] == old["owner"]
        if change is None:
            assert new["modified_at"] == old["modified_at"]


@both
def test_a_full_run_reads_everything_again_and_plans_nothing(story: Story, crm: str) -> None:
    first, full = story.plan("dry", crm), story.plan("full", crm)
    assert full["counts"]["read"] == first["counts"]["read"] > 200
    assert full["counts"]["decided"] == full["counts"]["read"]
    assert full["changes"] == []
    assert full["stages"] == first["stages"]
    assert any("full run" in note for note in full["notes"])
    assert story.log_at_end[crm] == story.log[crm]


@both
def test_the_digest_is_the_plans(story: Story, crm: str) -> None:
    digests = {which: story.plan(which, crm)["digest"] for which in ("dry", "again", "later", "full")}
    assert digests["dry"] == digests["again"]
    assert len(set(digests.values())) == 3
    assert all(re.fullmatch(r"[0-9a-f]{16,}", digest) for digest in digests.values())


@both
def test_the_second_dry_run_reads_only_what_changed(story: Story, crm: str) -> None:
    first, again = story.plan("dry", crm), story.plan("again", crm)
    assert again["counts"]["read"] == 0
    assert again["changes"] == first["changes"]
    assert any("first run" in note for note in first["notes"])
    assert not any("first run" in note for note in again["notes"])


@both
def test_as_of_decides_for_another_day(story: Story, crm: str) -> None:
    plan, now = story.plan("later", crm), story.plan("dry", crm)
    assert story.later["as_of"] == story.later_day.isoformat()
    assert plan["stages"]["sqo"] < now["stages"]["sqo"], "old evidence is no evidence"
    assert plan["counts"]["decided"] == now["counts"]["decided"]


@pytest.mark.parametrize("which", ["dry", "real", "full", "later"])
def test_the_json_has_the_shape_of_the_contract(story: Story, which: str) -> None:
    answer = getattr(story, which)
    assert answer["format"] == 1
    assert answer["dry_run"] is (which in {"dry", "later"})
    if which != "later":
        assert story.days[0] <= date.fromisoformat(answer["as_of"]) <= story.days[1]
    assert [plan["connection"] for plan in answer["plans"]] == list(CRMS)
    for plan in answer["plans"]:
        assert plan.keys() >= PLAN_KEYS
        for guard in plan["guards"]:
            assert guard.keys() >= {"name", "value", "limit", "breached"}
            assert guard["breached"] is False
        assert plan["counts"].keys() >= {"read", "decided", "changes", "set_aside", "calls"}
        assert plan["counts"]["changes"] == len(plan["changes"])
        assert plan["counts"]["set_aside"] == len(plan["set_aside"])
        assert plan["counts"]["calls"] > 0
        assert sum(plan["stages"].values()) + plan["counts"]["unmanaged"] == plan["counts"]["decided"]
        leads = [change["lead"] for change in plan["changes"]]
        assert leads == sorted(set(leads))
        for change in plan["changes"]:
            _check_change(change, plan["connection"], carried_out=which in {"real", "full"})


def _check_change(change: dict[str, Any], crm: str, *, carried_out: bool) -> None:
    assert change.keys() >= CHANGE_KEYS
    assert ("outcome" in change) is carried_out
    assert not carried_out or change["outcome"] in OUTCOMES
    stage, owner, writes = change["stage"], change["owner"], change["writes"]
    assert stage or owner
    if stage is not None:
        assert stage.keys() == {"before", "after"}
        assert stage["before"] != stage["after"]
        assert {stage["before"], stage["after"]} <= {*STAGES, None}
        assert set(writes) & set(STAGE_FIELDS[crm])
    if owner is not None:
        assert owner.keys() == {"before", "after"}
        assert owner["before"] != owner["after"]
        assert writes[OWNER_FIELD[crm]] == owner
    assert set(writes) <= {*STAGE_FIELDS[crm], OWNER_FIELD[crm]}
    assert (OWNER_FIELD[crm] in writes) == (owner is not None)
    assert bool(set(writes) & set(STAGE_FIELDS[crm])) == (stage is not None)
    for value in writes.values():
        assert value.keys() == {"before", "after"}
        assert value["before"] != value["after"]
    assert change["scores"].keys() == {"fit", "engagement", "total"}
    for low, high in change["scores"].values():
        assert isinstance(low, int)
        assert isinstance(high, int)
        assert low <= high
    assert change["reasons"]
    assert all(isinstance(reason, str) and reason for reason in change["reasons"])


def test_the_table_is_readable_and_goes_to_the_file_too(story: Story) -> None:
    assert story.table.returncode == 0
    assert story.table.stderr == ""
    assert story.table_file == story.table.stdout
    text = story.table.stdout
    assert "\x1b[" not in text
    assert text.count("plan only, nothing is written") == 2
    for crm in CRMS:
        plan = story.plan("dry", crm)
        assert f"\n{crm} · as of {story.dry['as_of']}" in text
        assert f"{plan['counts']['decided']:,} leads decided · {len(plan['changes']):,} to change" in text
        moves = Counter(
            f"{change['stage']['before'] or '(empty)'} → {change['stage']['after']}"
            for change in plan["changes"]
            if change["stage"]
        )
        for move, count in moves.items():
            assert re.search(rf"{re.escape(move)} +{count}\b", text), move
        hidden = len(plan["changes"]) - 20
        assert f"and {hidden} more leads" in text
    names = {each["name"] for each in story.state_before["salesforce"]["users"]}
    assert any(f"→ {name}" in text for name in names)


def test_a_lead_of_one_connection_is_no_slip_and_one_of_none_is(story: Story) -> None:
    assert story.known.returncode == 0
    answer = json.loads(story.typo.stdout)
    assert [plan["counts"]["decided"] for plan in answer["plans"]] == [1, 0], "the lead that is known was looked at"
    told = [(error["connection"], error["exit_code"], error["message"]) for error in answer["errors"]]
    words = f"not among the stored leads of {{}}: {NOBODY} (as an e-mail)"
    assert told == [(crm, 2, words.format(crm)) for crm in CRMS]
    assert story.typo.returncode == 2


def test_as_of_goes_with_dry_runs_only(tmp_path: Path) -> None:
    done = crmsync("run", "--as-of", "2026-11-21", cwd=tmp_path)
    assert done.returncode == 2
    assert "--as-of" in done.stderr
    assert "--dry-run" in done.stderr
    assert done.stdout == ""
    done = crmsync("run", "--dry-run", "--as-of", "21.11.2026", cwd=tmp_path)
    assert done.returncode == 2
    assert "2026-11-21" in done.stderr


@both
def test_nothing_went_wrong(story: Story, crm: str) -> None:
    assert story.real["errors"] == []
    assert [change for change in story.plan("real", crm)["changes"] if "message" in change] == []


def _native_ids(state: State, role: str) -> set[str]:
    return {each["native_id"] for each in state["users"] if role in each["roles"] and each["active"]}


def _without(record: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in keys}


def _written(log: list[dict[str, Any]]) -> dict[str, dict[str, tuple[Any, Any]]]:
    """Lead → field → (value before the first write of it, value after the last)."""
    written: dict[str, dict[str, tuple[Any, Any]]] = {}
    for entry in log:
        fields = written.setdefault(entry["id"], {})
        assert entry["before"].keys() == entry["after"].keys()
        for field, after in entry["after"].items():
            fields[field] = (fields.get(field, (entry["before"][field],))[0], after)
    return written
