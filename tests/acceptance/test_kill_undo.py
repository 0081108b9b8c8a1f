"""An undo killed at any point, then asked for again: CRM, counters, hand-offs and history end as calmly."""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from kill_world import POLICY, write_kill_world
from killing import SEED, bombed, drawn, thawed, today_in, zone_at_midday
from rehearsal import CRMS, Rehearsal, rehearsal
from test_hand_off import MAPPED

from crmsync.operations.run.ready import stored
from crmsync.run.counters import counters_from
from crmsync.settings import load_settings
from crmsync.store import Store

LEADS = 40
POINTS = 4
HAND_OFF = """
hand_off:
  stage: sql
  task: {subject: Call}
  first_touch: {within_hours: 4}
"""


def end_of(here: Rehearsal, crm: str) -> dict[str, Any]:
    """Leads, turns, ways through the stages, and hand-offs; nothing is open."""
    leads = here.state(crm)["leads"]
    with closing(Store(here.store)) as store:
        assert not store.journal.pending(crm), "changes are still open"
        held = Counter(entry.turn for entry in store.journal.entries(crm) if entry.turn)
        turns = {key: it.count for key, it in store.journal.turns(crm).items()}
        assert {key: count for key, count in turns.items() if count} == dict(held), "a counter is not its turns"
        settings = load_settings(here.directory / "crmsync.yaml")
        roster = stored(settings, settings.connection(crm), store).roster
        states = counters_from(store.journal.turns(crm), roster)
        moves = {
            lead["id"]: [
                (move.attempt, move.stage_before, move.stage_after, move.cause)
                for move in store.history.stages_of(crm, lead["native_id"])
            ]
            for lead in leads
        }
        hand_offs = sorted((it.lead, it.attempt, it.receiver, it.ended_by or "") for it in store.hand_offs.read(crm))
        undone = sorted(store.left_alone.undone(crm))
    stand = {lead["id"]: (lead["stage"], lead["owner"]) for lead in leads}
    return {"leads": stand, "turns": turns, "states": states, "moves": moves, "hand": hand_offs, "undone": undone}


def next_run(here: Rehearsal, crm: str) -> dict[str, Any]:
    """The end once a run has followed, which leaves alone what was undone, and learns which hand-offs are over."""
    [plan] = here.json("run", crm, code=(0, 4))["plans"]
    end = end_of(here, crm)
    assert not {change["lead"] for change in plan["changes"]} & set(end["undone"])
    return end


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_killed_anywhere_an_undo_ends_as_the_calm_one(tmp_path: Path, crm: str) -> None:
    zone = zone_at_midday()
    world = write_kill_world(tmp_path / "world", LEADS, SEED, today_in(zone), zone)
    ran = tmp_path / "ran"
    ran.mkdir()
    options = ["--crm", crm, "--timezone", zone, "--db", str(ran / "crm.db"), "--import", str(world)]
    with rehearsal(ran / "config", *options) as here:
        (ran / "config" / "policy.yaml").write_text(POLICY + HAND_OFF)
        here.change(f"mappings/{crm}.yaml", lambda mapping: mapping.update(hand_off=MAPPED[crm]))
        run = str(here.json("run", crm, "--allow-changes", "1000")["plans"][0]["bound_to"]["run"])
    command = ("undo", run, "--allow-changes", "1000")
    with thawed(ran, crm, zone, tmp_path / "calm") as here:
        code, steps, complaints = bombed(here, crm, 0, *command)
        assert code in (0, 4), complaints
        calm = next_run(here, crm)
        assert len(calm["undone"]) > 15
    wrong = {}
    for point in drawn(len(steps), POINTS, Random(f"{SEED} {crm} undo")):
        with thawed(ran, crm, zone, tmp_path / "point") as here:
            code, _, complaints = bombed(here, crm, point, *command)
            assert code == -9, complaints
            again = here.crmsync(*command, "--format", "json")
            assert again.returncode in (0, 4), again.stderr
            end = next_run(here, crm)
            if differing := [name for name in calm if end[name] != calm[name]]:
                wrong[f"{point}: {steps[point - 1]}"] = {name: (calm[name], end[name]) for name in differing}
        shutil.rmtree(tmp_path / "point")
    told = {name: [(k, a, b) for k, (a, b) in each.items()] for name, each in wrong.items()}
    assert not wrong, told
