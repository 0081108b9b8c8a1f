"""Killed at any point, then run again: the CRM ends as after one calm run, rotation counters included.

For each CRM two situations, each frozen once as files (database of the practice CRM, configuration, store): the
first run ever, and a later run after people have worked in the CRM. Then, from a copy of the files for each point,
the real command is killed with SIGKILL at that step (see `kill_step`), run again, and asked for a full plan. The
points are drawn evenly over the whole sequence of steps, the first and the last step among them.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from commands import environment
from kill_step import command_with_a_bomb
from kill_world import POLICY, news, write_kill_world
from rehearsal import Rehearsal, practice, rehearsal, write_world

from crmsync.clock import now
from crmsync.model import Plan
from crmsync.operations.run.every_connection import run_all
from crmsync.run.story import RunRequest
from crmsync.settings import load_settings
from crmsync.store import Store
from suite.warm import WarmProcess

SEED = 20261121
LEADS = 70
BATCH = 6
POINTS = {"first run": 11, "later run": 12}
LOST_ANSWERS = 4
CRMS = ("salesforce", "hubspot")
BEFORE_WRITE, AFTER_WRITE = (f"{when} push: .*/(?:batch/update|composite)$" for when in ("before", "after"))
"""Steps around a call that writes; HubSpot's connector reads histories within a push."""
WRITES = {
    "salesforce": {"method": "PATCH", "path": "/composite/sobjects$"},
    "hubspot": {"method": "POST", "path": "/objects/contacts/batch/update$"},
}


@dataclass(frozen=True)
class End:
    """Where a run leaves the CRM and the store."""

    leads: Mapping[str, tuple[Any, ...]]
    turns: Mapping[tuple[str, str], tuple[int, Any]]
    moves: Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Situation:
    """Frozen files: `crm.db`, and `config` with the store in it. `end`, `steps`: of the calm run from here."""

    name: str
    crm: str
    directory: Path
    zone: str
    end: End
    steps: Sequence[str]
    lead_changes: int
    hand_offs: int
    batches: int


def zone_at_midday() -> str:
    """A zone in which no midnight comes while the test runs: a run on another day may decide otherwise."""
    hour = datetime.now(UTC).hour  # noqa: TID251 - which day it is matters to nobody
    return f"Etc/GMT{hour - 12:+d}" if hour != 12 else "Etc/GMT"


def today_in(zone: str) -> date:
    return datetime.now(ZoneInfo(zone)).date()  # noqa: TID251


@contextmanager
def thawed(directory: Path, crm: str, zone: str, copy: Path) -> Iterator[Rehearsal]:
    """The practice CRM and the configuration as they were frozen, in a copy, at a new address."""
    shutil.copytree(directory, copy)
    options = ["--crm", crm, "--timezone", zone, "--db", str(copy / "crm.db")]
    with practice(copy / "practice", *options) as urls:
        settings = copy / "config" / "crmsync.yaml"
        frozen = next(row for row in settings.read_text().splitlines() if row.strip().startswith("url: "))
        settings.write_text(settings.read_text().replace(frozen, f"      url: {urls[crm]}"))
        yield Rehearsal(copy / "config", urls)


def end_of(here: Rehearsal, crm: str) -> End:
    """The CRM's leads, the rotation counters and the ways through the stages."""
    state = here.state(crm)
    with closing(Store(here.directory / "crmsync.db")) as store:
        assert not store.journal.pending(crm), "changes are still open"
        turns = {key: (it.count, dict(it.state)) for key, it in store.journal.turns(crm).items()}
        held = Counter(entry.turn for entry in store.journal.entries(crm) if entry.turn)
        assert {key: count for key, (count, _) in turns.items() if count} == dict(held), "a counter is not its turns"
        moves = {
            lead["id"]: tuple(
                (move.attempt, move.stage_before, move.stage_after, move.cause)
                for move in store.history.stages_of(crm, lead["native_id"])
            )
            for lead in state["leads"]
        }
    leads = {
        lead["id"]: (lead["native_id"], lead["stage"], lead["owner"], lead["email"], str(sorted(lead["attributes"])))
        for lead in state["leads"]
    }
    return End(leads, turns, moves)


def bombed(here: Rehearsal, crm: str, kill_at: int, *command: str) -> tuple[int, list[str], str]:
    """Run the command (or a plain run) with the bomb; (exit code, names of the steps done, its complaints)."""
    log = here.directory.parent / f"steps-{kill_at}"
    arguments = [str(log), str(kill_at), str(BATCH), "--", *(command or ("run", crm)), "--format", "json"]
    with WarmProcess.start(
        command_with_a_bomb, ["kill_step", *arguments], cwd=here.directory, env=environment(), said=log
    ) as bomb:
        code = bomb.wait()
    return code, log.read_text().splitlines() if log.exists() else [], bomb.stderr


def drawn(steps: int, points: int, random: Random) -> list[int]:
    """Step numbers (from 1), one from each of `points` equal parts; the first and the last step are among them."""
    edges = [round(index * (steps - 2) / (points - 2)) for index in range(points - 1)]
    between = [2 + random.randrange(low, high) for low, high in pairwise(edges)]
    return [1, *between, steps]


def written_twice(log: Sequence[Mapping[str, Any]]) -> list[str]:
    """Leads that got two different values into one field. Emptying before setting again is no second value."""
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for write in log:
        before, after = write["before"] or {}, write["after"] or {}
        for field, value in after.items():
            if field in WRITTEN_FIELDS and value and value != before.get(field):
                values[str(write["id"]), field].add(str(value))
    return [f"{lead}.{field}: {sorted(found)}" for (lead, field), found in values.items() if len(found) > 1]


WRITTEN_FIELDS = {"Status", "OwnerId", "lifecyclestage", "hs_lead_status", "hubspot_owner_id"}


def frozen(crm: str, where: Path) -> dict[str, Situation]:
    """Both situations of one CRM, with the calm run's end and steps."""
    zone = zone_at_midday()
    today = today_in(zone)
    world = write_kill_world(where / "world", LEADS, SEED, today, zone)
    first = where / "first"
    first.mkdir()
    options = ["--crm", crm, "--timezone", zone, "--db", str(first / "crm.db"), "--import", str(world)]
    with rehearsal(first / "config", *options) as here:
        assert here.json("run", crm, "--dry-run")["plans"][0]["counts"]["changes"] >= 30
    (first / "config" / "policy.yaml").write_text(POLICY)
    for file in first.glob("config/crmsync.db*"):
        file.unlink()
    later = where / "later"
    with thawed(first, crm, zone, later) as here:
        here.json("run", crm)
        here.control(crm, "edit", "POST", news(here.state(crm), now(), SEED))
    return {
        name: calm(name, crm, directory, zone, where)
        for name, directory in (("first run", first), ("later run", later))
    }


def calm(name: str, crm: str, directory: Path, zone: str, where: Path) -> Situation:
    """The run that nobody disturbs: once as users run it, once counted; both must end alike."""
    key = name.replace(" ", "-")
    with thawed(directory, crm, zone, where / f"calm-{key}") as here:
        plan = here.json("run", crm)["plans"][0]
        end = end_of(here, crm)
        assert here.json("run", crm, "--full")["plans"][0]["changes"] == [], f"{name}: the calm run does not settle"
        assert not written_twice(here.writes(crm))
    receivers = [change for change in plan["changes"] if change["owner"]]
    with thawed(directory, crm, zone, where / f"counted-{key}") as here:
        code, steps, complaints = bombed(here, crm, 0)
        assert code == 0, complaints
        assert end_of(here, crm) == end
    batches = sum(bool(re.match(AFTER_WRITE, step)) for step in steps)
    return Situation(name, crm, directory, zone, end, steps, len(plan["changes"]), len(receivers), batches)


def differences(calm_end: End, end: End) -> list[str]:
    """What is not as after the calm run."""
    found = [
        f"lead {lead}: {end.leads.get(lead)} instead of {calm_end.leads.get(lead)}"
        for lead in sorted({*calm_end.leads, *end.leads})
        if calm_end.leads.get(lead) != end.leads.get(lead)
    ]
    found += [
        f"turns {key}: {end.turns.get(key)} instead of {calm_end.turns.get(key)}"
        for key in sorted({*calm_end.turns, *end.turns})
        if calm_end.turns.get(key) != end.turns.get(key)
    ]
    return found + [
        f"history of {lead}: {end.moves.get(lead)} instead of {calm_end.moves.get(lead)}"
        for lead in sorted({*calm_end.moves, *end.moves})
        if calm_end.moves.get(lead) != end.moves.get(lead)
    ]


def after_the_crash(here: Rehearsal, situation: Situation) -> list[str]:
    """Run again, and once more in full; what is wrong then."""
    crm = situation.crm
    again = here.crmsync("run", crm, "--format", "json")
    if again.returncode != 0:
        return [f"the run after the crash ended with {again.returncode}: {again.stderr}{again.stdout[-1500:]}"]
    try:
        found = differences(situation.end, end_of(here, crm))
    except AssertionError as wrong:
        found = [str(wrong)]
    found += [f"written twice: {each}" for each in written_twice(here.writes(crm))]
    further = further_plan(here, crm)
    if further.changes or not further.counts["read"]:
        found.append(f"a further run read {further.counts['read']} leads and plans {further.changes}")
    return found


def further_plan(here: Rehearsal, crm: str) -> Plan:
    """What one more full run would write; asked in this process, which saves a start for each point."""
    request = RunRequest(dry_run=True, full=True)
    settings = load_settings(here.directory / "crmsync.yaml")
    report = run_all(settings, [crm], request, now=now, progress=lambda _what, _done, _total: None)
    assert not report.failures, report.failures
    return report.done[0].plan


@pytest.mark.parametrize("crm", CRMS)
def test_killed_anywhere_it_ends_as_the_calm_run(tmp_path: Path, crm: str) -> None:
    """One test for each CRM, so that its situations are frozen once, however tests are spread over workers."""
    wrong: dict[str, list[str]] = {}
    situations = frozen(crm, tmp_path)
    for situation in situations.values():
        print(
            f"{crm}, {situation.name}: {situation.lead_changes} changes, {situation.hand_offs} owners in "
            f"{situation.batches} batches, {len(situation.steps)} steps (seed {SEED})"
        )
        assert situation.hand_offs >= 15
        assert situation.batches >= 4
        wrong |= killed_anywhere(situation, tmp_path / "points")
    wrong |= killed_after_lost_answers(situations["first run"], tmp_path / "points")
    assert not wrong, "\n".join(f"{told}:\n  " + "\n  ".join(found) for told, found in wrong.items())


def killed_anywhere(situation: Situation, where: Path) -> dict[str, list[str]]:
    """What is wrong after a kill, by point."""
    crm = situation.crm
    points = drawn(len(situation.steps), POINTS[situation.name], Random(f"{SEED} {crm} {situation.name}"))
    wrong: dict[str, list[str]] = {}
    for point in points:
        with thawed(situation.directory, crm, situation.zone, where) as here:
            code, steps, complaints = bombed(here, crm, point)
            told = f"{situation.name}, killed at step {point} of {len(situation.steps)}, {situation.steps[point - 1]}"
            assert code == -9, f"{told}: exit {code} {complaints}"
            assert steps == list(situation.steps[:point]), f"{told}: other steps than in the calm run"
            if found := after_the_crash(here, situation):
                wrong[told] = found
        shutil.rmtree(where)
    hit = Counter(situation.steps[point - 1] for point in points)
    listed = ", ".join(f"{count} × {step}" for step, count in sorted(hit.items()))
    print(f"{crm}, {situation.name}: killed at {len(points)} points (seed {SEED}): {listed}")
    return wrong


def killed_after_lost_answers(situation: Situation, where: Path) -> dict[str, list[str]]:
    """The CRM takes a batch and its answer is lost on the way; the process dies at the next steps."""
    crm = situation.crm
    random = Random(f"{SEED} {crm} lost answers")
    wrong: dict[str, list[str]] = {}
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
            if found := after_the_crash(here, situation):
                wrong[told] = found
        shutil.rmtree(where)
    print(f"{crm}: {LOST_ANSWERS} lost answers, then killed at: " + ", ".join(sorted(hit)))
    return wrong


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
