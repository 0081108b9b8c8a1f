"""Killed at a step and called again: how a test does it, and what it holds against the calm command's end.

A situation is frozen once as files (database of the practice CRM, configuration, store). Then, from a copy of the
files for each point, the real command is killed with SIGKILL at that step (see `kill_step`), called again, and asked
what it would still do. Processes start warm, and both practice CRM and command are processes of their own.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from commands import environment
from kill_step import command_with_a_bomb
from rehearsal import Rehearsal, kept_where_asked, practice

from crmsync.clock import now
from crmsync.store import Store
from crmsync.values import field_names, replace
from suite.waiting import wait_until
from suite.warm import WarmProcess

SEED = 20261121
BATCH = 6
CRMS = ("salesforce", "hubspot")
FULL_RUN = ("run", "--full")
ENDED = (0, 4)
"""Exit codes of commands that came to their end; what stays as it is (an owner that is never empty) is told."""
AFTER_WRITE = "after push: .*/(?:batch/update|composite)$"
"""Steps after a call that writes; HubSpot's connector reads histories within a push."""
OF_THE_CRM = re.compile("(?i)(last|system)mod|^updatedAt$|^hs_|date_entered|date_exited|_time_in_|_date$|Date$")
"""Fields that the CRM itself moves with every save."""
Wrong = dict[str, list[str]]
"""Where a command was killed → what is not as after the calm one."""


@dataclass(frozen=True)
class End:
    """Where a command leaves the CRM and the store, without ids and times of its own.

    `hand_offs`: with which times are there. `tasks`: of each lead, with owners. `arrived`: what the journal says to
    have arrived, by lead. `known`: how many leads the store holds, and activities of each kind.
    """

    leads: Mapping[str, Any]
    turns: Mapping[tuple[str, str], tuple[int, Any]]
    moves: Mapping[str, tuple[Any, ...]]
    hand_offs: Mapping[str, Sequence[tuple[Any, ...]]]
    tasks: Mapping[str, Sequence[tuple[Any, ...]]]
    arrived: Mapping[str, Sequence[tuple[Any, ...]]]
    known: Mapping[str, int]


@dataclass(frozen=True)
class Situation:
    """Frozen files: `crm.db`, and `config` with the store in it. `end`, `steps`: of the calm command from here.

    `settled`: after one more full run, which writes nothing and learns what the command has made of hand-offs; null =
    a run would find more to do. `instead`: another situation from the same files; its command may follow the crash.
    """

    name: str
    crm: str
    directory: Path
    zone: str
    command: tuple[str, ...]
    end: End
    settled: End | None
    steps: Sequence[str]
    instead: Situation | None = None

    @property
    def batches(self) -> int:
        """How many calls wrote leads."""
        return sum(bool(re.match(AFTER_WRITE, step)) for step in self.steps)


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
        with kept_where_asked(copy / "config"):
            yield Rehearsal(copy / "config", urls)


def end_of(here: Rehearsal, crm: str) -> End:
    """The CRM's leads and tasks, the rotation counters, the ways through the stages, hand-offs and the journal."""
    state = here.state(crm)
    names = {lead["native_id"]: lead["id"] for lead in state["leads"]}
    hand_offs: dict[str, list[tuple[Any, ...]]] = {}
    arrived: dict[str, list[tuple[Any, ...]]] = {}
    with closing(Store(here.store)) as store:
        assert not store.journal.pending(crm), "changes are still open"
        turns = {key: (it.count, dict(it.state)) for key, it in store.journal.turns(crm).items()}
        entries = store.journal.entries(crm)
        held = Counter(entry.turn for entry in entries if entry.turn)
        assert {key: count for key, (count, _) in turns.items() if count} == dict(held), "a counter is not its turns"
        moves = {
            name: tuple(
                (move.attempt, move.stage_before, move.stage_after, move.cause)
                for move in store.history.stages_of(crm, native)
            )
            for native, name in names.items()
        }
        for row in store.hand_offs.read(crm):
            times = [row.touched_at, row.accepted_at, row.reminded_at, row.returned_at, row.ended_at]
            plain = (row.attempt, row.bdr, row.receiver, row.pool, row.reason, row.ended_by)
            hand_offs.setdefault(names[row.lead], []).append(
                (*plain, *(time is not None for time in times), row.hand_over)
            )
        for entry in entries:
            if entry.state in {"written", "unchanged"}:
                wanted = {name: after for name, (_, after) in entry.change.writes.items()}
                arrived.setdefault(names[entry.change.lead], []).append(
                    (entry.change.stage_after, entry.change.owner_after, entry.change.turn, str(wanted))
                )
        soon = now().date() + timedelta(days=2)
        gathered = store.facts.gather(crm, soon, everything=True, fact_types={})
        known = Counter(kind for batch in gathered for kind in batch.activities["kind"])
        known["leads"] = store.facts.lead_count(crm)
    tasks: dict[str, list[tuple[Any, ...]]] = {}
    for each in state["activities"]:
        if each["kind"] == "task":
            tasks.setdefault(each["lead"], []).append((str(each["subject"]), str(each["by"]), str(each["outcome"])))
    leads = {
        lead["id"]: (
            lead["native_id"],
            lead["stage"],
            lead["owner"],
            lead["email"],
            str(sorted(lead["attributes"].items())),
        )
        for lead in state["leads"]
    }
    return End(leads, turns, moves, hand_offs, {name: sorted(them) for name, them in tasks.items()}, arrived, known)


def bombed(here: Rehearsal, crm: str, kill_at: int, *command: str) -> tuple[int, list[str], str]:
    """Give the command (or a plain run) with the bomb; (exit code, names of the steps done, its complaints)."""
    log = here.directory.parent / f"steps-{kill_at}"
    arguments = [str(log), str(kill_at), str(BATCH), "--", *(command or ("run", crm)), "--format", "json"]
    with WarmProcess.start(
        command_with_a_bomb, ["kill_step", *arguments], cwd=here.directory, env=environment(), said=log
    ) as bomb:
        code = bomb.wait()
    return code, log.read_text().splitlines() if log.exists() else [], bomb.stderr


@contextmanager
def frozen(here: Rehearsal, crm: str, at: int, *command: str) -> Iterator[WarmProcess]:
    """The command, stopped by SIGSTOP at this step; SIGCONT lets it go on."""
    log = here.directory.parent / f"frozen-{at}"
    arguments = [str(log), str(-at), str(BATCH), "--", *(command or ("run", crm)), "--format", "json"]
    with WarmProcess.start(
        command_with_a_bomb, ["kill_step", *arguments], cwd=here.directory, env=environment(), said=log
    ) as process:
        status = Path(f"/proc/{process.pid}/stat")
        wait_until(lambda: status.read_text().rpartition(")")[2].split()[0] == "T", what="the freezing")
        yield process


def drawn(steps: int, points: int, random: Random) -> list[int]:
    """Step numbers (from 1), one from each of `points` equal parts; the first and the last step are among them."""
    edges = [round(index * (steps - 2) / (points - 2)) for index in range(points - 1)]
    between = [2 + random.randrange(low, high) for low, high in pairwise(edges)]
    return [1, *between, steps]


def points_all_over(situation: Situation, points: int) -> list[int]:
    """Drawn over all steps, the first and the last among them."""
    return drawn(len(situation.steps), points, Random(f"{SEED} {situation.crm} {situation.name}"))


def points_while_writing(situation: Situation, points: int) -> list[int]:
    """One while reading; the others from equal parts of what comes once the journal has to know what is intended."""
    random = Random(f"{SEED} {situation.crm} {situation.name}")
    intends, last = situation.steps.index("before journal.intend") + 1, len(situation.steps)
    edges = [intends + round(index * (last - intends) / (points - 1)) for index in range(points)]
    return [random.randrange(1, intends), *(random.randrange(low, high) for low, high in pairwise(edges))]


def written_twice(log: Sequence[Mapping[str, Any]]) -> list[str]:
    """Leads that got two different values into one field. Emptying before setting again is no second value."""
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for write in log:
        before, after = write["before"] or {}, write["after"] or {}
        for field, value in after.items():
            ours = field == "hs_lead_status" or not OF_THE_CRM.search(field)
            if ours and write["method"] != "GET" and value and value != before.get(field):
                values[str(write["id"]), field].add(str(value))
    return [f"{lead}.{field}: {sorted(found)}" for (lead, field), found in values.items() if len(found) > 1]


def differences(calm_end: End, end: End, *, but: Collection[str] = ()) -> list[str]:
    """What is not as after the calm command, `but` these parts."""
    return [
        f"{part} of {key}: {this.get(key)} instead of {calm_one.get(key)}"
        for part in field_names(End)
        if part not in but
        for calm_one, this in [(getattr(calm_end, part), getattr(end, part))]
        for key in sorted({*calm_one, *this})
        if calm_one.get(key) != this.get(key)
    ]


def calm(
    name: str,
    crm: str,
    directory: Path,
    zone: str,
    where: Path,
    command: tuple[str, ...],
    instead: Situation | None = None,
    *,
    settles: bool = True,
) -> Situation:
    """The command that nobody disturbs, counted; nothing is left to do then, by a run either if it `settles`."""
    with thawed(directory, crm, zone, where / f"calm-{name.replace(' ', '-')}") as here:
        code, steps, complaints = bombed(here, crm, 0, *command)
        assert code in ENDED, complaints
        end = end_of(here, crm)
        wrong = [*written_twice(here.writes(crm)), *further(here, crm, command)]
        wrong += further(here, crm, FULL_RUN) if settles else []
        assert not wrong, wrong
        settled = end_of(here, crm) if settles else None
    assert settled is None or differences(end, settled, but={"hand_offs", "turns"}) == []
    return Situation(name, crm, directory, zone, command, end, settled, steps, instead)


def further(here: Rehearsal, crm: str, command: tuple[str, ...]) -> list[str]:
    """What the command would still do: nothing. A run does it, too, and learns; others only look."""
    only_looks = () if command[0] == "run" else ("--dry-run",)
    answered = here.crmsync(*command, *only_looks, "--format", "json")
    if answered.returncode not in ENDED:
        return [f"a further {command[0]} ended with {answered.returncode}: {answered.stderr}"]
    plans = json.loads(answered.stdout)["plans"]
    assert all(plan["counts"]["read"] or command != FULL_RUN for plan in plans)
    changes = [change for plan in plans for change in plan["changes"] if change["outcome"] != "unchanged"]
    return [f"a further {command[0]} plans {changes}"] if changes else []


def wrong_after(
    here: Rehearsal, situation: Situation, *, instead: bool = False, intended: bool = True, thorough: bool = True
) -> list[str]:
    """Give the command again, or the other one; what is not as after the calm one.

    `intended`: by the crash the journal knew what is intended. `thorough`: look as well whether the command itself
    would still do something.
    """
    crm, command = situation.crm, situation.command
    follows = situation.instead.command if instead and situation.instead else command
    again = here.crmsync(*follows, "--format", "json")
    if again.returncode not in ENDED:
        return [f"the call after the crash ended with {again.returncode}: {again.stderr}{again.stdout[-1500:]}"]
    found = [] if instead else unlike(here, situation)
    if thorough and not instead:
        found += further(here, crm, command)
    # What was intended is carried out by either command; else the other one has decided by itself.
    wanted = situation.instead if instead and situation.instead and not intended else situation
    if wanted.settled is not None:
        found += further(here, crm, FULL_RUN)
        found += differences(wanted.settled, end_of(here, crm))
    return [*found, *(f"written twice: {each}" for each in written_twice(here.writes(crm)))]


def unlike(here: Rehearsal, situation: Situation) -> list[str]:
    """What is not as right after the calm command.

    Of hand-offs a second call has learnt more, and it has worked turns that were given back into the rotation.
    """
    try:
        calm_end, end = (
            replace(each, turns={key: (count, None) for key, (count, _) in each.turns.items() if count})
            for each in (situation.end, end_of(here, situation.crm))
        )
        return differences(calm_end, end, but={"hand_offs"})
    except AssertionError as wrong:
        return [str(wrong)]


def killed(situation: Situation, where: Path, points: Sequence[int]) -> Wrong:
    """What is wrong after a kill, by point. Where another command may follow the crash they take turns."""
    wrong: Wrong = {}
    for number, point in enumerate(points):
        told = f"{situation.crm}, {situation.name}: killed at step {point} of {len(situation.steps)}"
        told = f"{told}, {situation.steps[point - 1]} (number {number})"
        with thawed(situation.directory, situation.crm, situation.zone, where) as here:
            code, steps, complaints = bombed(here, situation.crm, point, *situation.command)
            assert code == -9, f"{told}: exit {code} {complaints}"
            assert steps == list(situation.steps[:point]), f"{told}: other steps than in the calm one"
            instead = situation.instead is not None and number % 2 == 1
            try:
                intended = "after journal.intend" in steps
                found = wrong_after(here, situation, instead=instead, intended=intended, thorough=number % 4 == 0)
            except AssertionError as unforeseen:
                found = [str(unforeseen)]
            if found:
                wrong[f"{told}, then {situation.instead.command[0] if instead else 'again'}"] = found
        shutil.rmtree(where)
    hit = Counter(situation.steps[point - 1] for point in points)
    listed = ", ".join(f"{count} × {step}" for step, count in sorted(hit.items()))
    print(f"{situation.crm}, {situation.name}: killed at {len(points)} points (seed {SEED}): {listed}")
    return wrong


def in_words(wrong: Wrong) -> str:
    """For the test's message."""
    return "\n".join(f"{told}:\n  " + "\n  ".join(found) for told, found in wrong.items())
