"""Nobody's e-mail, name, phone or token in logs, errors, JSON and the store's journal, whatever becomes of a plan.

Not looked through, since they show leads and people by design: tables, Markdown, HTML and CSV of plans, `explain`,
and the actors that `report conflicts` names.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from commands import Done
from dotenv import dotenv_values
from rehearsal import CRMS, READ_BY_ID, WRITE, Rehearsal, personal_data, rehearsal, told_in, write_world
from small_world import NATIVE, USERS, leads_and_activities, stage

from suite.waiting import wait_until

PHONE = "+49 5551 77{:02}91"
LOUD = {"CRMSYNC_LOG_LEVEL": "debug", "CRMSYNC_LOG_FORMAT": "json"}
KEPT = ("journal", "runs", "holds", "overruled", "history")
"""Tables that are to hold nothing of a person but ids."""
BY_DESIGN = {("report", "conflicts"): "the actor who replaced our value is named"}


@pytest.fixture(params=CRMS)
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def here(tmp_path: Path, crm: str) -> Iterator[Rehearsal]:
    """Two copies of each kind of lead, each with a telephone number of its own."""
    pairs = list(leads_and_activities(2))
    leads = [
        {**lead, "attributes": {**lead["attributes"], "phone": PHONE.format(number)}}
        for number, (lead, _) in enumerate(pairs)
    ]
    world = write_world(tmp_path / "world", USERS, leads, [each for _, activities in pairs for each in activities])
    with rehearsal(tmp_path / "here", "--import", str(world), "--crm", crm) as made:
        yield made


@dataclass
class Listener:
    """Gives commands and keeps all that they say, as far as it is to name nobody."""

    here: Rehearsal
    said: list[str] = field(default_factory=list)

    def __call__(self, *words: str, codes: Sequence[int] = (0,), form: Sequence[str] = ("--format", "json")) -> Done:
        done = self.here.crmsync(*words, *form, env=LOUD)
        assert done.returncode in codes, f"{words}: exit {done.returncode}\n{done.stderr}"
        self.said += [done.stderr] if words[:2] in BY_DESIGN else [done.stdout, done.stderr]
        return done


def secrets(here: Rehearsal, crm: str) -> dict[str, str]:
    """Everything that must stand nowhere, by what it is."""
    words = dict.fromkeys(personal_data(here.state(crm)), "a person's")
    words |= {re.sub(r"\D", "", PHONE.format(number))[-7:]: "a phone" for number in range(14)}
    words |= {PHONE.format(number): "a phone" for number in range(14)}
    tokens = {value.lower() for value in dotenv_values(here.file(".env")).values() if value and len(value) > 5}
    assert tokens
    return {**words, **dict.fromkeys(tokens, "a token")}


def kept(here: Rehearsal) -> str:
    """The tables of what happened, with the changes as journalled."""
    with closing(sqlite3.connect(here.file("crmsync.db"))) as store:
        names = {name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert {"journal", "runs", "holds", "overruled"} <= names
        rows = [row for name in KEPT if name in names for row in store.execute(f"SELECT * FROM {name}")]
    assert rows
    return repr(rows)


def served(here: Rehearsal, crm: str) -> list[str]:
    """What the service says in a run of leads that wait, one after a change, and while the CRM refuses its writes."""
    here.change("crmsync.yaml", lambda data: data["connections"][crm].update(schedule={"every_minutes": 0.02}))
    with here.start("serve", env=LOUD) as running:

        def ended() -> int:
            return running.stderr.count('"run ended"')

        wait_until(lambda: ended() >= 1, what="a run")
        here.edit(crm, leads=[{"id": "lead-2", "stage": stage("sal"), "attributes": {"interest": "none"}}])
        here.control(crm, "faults", "PUT", [{"path": WRITE[crm], "status": 500}])
        so_far = ended()
        wait_until(lambda: ended() >= so_far + 2, what="runs after a change")
        here.control(crm, "faults", "DELETE")
        assert running.end() == 0
        said = [running.stdout, running.stderr]
    assert len(said[1]) > 1_000, "it is loud"
    return said


def promoted(here: Rehearsal, lead: str) -> Callable[[str], None]:
    """Somebody sets this lead's stage in the CRM meanwhile."""
    return lambda crm: here.edit(crm, leads=[{"id": lead, "stage": stage("sal")}])


def everything_happens(here: Rehearsal, crm: str) -> str:
    """What the commands say in a life with conflicts, refusals, guards, holds, leavers, an outage and mistakes."""
    say = Listener(here)
    native, users = here.native(crm), here.native(crm, "users")
    mail = here.lead(crm, "sql-1")["email"]
    with here.meanwhile({crm: WRITE[crm]}, promoted(here, "mql-2")):
        say("run", "--lead", native["mql-2"], codes=(4,))
    say("run", "--dry-run", "--out", "plan.json")
    here.edit(crm, by="bdr-2", leads=[{"id": "mql-1", "stage": stage("sal")}])
    say("apply", "plan.json", codes=(4,))
    say("apply", "plan.json", codes=(4,))
    ours = NATIVE[crm]["sqo"]
    theirs = NATIVE[crm]["lead"]
    rewriting: Mapping[str, Any] = {
        "salesforce": {"flow_rewrites": {ours: theirs}},
        "hubspot": {"workflow_rewrites": {"lifecyclestage": {ours: theirs}}},
    }
    here.edit(crm, leads=[{"id": "sqo-1", "stage": stage("lead")}])
    here.control(crm, "switches", "PUT", rewriting[crm])
    here.change("policy.yaml", lambda policy: policy.setdefault("movement", {}).update(hands_off_days=0))
    for _ in range(4):
        say("run", codes=(0, 3, 4))
    say("report", "conflicts")
    say("hold", mail, "--until", "2099-01-01", "--why", "asked for")
    say("run", "--lead", mail, "--dry-run", codes=(0, 4))
    say("run", "--lead", "nobody.at.all@nowhere.example", codes=(2,))
    say("holds")
    say("hold", native["sql-1"], "--release")
    say("redistribute", crm, "--from", USERS[2]["email"], "--dry-run", codes=(0, 3, 4))
    say("redistribute", crm, "--from", users["ae-2"], "--yes", codes=(0, 3, 4))
    say("run", "--allow", "owner-changes=0", "--full", codes=(0, 3, 4))
    for run in json.loads(say("runs").stdout)["runs"]:
        if run["kind"] == "run" and run["counts"]["changes"] and not run["dry_run"]:
            say("undo", str(run["id"]), "--dry-run", codes=(0, 3, 4))
            say("undo", str(run["id"]), codes=(0, 3, 4))
    say.said += served(here, crm)
    here.control(crm, "faults", "PUT", [{"path": ".*", "status": 401}])
    say("run", codes=(1,))
    here.control(crm, "faults", "DELETE")
    for command in ("runs", "status", "tidy", f"history {native['sqo-1']}", "history --run 1"):
        say(*command.split(), codes=(0, 1))
    return "\n".join(say.said)


def test_what_is_said_and_kept_names_nobody(here: Rehearsal, crm: str) -> None:
    words = secrets(here, crm)
    said = everything_happens(here, crm)
    assert {word: words[word] for word in told_in(said, words)} == {}
    assert {word: words[word] for word in told_in(kept(here), words)} == {}


def test_a_leak_would_be_found(here: Rehearsal, crm: str) -> None:
    """A conflict's words that name the lead's person, planted: in the answer and in the journal."""
    words, name, say = secrets(here, crm), here.lead(crm, "mql-1")["email"], Listener(here)
    with (
        patch("crmsync.run.held.shown", lambda _: name),
        here.meanwhile({crm: READ_BY_ID[crm]}, promoted(here, "mql-1")),
    ):
        say("run", codes=(4,))
    assert told_in("".join(say.said), words) == [name.lower()]
    assert told_in(kept(here), words) == [name.lower()]
