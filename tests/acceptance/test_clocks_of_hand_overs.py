"""Where a timeout sends a lead, and clocks by name, on both practice CRMs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal
from small_world import small_world
from test_hand_off import MAPPED, answer, let_pass, owners, plans, process, tasks, touch

from crmsync.store import Store
from crmsync.store.tables import hand_offs

QUEUE = {"queue": "Unassigned Queue"}
NOTHING: dict[str, Any] = {crm: {} for crm in CRMS}
SOON = 24


@pytest.fixture
def crms(tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path / "here", "--import", str(small_world(tmp_path / "world"))) as here:
        for crm in CRMS:
            here.change(f"mappings/{crm}.yaml", lambda mapping, crm=crm: mapping.update(hand_off=MAPPED[crm]))
        yield here


def timeout(here: Rehearsal, to: Any, **more: Any) -> None:
    process(here, first_touch={"within_hours": 1, "reassign_after_hours": SOON, "reassign_to": to}, **more)


def hand_off_report(here: Rehearsal, *arguments: str) -> dict[str, Any]:
    told = here.json("report", "hand-offs", *arguments)["connections"]
    return {each["connection"]: each for each in told}


def in_queue(here: Rehearsal) -> None:
    """`sql-1` and `sqo-1` were handed off, nobody was in touch, and a run has looked."""
    timeout(here, QUEUE, task={"subject": "Call the buyer"})
    plans(here)
    let_pass(here, SOON)
    shown, done = plans(here, "--dry-run"), plans(here)
    for crm in CRMS:
        assert set(shown[crm]) == set(done[crm]) == {"sql-1", "sqo-1"}
        for change in done[crm].values():
            assert (change["outcome"], change["hand_off"]["move"], change["hand_off"]["attempt"]) == (
                "written",
                "queued",
                1,
            )
            assert "no contact within 24 working hours: to queue" in " ".join(change["reasons"])
            assert change["routing"]["pool"] is None, "nobody's turn is taken"
            assert not change["creates"], "a queue gets no task"


@pytest.mark.breadth
def test_a_timeout_sends_a_lead_to_a_queue_where_it_stays(crms: Rehearsal) -> None:
    in_queue(crms)
    for crm in CRMS:
        assert {owners(crms, crm)[name] for name in ("sql-1", "sqo-1")} == {"queue-1"}
    assert plans(crms) == plans(crms, "--full", "--dry-run") == NOTHING
    let_pass(crms, 50 * SOON)
    assert plans(crms, "--full") == NOTHING, "time alone does not move it again"
    for crm, report in hand_off_report(crms).items():
        assert report["queued"] == 2
        assert {each["state"] for each in report["hand_offs"]} == {"queued"}
        assert {each["queue"] for each in report["hand_offs"]} == {crms.native(crm, "users")["queue-1"]}
        explained = crms.crmsync("explain", crm, crms.native(crm)["sql-1"]).stdout
        assert "sent to a queue, the time was over" in explained
    for each in crms.json("status", code=(0, 1))["connections"]:
        assert (each["hand_offs"]["waiting"], each["hand_offs"]["late"]) == (0, 0), "the one who was late lost it"


@pytest.mark.breadth
def test_whoever_takes_it_from_the_queue_keeps_it(crms: Rehearsal) -> None:
    in_queue(crms)
    for crm in CRMS:
        crms.edit(crm, by="ae-1", leads=[{"id": "sql-1", "owner": "ae-1"}])
    assert plans(crms) == NOTHING
    let_pass(crms, 10 * SOON)
    assert plans(crms, "--full") == NOTHING, "whoever took it has no clock"
    for report in hand_off_report(crms).values():
        assert sorted(each["state"] for each in report["hand_offs"]) == ["queued", "taken_over"]


@pytest.mark.breadth
def test_it_leaves_the_queue_when_it_is_switched_off_or_undone(crms: Rehearsal) -> None:
    in_queue(crms)
    crms.change("policy.yaml", lambda policy: policy.setdefault("movement", {}).update(hands_off_days=0))
    runs = crms.json("runs")["runs"]
    for crm in CRMS:
        newest = max(each["id"] for each in runs if each["connection"] == crm)
        crms.json("undo", str(newest))
        assert {owners(crms, crm)[name] for name in ("sql-1", "sqo-1")} == {"ae-1", "ae-2"}
    for report in hand_off_report(crms).values():
        assert {each["state"] for each in report["hand_offs"]} == {"waiting"}


@pytest.mark.breadth
def test_a_timeout_gives_a_lead_to_a_pool(crms: Rehearsal) -> None:
    """By turns, with a task, and not to the one who let it lie."""
    crms.change("roster.yaml", lambda roster: roster.update(pools={"managers": {"role": ["ae"]}}))
    timeout(crms, {"pool": "managers"}, task={"subject": "Call the buyer"})
    plans(crms)
    first = {crm: owners(crms, crm) for crm in CRMS}
    let_pass(crms, SOON)
    moved = plans(crms)
    for crm in CRMS:
        assert set(moved[crm]) == {"sql-1", "sqo-1"}
        for name, change in moved[crm].items():
            assert (change["hand_off"]["move"], change["hand_off"]["attempt"]) == ("reassigned", 2)
            assert change["routing"]["pool"] == "managers"
            assert owners(crms, crm)[name] in {"ae-1", "ae-2"} - {first[crm][name]}
            assert len(tasks(crms, crm, name)) == 2
    assert plans(crms, "--full") == NOTHING


@pytest.mark.breadth
def test_a_lead_that_is_not_accepted_in_time_goes_to_a_queue_though_it_was_touched(crms: Rehearsal) -> None:
    clock = {"name": "answer", "until": "accepted", "within_hours": SOON, "reassign_to": QUEUE}
    process(crms, clocks=[clock])
    plans(crms)
    for crm in CRMS:
        owner = owners(crms, crm)
        crms.edit(crm, activities=[touch("sql-1", owner["sql-1"]), touch("sqo-1", owner["sqo-1"])])
        answer(crms, crm, "sqo-1", "accepted")
    assert plans(crms) == NOTHING
    let_pass(crms, SOON)
    moved = plans(crms)
    for crm in CRMS:
        assert set(moved[crm]) == {"sql-1"}
        assert "the time of the clock answer is over: to queue" in " ".join(moved[crm]["sql-1"]["reasons"])
    for report in hand_off_report(crms).values():
        [told] = report["clocks"]
        assert (told["name"], told["in_time"], told["late"]) == ("answer", 0, 2), "both clocks were turned back"


@pytest.mark.breadth
def test_each_clock_has_its_own_start_its_own_hours_and_its_own_line(crms: Rehearsal) -> None:
    """One since the lead was made weeks ago, one since its stage of today; in Tokyo, where nothing else is said."""
    clocks = [
        {"name": "since_made", "starts": "created", "within_days": 2},
        {"name": "since_stage", "starts": "stage", "within_hours": 30, "zone": "lead", "label": "Since the stage"},
        {"name": "since_given", "within_hours": 1000, "zone": "lead"},
    ]
    process(crms, clocks=clocks)
    here = {"hours": {"mon-sun": "00:00-24:00"}, "zones": {"Nippon": "Asia/Tokyo"}}
    crms.change("roster.yaml", lambda roster: roster.update(lead_hours={**here, "otherwise": "America/Denver"}))
    plans(crms)
    for report in hand_off_report(crms).values():
        lines = {each["name"]: each for each in report["clocks"]}
        assert [each["late"] for each in lines.values()] == [2, 0, 0]
        assert [each["running"] for each in lines.values()] == [0, 2, 2]
        assert lines["since_made"]["within_days"] == 2
        for one in report["hand_offs"]:
            made, staged, given = one["clocks"]
            assert made["started_at"] < one["handed_at"] == staged["started_at"] == given["started_at"]
            assert (made["standing"], staged["zone"]) == ("late", "America/Denver")
            assert not one["late"], "without `first_touch` that says nothing"
    late = hand_off_report(crms, "--late")
    assert {crm: len(each["hand_offs"]) for crm, each in late.items()} == dict.fromkeys(CRMS, 2)
    table = crms.crmsync("report", "hand-offs").stdout
    assert "Since the stage" in table
    assert "since made: late" in " ".join(table.split())
    for each in crms.json("status", code=1)["connections"]:
        assert each["hand_offs"]["late"] == 2
        assert any(need["kind"] == "hand_off_late" for need in each["needs"])
    with closing(Store(crms.store)) as store, store._database.writing() as at:
        at.execute(hand_offs.update().values(created_at=None))
    for report in hand_off_report(crms).values():
        assert report["clocks"][0]["unknown"] == 2, "who knows no start is not late"
        assert report["clocks"][0]["late"] == 0


@pytest.mark.breadth
def test_what_cannot_be_is_told_with_its_place(crms: Rehearsal) -> None:
    crms.change("roster.yaml", lambda roster: roster.update(pools={"bdrs_too": {"role": ["bdr"]}}))
    for to, words in (
        ({"queue": "Unasigned Queue"}, "salesforce has no active queue `Unasigned Queue`"),
        ({"pool": "manager"}, "the roster has no pool `manager`"),
        ({"pool": "bdrs_too"}, "2 of the pool `bdrs_too` may not own leads of `hand_off`"),
    ):
        timeout(crms, to)
        found = crms.json("check", code=2)["findings"]
        [finding] = [each for each in found if each["message"] == words]
        assert finding["file"] == "policy.yaml"
        assert finding["line"] > 1
