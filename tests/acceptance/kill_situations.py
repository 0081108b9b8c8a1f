"""The situations from which commands are killed, frozen as files: see `killing`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from kill_world import POLICY, news, write_kill_world
from killing import SEED, Situation, calm, thawed, today_in, zone_at_midday
from rehearsal import Rehearsal, rehearsal
from test_hand_off import MAPPED, TASK, answer
from written_fields import switched_on

from crmsync.clock import now

SITUATIONS = ("first run", "later run", "apply", "redistribute", "undo")
LEADS = 60
RETURNED = 4
PROCESS = {"stage": "sql", "task": TASK, "returned": {"to": "bdr", "at_most": 3}}


def new_firm(crm: str, where: Path, zone: str) -> Path:
    """A firm that crmsync has never written to."""
    world = write_kill_world(where / "world", LEADS, SEED, today_in(zone), zone)
    first = where / "first"
    first.mkdir()
    options = ["--crm", crm, "--timezone", zone, "--db", str(first / "crm.db"), "--import", str(world)]
    with rehearsal(first / "config", *options) as here:
        assert here.json("run", crm, "--dry-run")["plans"][0]["counts"]["changes"] >= 24
    (first / "config" / "policy.yaml").write_text(POLICY)
    for file in first.glob("config/crmsync.db*"):
        file.unlink()
    return first


def situations(crm: str, where: Path, *, only: Collection[str] = SITUATIONS) -> Mapping[str, Situation]:
    """The first run ever; a later run, and the same as a saved plan; and once all that is written, a leaver's leads,
    and the same taken back.

    In the later ones there are hand-offs, returns, tasks, and fields for reps.
    """
    zone = zone_at_midday()
    first, planned = new_firm(crm, where, zone), where / "planned"
    plan(crm, first, planned, zone)
    run, made = ("run", crm), dict[str, Situation]()
    if "first run" in only:
        made["first run"] = calm("first run", crm, first, zone, where, run)
    if not {"later run", "apply"}.isdisjoint(only):
        made["later run"] = calm("later run", crm, planned, zone, where, run)
    if "apply" in only:
        command = ("apply", "plan.json")
        made["apply"] = calm("apply", crm, planned, zone, where, command, made["later run"])
    if not {"redistribute", "undo"}.isdisjoint(only):
        latest, leaving = apply(crm, planned, where / "applied", zone)
        for name, command in (("redistribute", leaving), ("undo", ("undo", latest))):
            if name in only:
                made[name] = calm(name, crm, where / "applied", zone, where, command)
    return made


def plan(crm: str, first: Path, planned: Path, zone: str) -> None:
    """Once the first run is done and people have answered it: the plan of the next one, in plan.json."""
    with thawed(first, crm, zone, planned) as here:
        as_a_process(here, crm)
        changes = here.json("run", crm)["plans"][0]["changes"]
        receivers = {change["lead"]: change["owner"]["after"] for change in changes if change["hand_off"]}
        here.control(crm, "edit", "POST", news(here.state(crm), now(), SEED))
        names = {native: lead for lead, native in here.native(crm).items()}
        for lead in sorted(receivers)[:RETURNED]:
            answer(here, crm, names[lead], "returned", hand_off_return_reason="wrong region")
        here.json("run", crm, "--dry-run", "--out", "plan.json")
        saved = json.loads(here.file("plan.json").read_text())["plans"][0]["changes"]
    moves = Counter(change["hand_off"]["move"] for change in saved if change["hand_off"])
    assert moves["handed"] >= 8, moves
    assert moves["returned"] + moves["passed_on"] >= RETURNED - 1, moves
    assert sum(bool(change["fields"]) for change in saved) >= 15


def apply(crm: str, planned: Path, applied: Path, zone: str) -> tuple[str, tuple[str, ...]]:
    """That plan, written; its run's id, and the command that gives half of all receivers' leads to others."""
    with thawed(planned, crm, zone, applied) as here:
        here.json("apply", "plan.json")
        [*_, latest] = sorted(here.json("runs", crm)["runs"], key=lambda run: int(run["id"]))
        assert latest["kind"] == "apply"
        owners = Counter(lead["owner"] for lead in here.state(crm)["leads"] if lead["owner"])
        people = {user["id"]: user for user in here.state(crm)["users"]}
        receivers_left = [who for who, _ in owners.most_common() if "ae" in (people[who]["roles"] or ())]
        leavers = [people[who]["native_id"] for who in receivers_left[: len(receivers_left) // 2]]
    return str(latest["id"]), ("redistribute", crm, *(part for who in leavers for part in ("--from", who)))


def as_a_process(here: Rehearsal, crm: str) -> None:
    """Hand-offs make tasks and can be returned, and reps see crmsync's fields."""
    switched_on(here, crm)
    here.change(f"mappings/{crm}.yaml", lambda mapping: mapping.update(hand_off=MAPPED[crm]))
    here.change("policy.yaml", lambda policy: policy.update(hand_off=PROCESS))
