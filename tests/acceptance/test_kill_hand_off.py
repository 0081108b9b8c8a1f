"""The hand-off process killed at any point: after one more run the CRM and the store are as after one calm run.

The situation holds everything that a run does in the process: new hand-offs, one that comes back to its BDR, one
that is passed on, one whose answer was taken back, a reminder, a receiver who was not in touch, a receiver who has
left. The method is that of `test_kill`; a second command, `redistribute`, is killed from the same situation on
HubSpot, as `test_kill` does on Salesforce.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from killing import (
    CRMS,
    SEED,
    End,
    Situation,
    Wrong,
    bombed,
    calm,
    drawn,
    in_words,
    killed,
    thawed,
    unlike,
    wrong_after,
    zone_at_midday,
)
from rehearsal import rehearsal, write_world
from small_world import TODAY, activity, lead
from test_hand_off import MAPPED, answer

from crmsync.clock import now

POINTS, CREATE_POINTS, LEAVING_POINTS = 3, 1, 1
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


def other_tasks(end: End) -> list[str]:
    """Leads that have other tasks than one for each hand-off and each reminder; by `End.hand_offs`' eighth."""
    found = []
    for name, rows in end.hand_offs.items():
        made = Counter(subject for subject, *_ in end.tasks.get(name, ()))
        wanted = Counter(f"Call the buyer (hand-off {row[0]})" for row in rows)
        wanted += Counter(f"Reminder: Call the buyer (hand-off {row[0]})" for row in rows if row[8])
        if made != wanted:
            found.append(f"tasks of {name}: {dict(made)} instead of {dict(wanted)}")
    return found


def points_of(situation: Situation, points: int, creates: int) -> list[int]:
    """Drawn over all steps, the first and the last among them, and some more around the making of tasks."""
    random = Random(f"{SEED} {situation.crm} {situation.command[0]}")
    around = [index for index, step in enumerate(situation.steps, 1) if " create: " in step]
    assert len(around) >= creates, "no task was made"
    lowest = drawn(len(situation.steps), points, random) if points > 2 else []
    intended = situation.steps.index("after journal.intend") + 1  # all is planned and counted, nothing is written
    return sorted({*lowest, intended, *random.sample(around, creates)})


def answer_lost(situation: Situation, where: Path, fault: Mapping[str, Any]) -> Wrong:
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


def two_at_once(situation: Situation, where: Path) -> Wrong:
    """One works, the other is told so, or finds everything done."""
    with thawed(situation.directory, situation.crm, situation.zone, where) as here:
        with here.start(*situation.command) as one, here.start(*situation.command) as other:
            codes = sorted((one.wait(), other.wait()))
            told = one.stderr + other.stderr
        assert codes in ([0, 1], [0, 0]), told
        assert codes == [0, 0] or "another run" in told.lower()
        found = unlike(here, situation)
    shutil.rmtree(where)
    return {"two at once": found} if found else {}


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_a_hand_off_process_killed_anywhere_ends_as_the_calm_one(tmp_path: Path, crm: str) -> None:
    directory, zone = frozen(crm, tmp_path)
    situation = calm("run", crm, directory, zone, tmp_path, ("run", crm))
    assert other_tasks(situation.end) == []
    assert situation.end.known["task"] == 0, "a task of crmsync's own counts as evidence"
    moves = Counter(row[5] for rows in situation.end.hand_offs.values() for row in rows)
    assert moves.keys() >= {"again", "returned", "reassigned", None}, moves
    assert sum(row[8] for rows in situation.end.hand_offs.values() for row in rows) == 1, "one is reminded"
    assert [row[9] for row in situation.end.hand_offs["back"]] == [True], "one waits with its BDR"
    where = tmp_path / "points"
    wrong = killed(situation, where, points_of(situation, POINTS, CREATE_POINTS))
    wrong |= answer_lost(situation, where, CREATES[crm])
    wrong |= two_at_once(situation, where)
    if crm == "hubspot":
        wrong |= killed_while_leaving(situation, where)
    assert not wrong, in_words(wrong)


def killed_while_leaving(situation: Situation, where: Path) -> Wrong:
    """From the same files: the leads of somebody who has just been in touch go to others."""
    crm, left = situation.crm, situation.end.leads["touched"][2]
    command = ("redistribute", crm, "--from", f"{left}@s.example")
    leaving = calm("redistribute", crm, situation.directory, situation.zone, where.parent, command, settles=False)
    assert other_tasks(leaving.end) == []
    assert sum(rows[-1][5] is None and len(rows) > 1 for rows in leaving.end.hand_offs.values()) >= 2
    return killed(leaving, where, points_of(leaving, 0, LEAVING_POINTS))
