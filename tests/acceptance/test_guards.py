"""Guards on both practice CRMs: a broken mapping, a reading of few, too few calls, a large plan; and the ways on."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, on_one, rehearsal
from small_world import lead, small_world
from spoiling import set_guards

from crmsync.store import Store
from suite.breadth import broadly

both = pytest.mark.parametrize("crm", CRMS)
COPIES = 4


@pytest.fixture
def written(tmp_path: Path, crm: str) -> Iterator[Rehearsal]:
    """A practice CRM with a small world of some more leads, written once."""
    options = ("--crm", crm, "--import", str(small_world(tmp_path / "world", COPIES)))
    with rehearsal(tmp_path / "own", *options) as crms:
        set_guards(crms, changed_share=1.0, floor=4)
        assert crms.crmsync("run").returncode == 0
        yield crms


def breaches(here: Rehearsal, *arguments: str, code: int = 3) -> list[dict[str, Any]]:
    [plan] = here.json(*arguments, code=code)["plans"]
    return [guard for guard in plan["guards"] if guard["breached"]]


def way_on(breach: dict[str, Any]) -> list[str]:
    """The command that a breach names, ready to be given."""
    command: str = breach["way_on"].rpartition(": crmsync ")[2]
    return shlex.split(command)


@on_one("salesforce")
def test_a_mapping_that_broke_stops_the_run_and_names_the_fact(written: Rehearsal, crm: str) -> None:
    """`need` is known of a few leads; by the broken mapping of none."""
    last = written.last_write(crm)
    mapping = f"mappings/{crm}.yaml"

    def translated_into_nothing(data: Any) -> None:
        fact = data["facts"]["need"]
        data["facts"]["need"] = {"field": fact["field"], "type": fact["type"], "values": {"never": "none"}}

    before = written.file(mapping).read_bytes()
    written.change(mapping, translated_into_nothing)
    for arguments in (("run", crm, "--dry-run"), ("run", crm), ("run", crm)):
        [breach] = breaches(written, *arguments)
        assert (breach["name"], breach["value"]) == ("unknown", 7 * COPIES + 3)
        assert "the fact need is unknown for 100 % of the leads, at the last run 87.1 %" in breach["words"]
        assert len(breach["leads"]) == 3
        assert f"crmsync run {crm} --allow unknown={breach['value']}" in breach["way_on"]
    table = " ".join(written.crmsync("run", crm).stdout.split())
    assert "stopped by a guard, nothing was written" in table
    assert "Guard unknown: the fact need is unknown for 100 %" in table
    assert written.writes(crm, last) == []
    written.file(mapping).write_bytes(before)
    [plan] = written.json("run", crm)["plans"]
    assert plan["changes"] == []


@pytest.mark.breadth
@on_one("hubspot")
def test_a_mapping_that_is_meant_is_let_through(written: Rehearsal, crm: str) -> None:
    def elsewhere(data: Any) -> None:
        fact = data["facts"]["need"]
        data["facts"]["need"] = {"field": fact["field"], "type": fact["type"], "values": {"never": "none"}}

    written.change(f"mappings/{crm}.yaml", elsewhere)
    [breach] = breaches(written, "run", crm)
    assert written.crmsync(*way_on(breach)).returncode == 0
    assert written.crmsync("run", crm, "--full").returncode == 0, "from now on that is the measure"


FEW: dict[str, dict[str, Any]] = {
    "salesforce": {
        "path": r"query/?\?.*FROM(\+|%20)Lead(\+|%20)",
        "body": {"records": [], "done": True, "totalSize": 0},
    },
    "hubspot": {"method": "GET", "path": "^/crm/v3/objects/contacts$", "body": {"results": []}},
}


@pytest.mark.breadth
@both
def test_a_reading_of_strangely_few_stops_the_run(written: Rehearsal, crm: str) -> None:
    set_guards(written, changed_share=1.0, gone_share=1.0, floor=4)
    written.control(crm, "faults", "PUT", [{**FEW[crm], "status": 200}])
    last = written.last_write(crm)
    for _ in range(2):
        told = {breach["name"]: breach for breach in breaches(written, "run", crm, "--full")}
        breach = told["few_leads"]
        assert (breach["value"], breach["limit"]) == (0, (7 * COPIES + 3 + 1) // 2)
        assert f"the last full readings brought {7 * COPIES + 3} at least" in breach["words"]
        assert f"crmsync run {crm} --full --allow few-leads=0" in breach["way_on"]
    written.control(crm, "faults", "DELETE")
    assert written.writes(crm, last) == []
    assert breaches(written, "run", crm, code=0) == []


@pytest.mark.breadth
@both
def test_a_plan_that_needs_more_calls_than_are_left_is_not_begun(written: Rehearsal, crm: str) -> None:
    switch = {"salesforce": "daily_api_requests", "hubspot": "daily"}[crm]
    set_guards(written, changed_share=1.0, calls_share=1.0, floor=4)
    plenty = 1_000_000
    written.control(crm, "switches", "PUT", {switch: plenty})
    written.json("run", crm)

    def used() -> int:
        """Calls of the day, once a dry run has read."""
        written.json("run", crm, "--dry-run")
        with closing(Store(f"sqlite:///{written.file('crmsync.db')}")) as store:
            return plenty - int(store.runs.last(crm)[0].measures["calls_left"])

    before, after = used(), used()
    written.edit(crm, leads=[lead("fresh", owner=None)])
    written.edit(crm, leads=[{"id": "fresh", "last_name": "Changed just now"}])
    most = {"salesforce": after + (after - before) + 2, "hubspot": after}  # a calm portal tells and does not refuse
    written.control(crm, "switches", "PUT", {switch: most[crm]})
    last = written.last_write(crm)
    [breach] = breaches(written, "run", crm)
    assert breach["name"] == "calls"
    assert breach["limit"] < breach["value"]
    assert written.writes(crm, last) == []
    written.control(crm, "switches", "PUT", {switch: 1_000_000})
    assert written.crmsync("run", crm).returncode == 0


@pytest.mark.breadth
@on_one("hubspot")
def test_several_breaches_are_told_at_once_with_one_command(written: Rehearsal, crm: str) -> None:
    limits = {"stage_changes": {"number": 1}, "owner_changes": {"number": 2}, "backward": {"share": 0.0}}
    set_guards(written, changed_share=0.0, floor=2, **limits)
    leads = [{"id": f"new-{number}", "owner": None} for number in range(1, COPIES + 1)]
    stages = {"salesforce": "Sales Qualified", "hubspot": "salesqualifiedlead"}
    leads += [{"id": f"mql-{number}", "stage": stages[crm]} for number in range(1, COPIES + 1)]
    written.change("policy.yaml", lambda data: data.update(movement={"hands_off_days": 0, "backward": "allowed"}))
    written.edit(crm, leads=leads)
    last = written.last_write(crm)
    told = breaches(written, "run", crm)
    assert [breach["name"] for breach in told] == ["changed_share", "stage_changes", "owner_changes", "backward"]
    assert {breach["name"]: breach["value"] for breach in told if breach["name"] != "changed_share"} == {
        "stage_changes": COPIES, "owner_changes": COPIES, "backward": COPIES,
    }  # fmt: skip
    assert {tuple(way_on(breach)) for breach in told} == {
        ("run", crm, "--allow-changes", "8", "--allow", "stage-changes=4", "--allow", "owner-changes=4", "--allow",
         "backward=4"),
    }  # fmt: skip
    head = written.crmsync("run", crm).stdout.split("records read")[0]
    assert all(f"Guard {breach['name']}: " in head for breach in told)
    one_short = [word.replace("backward=4", "backward=3") for word in way_on(told[0])]
    assert [breach["name"] for breach in breaches(written, *one_short)] == ["backward"]
    assert written.writes(crm, last) == []
    assert written.crmsync(*way_on(told[0])).returncode == 0
    assert len(written.writes(crm, last)) >= 2 * COPIES


@pytest.mark.parametrize(
    ("words", "told"),
    broadly(
        [
            (["--allow", "owner-chnges=4"], "there is no guard `owner-chnges` → did you mean `owner-changes`?"),
            (["--allow", "writes-off=1"], "nothing lets a run through the guard writes_off → `writes: on`"),
            (["--allow", "backward"], "names no number → write e.g. `--allow backward=400`"),
            (["--allow", "backward=-1"], "names no number"),
            (["--allow", "backward=1", "--allow", "back_ward=1"], "did you mean `backward`?"),
            (["--allow", "backward=1", "--allow", "backward=2"], "allowed twice"),
            (["--allow-changes", "1", "--allow", "changes=2"], "allowed twice"),
        ],
        core=2,
    ),
)
def test_what_cannot_be_allowed_is_told(here: Rehearsal, words: list[str], told: str) -> None:
    done = here.crmsync("run", "--dry-run", *words)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
