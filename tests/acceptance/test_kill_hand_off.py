"""The hand-off process killed at any point: after one more run the CRM and the store are as after one calm run.

The situation holds everything that a run does in the process: new hand-offs, one that comes back to its BDR, one
that is passed on, one whose answer was taken back, a reminder, a receiver who was not in touch, a receiver who has
left. The method is that of `test_kill`; a second command, `redistribute`, is killed from the same situation.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from rehearsal import Rehearsal, rehearsal, write_world
from small_world import TODAY, activity, lead
from test_hand_off import MAPPED, answer
from test_kill import (
    SEED,
    End,
    bombed,
    differences,
    drawn,
    end_of,
    further_plan,
    thawed,
    written_twice,
    zone_at_midday,
)

from crmsync.clock import now
from crmsync.store import Store

POINTS, CREATE_POINTS, LEAVING_POINTS = 4, 2, 1
CRMS = ("salesforce", "hubspot")
CREATES = {
    "salesforce": {"method": "POST", "path": "/composite/sobjects$"},
    "hubspot": {"method": "POST", "path": "/objects/tasks/batch/create$"},
}
HAND_OFF = {
    "stage": "sql",
    "task": {"subject": "Call the buyer"},
    "returned": {"to": "bdr", "at_most": 3},
    "first_touch": {"within_hours": 1, "remind_after_hours": 1, "reassign_after_hours": 4},
}
PEOPLE = {"ae": 5, "bdr": 2}
HANDED = ("back", "back too", "on", "on too", "again", "late", "too late", "left", "touched", "accepted")
"""Leads that a first run hands off, named after what becomes of them in the run that is killed."""


@dataclass(frozen=True)
class ProcessEnd:
    """`hand_offs`: without ids and times, but with which times are there. `tasks`: of each lead, with owners."""

    end: End
    hand_offs: Mapping[str, Sequence[tuple[Any, ...]]]
    tasks: Mapping[str, Sequence[tuple[str, str | None]]]


@dataclass(frozen=True)
class Situation:
    """Frozen files, and what a calm command does from there."""

    crm: str
    directory: Path
    zone: str
    command: tuple[str, ...]
    end: ProcessEnd
    steps: Sequence[str]


def world(directory: Path, zone: str) -> Path:
    """Everybody lives in `zone`: no day ends for anybody while the test runs."""
    users = [
        {"id": f"{role}-{n}", "email": f"{role}-{n}@s.example", "name": f"{role} {n}", "roles": [role]}
        for role, count in PEOPLE.items()
        for n in range(1, count + 1)
    ]
    users = [{**user, "type": "person", "timezone": zone} for user in users]
    names = [name.replace(" ", "-") for name in HANDED]
    leads = [lead(name, owner="bdr-2" if name.startswith("on") else "bdr-1") for name in names]
    leads += [lead(f"new-{n}") for n in range(4)]
    return write_world(directory, users, leads, [activity(name, "consultation_request", TODAY) for name in names])


def frozen(crm: str, where: Path) -> tuple[Path, str]:
    """The files as they are when people have worked with their leads for some hours."""
    zone, place = zone_at_midday(), where / "frozen"
    place.mkdir()
    options = ["--crm", crm, "--timezone", zone, "--db", str(place / "crm.db")]
    with rehearsal(place / "config", *options, "--import", str(world(where / "world", zone))) as here:
        here.change(f"mappings/{crm}.yaml", lambda mapping: mapping.update(hand_off=MAPPED[crm]))
        here.change("policy.yaml", lambda policy: policy.update(hand_off=HAND_OFF, movement={"hands_off_days": 14}))
        assert len(here.json("run", crm)["plans"][0]["changes"]) == len(HANDED)
        answer(here, crm, "again", "returned")
        here.json("run", crm)
        answer(here, crm, "again", None, by="bdr-1")
        for name in ("back", "back-too", "on", "on-too"):
            answer(here, crm, name, "returned", hand_off_return_reason=f"{name}: wrong region")
        answer(here, crm, "accepted", "accepted")
        owner = here.lead(crm, "touched")["owner"]
        at = now().isoformat()
        call = activity("touched", "call", at, by=owner, direction="outbound", outcome="connected")
        news = [activity(f"new-{n}", "consultation_request", at) for n in range(4)]
        here.edit(crm, activities=[call, *news])
        owners = {each["id"]: each["owner"] for each in here.state(crm)["leads"]}
        leaver = next(owners[name] for name in ("left",))
        here.edit(crm, users=[{"id": "bdr-2", "active": False}, {"id": leaver, "active": False}])
        native = here.native(crm)
    hours = dict.fromkeys(("late", "touched"), 2) | {"too-late": 6}
    with closing(sqlite3.connect(place / "config" / "crmsync.db")) as store, store:
        for name, ago in hours.items():
            microseconds = timedelta(hours=ago) // timedelta(microseconds=1)
            moved = "UPDATE hand_offs SET handed_at = handed_at - ? WHERE lead = ?"
            assert store.execute(moved, (microseconds, native[name])).rowcount == 1
    return place, zone


def process_end(here: Rehearsal, crm: str) -> ProcessEnd:
    state = here.state(crm)
    names = {each["native_id"]: each["id"] for each in state["leads"]}
    found: dict[str, list[tuple[Any, ...]]] = {}
    with closing(Store(here.directory / "crmsync.db")) as store:
        for row in store.hand_offs.read(crm):
            times = [row.touched_at, row.accepted_at, row.reminded_at, row.returned_at, row.ended_at]
            there = tuple(time is not None for time in times)
            plain = (row.attempt, row.bdr, row.receiver, row.pool, row.reason, row.ended_by, *there)
            found.setdefault(names[row.lead], []).append(plain)
        leads = store.facts.lead_count(crm)
        acts = [
            kind
            for batch in store.facts.gather(crm, now().date() + timedelta(days=2), everything=True, fact_types={})
            for kind in batch.activities["kind"]
        ]
    assert leads == len(names)
    assert "task" not in acts, "a task of crmsync's own counts as evidence"
    tasks: dict[str, list[tuple[str, str | None]]] = {}
    for each in state["activities"]:
        if each["kind"] == "task":
            tasks.setdefault(each["lead"], []).append((each["subject"], each["by"]))
    return ProcessEnd(end_of(here, crm), found, {name: sorted(them) for name, them in tasks.items()})


def calm(crm: str, directory: Path, zone: str, where: Path, *command: str) -> Situation:
    """The command that nobody disturbs, counted."""
    with thawed(directory, crm, zone, where / f"calm-{command[0]}") as here:
        code, steps, complaints = bombed(here, crm, 0, *command)
        assert code == 0, complaints
        end = process_end(here, crm)
        settled = further(here, crm, command)
        assert not settled, settled
        again = process_end(here, crm)
        assert replace(again, end=end.end) == end
    return Situation(crm, directory, zone, command, end, steps)


def further(here: Rehearsal, crm: str, command: Sequence[str]) -> list[str]:
    """What the same command would still do. A plan must be empty; one task for each hand-off and reminder."""
    if command[0] == "run":
        plan = further_plan(here, crm)
        return [f"a further run plans {plan.changes}"] if plan.changes else []
    plans = here.json(*command, "--dry-run")["plans"]
    return [f"called again it plans {change}" for plan in plans for change in plan["changes"]]


def wrong_after(here: Rehearsal, situation: Situation) -> list[str]:
    """Call the command again; what is not as after the calm one."""
    again = here.crmsync(*situation.command, "--format", "json")
    if again.returncode != 0:
        return [f"the call after the crash ended with {again.returncode}: {again.stderr}{again.stdout[-1500:]}"]
    return unlike(here, situation) + further(here, situation.crm, situation.command)


def unlike(here: Rehearsal, situation: Situation) -> list[str]:
    try:
        after = process_end(here, situation.crm)
    except AssertionError as wrong:
        return [str(wrong)]
    found = differences(situation.end.end, after.end)
    for what in ("hand_offs", "tasks"):
        calm_one, this = getattr(situation.end, what), getattr(after, what)
        found += [
            f"{what} of {name}: {this.get(name)} instead of {calm_one.get(name)}"
            for name in sorted({*calm_one, *this})
            if calm_one.get(name) != this.get(name)
        ]
    for name, rows in after.hand_offs.items():
        made = Counter(subject for subject, _ in after.tasks.get(name, ()))
        wanted = Counter(f"Call the buyer (hand-off {row[0]})" for row in rows)
        wanted += Counter(f"Reminder: Call the buyer (hand-off {row[0]})" for row in rows if row[8])
        if made != wanted:
            found.append(f"tasks of {name}: {dict(made)} instead of {dict(wanted)}")
    return found + [f"written twice: {each}" for each in written_twice(here.writes(situation.crm))]


def points_of(situation: Situation, points: int, creates: int) -> list[int]:
    """Drawn over all steps, the first and the last among them, and some more around the making of tasks."""
    random = Random(f"{SEED} {situation.crm} {situation.command[0]}")
    around = [index for index, step in enumerate(situation.steps, 1) if " create: " in step]
    assert len(around) >= creates, "no task was made"
    lowest = drawn(len(situation.steps), points, random) if points > 2 else []
    intended = situation.steps.index("after journal.intend") + 1  # all is planned and counted, nothing is written
    return sorted({*lowest, intended, *random.sample(around, creates)})


def killed(situation: Situation, where: Path, points: Sequence[int]) -> dict[str, list[str]]:
    """What is wrong after a kill, by point."""
    wrong: dict[str, list[str]] = {}
    for point in points:
        with thawed(situation.directory, situation.crm, situation.zone, where) as here:
            code, steps, complaints = bombed(here, situation.crm, point, *situation.command)
            told = f"{situation.command[0]} killed at {point} of {len(situation.steps)}, {situation.steps[point - 1]}"
            assert code == -9, f"{told}: exit {code} {complaints}"
            assert steps == list(situation.steps[:point]), f"{told}: other steps than in the calm run"
            if found := wrong_after(here, situation):
                wrong[told] = found
        shutil.rmtree(where)
    print(f"{situation.crm}, {situation.command[0]}: killed at {[situation.steps[point - 1] for point in points]}")
    return wrong


def answer_lost(situation: Situation, where: Path, fault: Mapping[str, Any]) -> dict[str, list[str]]:
    """The CRM does as it is told, its answer is lost, and the process dies soon after."""
    crm, told = situation.crm, f"answer lost: {fault['path']}"
    asks, path = "before create: POST", str(fault["path"]).removesuffix("$")
    steps = enumerate(situation.steps, 1)
    sent = next(index for index, step in steps if step.startswith(asks) and step.endswith(path))
    with thawed(situation.directory, crm, situation.zone, where) as here:
        here.control(crm, "faults", "PUT", [{**fault, "drop": "after", "times": 1}])
        code, _, complaints = bombed(here, crm, sent + 2, *situation.command)
        assert code == -9, f"{told}: exit {code} {complaints}"
        assert here.control(crm, "faults")[0]["fired"] == 1, f"{told}: no answer was lost"
        here.control(crm, "faults", "DELETE")
        found = wrong_after(here, situation)
    shutil.rmtree(where)
    return {told: found} if found else {}


def two_at_once(situation: Situation, where: Path) -> dict[str, list[str]]:
    """One works, the other is told so, or finds everything done."""
    with thawed(situation.directory, situation.crm, situation.zone, where) as here:
        with here.start(*situation.command) as one, here.start(*situation.command) as other:
            codes = sorted((one.wait(120), other.wait(120)))
            told = one.stderr + other.stderr
        assert codes in ([0, 1], [0, 0]), told
        assert codes == [0, 0] or "another run" in told.lower()
        found = unlike(here, situation)
    shutil.rmtree(where)
    return {"two at once": found} if found else {}


@pytest.mark.parametrize("crm", CRMS)
def test_a_hand_off_process_killed_anywhere_ends_as_the_calm_one(tmp_path: Path, crm: str) -> None:
    directory, zone = frozen(crm, tmp_path)
    situation = calm(crm, directory, zone, tmp_path, "run", crm)
    moves = Counter(row[5] for rows in situation.end.hand_offs.values() for row in rows)
    assert moves.keys() >= {"again", "returned", "reassigned", None}, moves
    assert sum(row[8] for rows in situation.end.hand_offs.values() for row in rows) == 1, "one is reminded"
    assert [row[9] for row in situation.end.hand_offs["back"]] == [True], "one waits with its BDR"
    where = tmp_path / "points"
    wrong = killed(situation, where, points_of(situation, POINTS, CREATE_POINTS))
    wrong |= answer_lost(situation, where, CREATES[crm])
    wrong |= two_at_once(situation, where)
    left = situation.end.end.leads["touched"][2]
    leaving = calm(crm, directory, zone, tmp_path, "redistribute", crm, "--from", f"{left}@s.example")
    assert sum(rows[-1][5] is None and len(rows) > 1 for rows in leaving.end.hand_offs.values()) >= 2
    wrong |= killed(leaving, where, points_of(leaving, 0, LEAVING_POINTS))
    assert not wrong, "\n".join(f"{told}:\n  " + "\n  ".join(found) for told, found in wrong.items())
