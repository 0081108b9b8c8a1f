"""515 leads of naughty names, through commands that show them: plan and apply, history, holds, conflicts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal, write_world
from small_world import USERS, activity, lead, stage

from crmsync.operations.left_alone.holds import LONGEST_WHY
from crmsync.showing.foreign_text import _STEERING
from suite.naughty import COUNT, NAUGHTY

MARK = "Zq"
"""Before each name: no line begins with it unless a text has made a line of its own."""
TEXTS = tuple(text.encode("utf-8", "replace").decode("utf-8").replace("\0", "") for text in NAUGHTY)
"""As a practice CRM takes them: no half of a pair, no NUL."""
TYPED = TEXTS[::25]


@pytest.fixture(params=CRMS)
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def here(tmp_path: Path, crm: str) -> Iterator[Rehearsal]:
    leads = [
        lead(f"l{number:03}", last_name=f"{MARK}{text}"[:80], company=f"{text}{MARK}"[:255] or "none", owner="bdr-1")
        for number, text in enumerate(TEXTS)
    ]
    asked = [activity(each["id"], "demo_request", subject=each["last_name"]) for each in leads]
    users = [{**user, "name": TEXTS[3]} if user["id"] == "ae-1" else user for user in USERS]
    world = write_world(tmp_path / "world", users, leads, asked)
    with rehearsal(tmp_path / "here", "--import", str(world), "--crm", crm) as made:
        yield made


def shown(here: Rehearsal, *command: str, code: int = 0) -> str:
    """What the command says at 1,000 columns: nothing that steers, no line that a text has made."""
    done = here.crmsync(*command, env={"COLUMNS": "1000"})
    assert done.returncode == code, done.stderr
    said = done.stdout + done.stderr
    assert not _STEERING.search(said.replace("\n", ""))
    assert "\x1b" not in said
    assert [line for line in said.splitlines() if re.match(rf"\W*{MARK}", line)] == []
    return done.stdout


@pytest.mark.breadth
def test_names_that_break_what_shows_them(here: Rehearsal, crm: str) -> None:
    assert len(TEXTS) == COUNT
    here.json("run", crm, "--dry-run", "--out", "plan.json")
    changes = json.loads(here.file("plan.json").read_text(encoding="utf-8"))["plans"][0]["changes"]
    assert len(changes) == COUNT
    assert MARK in shown(here, "apply", "plan.json")
    again = here.json("apply", "plan.json")["plans"][0]
    assert {change["outcome"] for change in again["changes"]} <= {"unchanged", "written"}
    run = min(line["id"] for line in here.json("runs", crm)["runs"] if line["kind"] == "apply")
    told = shown(here, "history", "--run", str(run))
    assert told.count(f" {MARK}") >= COUNT - 20

    natives = here.native(crm)
    for number, text in enumerate(TYPED):
        if text.strip():
            shown(here, "hold", natives[f"l{number:03}"], "--until", "2099-01-01", "--why", text[:LONGEST_WHY])
    assert shown(here, "holds").count("held until 2099-01-01") >= len(TYPED) - 3

    here.edit(crm, by="bdr-2", leads=[{"id": f"l{number:03}", "stage": stage("sal")} for number in range(100, 140)])
    here.json("run", crm, "--dry-run", code=0)
    assert MARK in shown(here, "report", "conflicts", "--show", "0")
