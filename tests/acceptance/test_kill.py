"""Killed at any point, then called again: the CRM ends as after one calm command, rotation counters included.

`killing` tells how, `kill_situations` from where. Here some points for each command, most of them while it writes.
What follows a first run is killed on one CRM: redistribution where a push is one call, a later run and a saved plan
where it may be two (HubSpot). `test_kill_hand_off` and `test_kill_undo` kill later commands on both; `make kill`
takes 200 points of all commands on both, all over the sequence of steps.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest
from kill_situations import situations
from kill_world import POLICY
from killing import SEED, Situation, Wrong, bombed, in_words, killed, points_while_writing, thawed, wrong_after
from rehearsal import rehearsal, write_world

from suite.breadth import broadly

POINTS: tuple[tuple[str, Mapping[str, int]], ...] = (
    ("hubspot", {"first run": 2}),
    ("salesforce", {"first run": 3, "redistribute": 3}),
    ("hubspot", {"later run": 2, "apply": 3}),
)
LOST_ANSWERS = 2
BEFORE_WRITE = "before push: .*/(?:batch/update|composite)$"
WRITES = {
    "salesforce": {"method": "PATCH", "path": "/composite/sobjects$"},
    "hubspot": {"method": "POST", "path": "/objects/contacts/batch/update$"},
}


@pytest.mark.parametrize(("crm", "points"), broadly(POINTS))
def test_a_command_killed_anywhere_ends_as_the_calm_one(tmp_path: Path, crm: str, points: Mapping[str, int]) -> None:
    """One test for all situations of a CRM, so that they are frozen once, however tests are spread over workers."""
    frozen = situations(crm, tmp_path, only=points)
    wrong: Wrong = {}
    for name, many in points.items():
        situation = frozen[name]
        assert situation.batches >= 3, f"{name}: {situation.batches} batches"
        wrong |= killed(situation, tmp_path / "points", points_while_writing(situation, many))
    if "first run" in points:
        wrong |= killed_after_lost_answers(frozen["first run"], tmp_path / "points")
    assert not wrong, in_words(wrong)


def killed_after_lost_answers(situation: Situation, where: Path) -> Wrong:
    """The CRM takes a batch and its answer is lost on the way; the process dies at the next steps."""
    crm = situation.crm
    random = Random(f"{SEED} {crm} lost answers")
    wrong: Wrong = {}
    hit = []
    for number in range(LOST_ANSWERS):
        lost = random.randrange(situation.batches)
        sent = [index for index, step in enumerate(situation.steps, 1) if re.match(BEFORE_WRITE, step)][lost]
        with thawed(situation.directory, crm, situation.zone, where) as here:
            here.control(crm, "faults", "PUT", [{**WRITES[crm], "drop": "after", "after": lost, "times": 1}])
            code, steps, complaints = bombed(here, crm, sent + 1 + number % 4)
            told = f"answer {lost + 1} of {situation.batches} lost, killed {1 + number % 4} steps later, {steps[-1]}"
            assert code == -9, f"{told}: exit {code} {complaints}"
            assert here.control(crm, "faults")[0]["fired"] == 1, f"{told}: no answer was lost"
            here.control(crm, "faults", "DELETE")
            hit.append(steps[-1])
            if found := wrong_after(here, situation):
                wrong[told] = found
        shutil.rmtree(where)
    print(f"{crm}: {LOST_ANSWERS} lost answers, then killed at: " + ", ".join(sorted(hit)))
    return wrong


@pytest.mark.breadth
def test_killed_while_a_stage_goes_back_to_the_lowest(tmp_path: Path) -> None:
    """HubSpot takes a step back in two: clear, then set. A crash between them must not leave the stage empty."""
    lead = {"id": "back", "email": "b@back.example", "last_name": "Back", "created_at": "2026-01-02T12:00:00Z"}
    user = {"id": "ann", "type": "person", "name": "Ann", "email": "ann@ourfirm.example", "roles": ["ae"]}
    lead |= {"owner": "ann", "stage": {"hubspot": "94943285"}}
    world = write_world(tmp_path / "world", [user], [lead])
    stages = []
    for name in ("calm", "killed"):
        with rehearsal(tmp_path / name / "config", "--crm", "hubspot", "--import", str(world)) as here:
            (here.directory / "policy.yaml").write_text(POLICY)
            if name == "calm":
                _, steps, _ = bombed(here, "hubspot", 0)
                cleared = next(index for index, step in enumerate(steps, 1) if step.startswith("after push"))
            else:
                assert bombed(here, "hubspot", cleared)[0] == -9
                assert here.state("hubspot")["leads"][0]["stage"] is None
                here.json("run", "hubspot")
            stages.append(here.state("hubspot")["leads"][0]["stage"])
    assert stages == ["lead", "lead"]
