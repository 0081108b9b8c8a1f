"""Two real processes at once on both practice CRMs: one writes, the other is refused in words or finds all done."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, LEAD_OBJECT, OWNER_FIELD, STAGE_FIELDS, WRITE, Rehearsal, rehearsal
from small_world import activity, small_world

from crmsync.clock import now
from crmsync.store import Store
from suite.breadth import broadly
from suite.waiting import wait_until
from suite.warm import WarmProcess

APPLY = ("apply", "plan.json")
RUN = ("run",)
LEAVER = "aurelia.kvernberg@seller.example"
LEAVING = ("redistribute", "--from", LEAVER)
A_MOMENT, FOR_GOOD = 0.5, 300.0
"""Seconds for which the first write waits: for two commands to meet, and until the test lets it go on."""


@pytest.fixture(params=CRMS)
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def here(tmp_path: Path, crm: str) -> Iterator[Rehearsal]:
    imported = small_world(tmp_path / "world", copies=2)
    with rehearsal(tmp_path / "here", "--import", str(imported), "--crm", crm) as made:
        yield made


def slowly(here: Rehearsal, crm: str, seconds: float) -> None:
    """The first call that writes takes a while."""
    rule = {"path": WRITE[crm], "delay_seconds": seconds, "times": 1}
    here.control(crm, "faults", "PUT", [rule])


@contextmanager
def writing(here: Rehearsal, crm: str, *command: str) -> Iterator[WarmProcess]:
    """The command at work, which waits in its first write until this ends, however slow this machine is."""
    slowly(here, crm, FOR_GOOD)
    with here.start(*command) as process:
        wait_until(lambda: here.control(crm, "faults")[0]["fired"], what="the write")
        yield process
        here.control(crm, "faults", "DELETE")
        assert process.wait() == 0, process.stderr


def ended(here: Rehearsal, *command: str) -> tuple[int, bool]:
    """Exit code of a process, and whether it said that another run is in progress."""
    with here.start(*command) as process:
        code = process.wait()
        assert "Traceback" not in process.stderr
        return code, "another run works on" in process.stderr


def times_written(here: Rehearsal, crm: str, after: int = 0) -> Counter[tuple[str, str]]:
    """(lead, stage or owner) → how often it got a value."""
    ours = {OWNER_FIELD[crm], *STAGE_FIELDS[crm]}
    return Counter(
        (str(each["id"]), field)
        for each in here.writes(crm, after)
        if each["object"] == LEAD_OBJECT[crm]
        for field, value in (each["after"] or {}).items()
        if field in ours and value and value != (each["before"] or {}).get(field)
    )


def wanted(plan: dict[str, Any], crm: str) -> set[tuple[str, str]]:
    """What a plan writes into stage and owner."""
    ours = {OWNER_FIELD[crm], *STAGE_FIELDS[crm]}
    return {
        (change["lead"], field)
        for change in plan["changes"]
        for field, pair in change["writes"].items()
        if field in ours and pair["after"]
    }


def journal_holds_the_turns(here: Rehearsal, crm: str) -> dict[tuple[str, str], int]:
    """The rotation's counters, each of which is the number of turns that the journal holds."""
    with closing(Store(here.store)) as store:
        counted = {key: it.count for key, it in store.journal.turns(crm).items() if it.count}
        assert not store.journal.pending(crm)
        assert counted == dict(Counter(entry.turn for entry in store.journal.entries(crm) if entry.turn))
    return counted


def turns_are_whole(here: Rehearsal, crm: str, plan: dict[str, Any]) -> None:
    """Every turn of the plan is counted, once."""
    changes = [change for change in plan["changes"] if change["turn"] is not None]
    taken = Counter((change["turn"], change["owner"]["after"]) for change in changes)
    assert journal_holds_the_turns(here, crm) == dict(taken)


@pytest.mark.parametrize(("one", "other"), broadly([(APPLY, APPLY), (RUN, APPLY), (APPLY, RUN)]), ids="-".join)
def test_each_change_is_written_once(here: Rehearsal, crm: str, one: tuple[str, ...], other: tuple[str, ...]) -> None:
    [plan] = here.json("run", "--dry-run", "--out", "plan.json")["plans"]
    slowly(here, crm, A_MOMENT)
    with here.start(*one) as first, here.start(*other) as second:
        codes = sorted((first.wait(), second.wait()))
        told = first.stderr + second.stderr + first.stdout + second.stdout
    assert codes in ([0, 0], [0, 1]), told
    assert codes == [0, 0] or f"another run works on {crm}" in told, told
    assert "Traceback" not in told
    written = times_written(here, crm)
    assert set(written) == wanted(plan, crm)
    assert set(written.values()) == {1}
    turns_are_whole(here, crm, plan)
    [further] = here.json("run", "--full")["plans"]
    assert further["changes"] == []
    [again] = here.json(*APPLY)["plans"]
    assert {change["outcome"] for change in again["changes"]} == {"unchanged"}
    assert times_written(here, crm) == written


@pytest.mark.breadth
@pytest.mark.parametrize(("one", "other"), [(LEAVING, RUN), (RUN, LEAVING)], ids=lambda it: it[0])
def test_redistributing_beside_a_run(here: Rehearsal, crm: str, one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """In whichever order: the other is refused, and each writes exactly what it tells."""
    one, other = ((command[0], crm, *command[1:]) for command in (one, other))
    here.json(*RUN)
    at = now().isoformat()
    here.edit(crm, activities=[activity(name, "demo_request", at) for name in ("lead-1", "lead-2")])
    last = here.last_write(crm)
    with writing(here, crm, *one, "--format", "json") as first:
        late = ended(here, *other)
    assert late == (1, True)
    plans = [json.loads(first.stdout)["plans"][0], here.json(*other)["plans"][0]]
    assert all(plan["changes"] for plan in plans)
    assert {change["outcome"] for plan in plans for change in plan["changes"]} == {"written"}
    told = Counter(field for plan in plans for field in wanted(plan, crm))
    assert times_written(here, crm, last) == told
    journal_holds_the_turns(here, crm)


@pytest.mark.breadth
def test_holding_and_forgetting_wait_for_the_end_of_a_run_that_writes(here: Rehearsal, crm: str) -> None:
    [plan] = here.json("run", "--dry-run")["plans"]
    lead = plan["changes"][0]["lead"]
    hold = ("hold", lead, "--until", "2999-12-31", "--why", "legal looks at it")
    with writing(here, crm, *RUN):
        asked = [ended(here, *hold), ended(here, "forget", crm, lead)]
    assert asked == [(1, True)] * 2
    assert here.json("holds")["holds"] == []
    written = times_written(here, crm)
    assert set(written) == wanted(plan, crm)
    turns_are_whole(here, crm, plan)
    here.json(*hold)
    here.json("forget", crm, lead)
    assert times_written(here, crm) == written
    turns_are_whole(here, crm, plan)
