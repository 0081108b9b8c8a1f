"""Every command as users start it: a process of its own says what is said inside a test.

That is what lets the other tests give their commands inside. The process has another seed of string hashes, and it
imports only those parts of crmsync that the command asks for; it is forked from one that has imported what is not
ours. The installed script itself is started for a run, a help, a refusal, and for what goes on until it is stopped.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from commands import ENDLESS, Done, environment, inside, process
from rehearsal import CRMS, Rehearsal, rehearsal
from small_world import small_world
from spoiling import set_guards

from crmsync.cli.main import COMMANDS
from suite.breadth import broadly
from suite.forking import cold_program
from suite.waiting import wait_until

SCRIPT = str(Path(sys.executable).with_name("crmsync"))
GIVEN = {
    "run": ("--dry-run", "--format", "json"),
    "explain": ("salesforce", "--all", "--format", "json"),
    "redistribute": ("hubspot", "--from", "aurelia.kvernberg@seller.example", "--dry-run"),
    "check": (),
    "fields": ("salesforce", "--search", "stage"),
    "report": ("load",),
    "runs": ("--format", "json"),
    "history": ("--run", "1", "--format", "json"),
    "status": ("--format", "json"),
    "alerts": ("show",),
    "holds": (),
    "provision": ("hubspot", "--dry-run"),
    "tidy": ("--dry-run",),
    "counters": ("export",),
    "policy": ("describe",),
    "test": ("--preset", "saas"),
    "schema": ("policy",),
    "fmt": ("--check",),
    "docs": (),
    "simulate": ("--policy", "policy.yaml"),
    "backtest": ("--outcome", "stage=sqo", "--format", "json"),
}
"""Command → arguments that make it do its work and change nothing."""
ONCE = {"apply", "backup", "forget", "hold", "hooks", "init", "store", "undo"}
"""Commands that do their work once; each has a test of its own here."""
SEED = 1


def said(done: Done) -> tuple[int, str, str]:
    """Exit code, stdout and stderr, but for times, how many calls are left, and a run's number with its seal."""
    stdout = re.sub(r"[\d,]+ left today", "… left today", done.stdout)
    stdout = re.sub(r'"(run|seal|lag_minutes|next_run)": ("[^"]+"|\d+)', r'"\1": …', stdout)
    return done.returncode, re.sub(r"\d\d:\d\d UTC", "…:… UTC", stdout), done.stderr


def script(*arguments: str, cwd: Path, program: str = SCRIPT) -> Done:
    """The console script, started from nothing, or `program` in its place."""
    return process(*arguments, cwd=cwd, env={"PYTHONHASHSEED": str(SEED)}, program=program)


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The program whose commands import crmsync anew."""
    with cold_program(tmp_path_factory.mktemp("cold"), SEED) as program:
        yield str(program)


@pytest.fixture(scope="module")
def crms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Both practice CRMs, read once: what a command says then, it says again."""
    place = tmp_path_factory.mktemp("script")
    with rehearsal(place / "here", "--import", str(small_world(place / "world"))) as here:
        here.json("run", "--dry-run")
        yield here


def test_every_command_is_started() -> None:
    assert {*GIVEN, *ENDLESS, *ONCE} == set(COMMANDS)


@pytest.mark.parametrize("command", broadly(GIVEN))
def test_a_process_says_what_is_said_inside(crms: Rehearsal, cold: str, command: str) -> None:
    program = SCRIPT if command == "run" else cold
    outside = script(command, *GIVEN[command], cwd=crms.directory, program=program)
    within = inside(command, *GIVEN[command], cwd=crms.directory)
    assert said(outside) == said(within)
    assert outside.returncode == 0, outside.stderr
    assert len(outside.stdout) > 20


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--help",), 0),
        (("--version",), 0),
        (("rnu",), 2),
        (("hooks", "test", "hubspot"), 2),
        (("run", "--as-of", "2026-11-21"), 2),
        (("explain", "--config", "nowhere.yaml", "salesforce", "--all"), 2),
        (("explain", "salesfroce", "--all"), 2),
    ],
)
def test_help_and_refusals_are_the_same(crms: Rehearsal, cold: str, arguments: tuple[str, ...], code: int) -> None:
    program = SCRIPT if len(arguments) == 1 else cold
    outside = script(*arguments, cwd=crms.directory, program=program)
    within = inside(*arguments, cwd=crms.directory)
    assert said(outside) == said(within)
    assert outside.returncode == code
    assert outside.stdout + outside.stderr


@pytest.mark.breadth
def test_a_copy_and_an_erasure_say_the_same(crms: Rehearsal, cold: str, tmp_path: Path) -> None:
    here = crms.copy(tmp_path / "here")
    here.json("run", "--dry-run")
    first, second = sorted(
        native for lead, native in here.native("salesforce").items() if lead.startswith(("mql", "sal"))
    )[:2]
    until = ("--until", "2999-01-01", "--why", "for good")
    for command, one, other in (
        ("hold", (first, *until), (second, *until)),
        ("backup", ("copy-1.db",), ("copy-2.db",)),
        ("forget", ("salesforce", first), ("salesforce", second)),
    ):
        outside = script(command, *one, cwd=here.directory, program=cold)
        within = inside(command, *other, cwd=here.directory)
        assert outside.returncode == within.returncode == 0, outside.stderr + within.stderr
        assert re.sub(r"[\d,]+", "…", outside.stdout) == re.sub(r"[\d,]+", "…", within.stdout)


@pytest.mark.breadth
def test_setting_up_again_says_the_same(crms: Rehearsal, cold: str, tmp_path: Path) -> None:
    env = {"CRMSYNC_HUBSPOT_ACCESS_TOKEN": "any"}
    arguments = ("init", "--connector", "hubspot", "--url", crms.urls["hubspot"], "--yes")
    assert inside(*arguments, cwd=tmp_path, env=env).returncode in (0, 4)
    outside, within = script(*arguments, cwd=tmp_path, program=cold), inside(*arguments, cwd=tmp_path)
    assert said(outside) == said(within)
    assert "Nothing has changed since." in outside.stdout


@pytest.mark.breadth
def test_a_saved_plan_that_a_guard_stops_says_the_same(crms: Rehearsal, cold: str, tmp_path: Path) -> None:
    here = crms.copy(tmp_path / "here")
    here.json("run", "--dry-run", "--out", "plan.json")
    arguments = ("apply", "plan.json", "--allow-changes", "1")
    outside = script(*arguments, cwd=here.directory, program=cold)
    within = inside(*arguments, cwd=here.directory)
    assert said(outside) == said(within)
    assert outside.returncode == 3
    assert [here.writes(crm) for crm in CRMS] == [[], []]


@pytest.mark.breadth
def test_an_undo_says_the_same(crms: Rehearsal, cold: str, tmp_path: Path) -> None:
    here = crms.copy(tmp_path / "here")
    set_guards(here, changed_share=0.1, floor=0)
    inside("run", "salesforce", cwd=here.directory)
    run = here.json("runs", "salesforce")["runs"][0]["id"]
    outside = script("undo", str(run), cwd=here.directory, program=cold)
    within = inside("undo", str(run), cwd=here.directory)
    assert said(outside) == said(within)
    assert outside.returncode == 0, outside.stderr
    assert "there is nothing to take back" in outside.stdout


@pytest.mark.breadth
def test_a_run_writes_and_exits_the_same(crms: Rehearsal, cold: str, tmp_path: Path) -> None:
    """Against a guard, so that the first leaves to the second what it found."""
    here = crms.copy(tmp_path / "here")
    set_guards(here, changed_share=0.1, floor=0)
    inside("run", "--dry-run", cwd=here.directory)
    outside = script("run", cwd=here.directory, program=cold)
    within = inside("run", cwd=here.directory)
    assert said(outside) == said(within)
    assert outside.returncode == 3
    assert [here.writes(crm) for crm in CRMS] == [[], []]


@contextmanager
def serving(*arguments: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """The console script at work; nothing of it is left."""
    with subprocess.Popen([SCRIPT, *arguments], env=environment(), text=True, **options) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.breadth
def test_serve_works_until_it_is_told_to_stop(crms: Rehearsal, tmp_path: Path) -> None:
    here = crms.copy(tmp_path / "here")

    def change(data: Any) -> None:
        for connection in data["connections"].values():
            connection.update(schedule={"every_minutes": 0.05})

    here.change("crmsync.yaml", change)
    set_guards(here, changed_share=0.1, floor=0)
    log = tmp_path / "log"
    with log.open("wb") as err, serving("serve", cwd=here.directory, stderr=err) as process:
        wait_until(lambda: log.read_text().count("run ended") >= 2, what="a run on both CRMs")
        process.send_signal(signal.SIGTERM)
        assert process.wait(300) == 0
    assert "stopped" in log.read_text()


@pytest.mark.breadth
def test_practice_crms_are_served_until_they_are_told_to_stop(tmp_path: Path) -> None:
    options = ("--port", "0", "--leads", "3", "--config-dir", "config")
    with serving("practice", "serve", *options, cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert list(json.loads(process.stdout.readline())) == list(CRMS)
        assert len(inside("run", "--dry-run", "--format", "json", cwd=tmp_path / "config").stdout) > 100
        process.send_signal(signal.SIGTERM)
        assert (process.communicate(timeout=300)[0], process.returncode) == ("", 0)


def test_the_demo_shows_a_dry_run_and_leaves_nothing_running(tmp_path: Path) -> None:
    done = script("demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("plan only, nothing is written") == 2
    assert list(tmp_path.iterdir()) == []
