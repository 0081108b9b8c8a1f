"""What CRMs told while the service was killed, a CRM was down, or files changed: nothing is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from listening import (
    all_read,
    lines,
    run_unheard,
    runs_by_tellings,
    seldom,
    serving,
    stage_of,
    waiting,
)
from receiving import (
    TOUCH_SECRET,
    event,
    hooks_at,
    touched,
    webhook,
)
from rehearsal import (
    LEAD_OBJECT,
    READ_BY_ID,
    WRITE,
    Rehearsal,
    keep_in,
    on_one,
    rehearsal,
)
from small_world import DISQUALIFYING, small_world

from crmsync.clock import now
from crmsync.store import Store, ToldRecord
from suite import postgresql
from suite.waiting import wait_until


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Rehearsal]:
    """One practice CRM of its own, with a schedule of one run a year."""
    imported = small_world(tmp_path / "world")
    options = ("--import", str(imported), "--crm", "hubspot")
    with hooks_at() as hooks, rehearsal(tmp_path / "here", *options, "--hooks", hooks) as here:
        here.change("crmsync.yaml", seldom)
        run_unheard(here)
        yield here


@pytest.mark.breadth
@pytest.mark.parametrize("where", [READ_BY_ID, WRITE], ids=["before it is read", "before it is written"])
def test_what_was_told_outlives_a_kill(alone: Rehearsal, where: Mapping[str, str]) -> None:
    """The touch is acknowledged; the service dies on its way to the CRM; the next one does what is left, once."""
    with serving(alone) as running:
        alone.control("hubspot", "faults", "PUT", [{"path": where["hubspot"], "delay_seconds": 60, "times": 1}])
        alone.edit("hubspot", leads=[{"id": "lead-1", "attributes": DISQUALIFYING}])
        wait_until(lambda: alone.control("hubspot", "faults")[0]["fired"], 60, "a call that hangs")
        running.kill()
    alone.control("hubspot", "faults", "DELETE")
    assert waiting(alone, "hubspot") >= 1
    after = alone.last_write("hubspot")
    with serving(alone) as running:
        wait_until(lambda: stage_of(alone, "hubspot", "lead-1") == "UNQUALIFIED", 60, "the lead disqualified")
        all_read(alone, "hubspot")
        assert running.end() == 0
    assert len({entry["id"] for entry in alone.writes("hubspot", after)}) <= 1
    [plan] = alone.json("run", "--full", "--dry-run")["plans"]
    assert plan["counts"]["changes"] == 0


@pytest.mark.breadth
def test_a_crm_that_is_down_is_asked_again_and_nothing_is_lost(alone: Rehearsal) -> None:
    with serving(alone) as running:
        alone.control("hubspot", "faults", "PUT", [{"path": READ_BY_ID["hubspot"], "status": 503, "times": 2}])
        alone.edit("hubspot", leads=[{"id": "lead-1", "attributes": DISQUALIFYING}])
        wait_until(lambda: stage_of(alone, "hubspot", "lead-1") == "UNQUALIFIED", 120, "the lead disqualified")
        assert running.end() == 0
    stopped = [line for line in lines(running) if "could not be read" in line["event"]]
    assert stopped
    assert all(line["connection"] == "hubspot" for line in stopped)


@pytest.mark.breadth
def test_files_that_change_are_taken_and_so_are_hooks(alone: Rehearsal) -> None:
    """Another secret counts once the files are read again; a changed mapping has everything read first."""
    with serving(alone) as running:
        native = alone.native("hubspot")["lead-1"]
        assert touched(alone, "hubspot", [native]) == 200
        wait_until(lambda: runs_by_tellings(running, "hubspot"), 60, "a service at work")
        env = alone.file(".env")
        env.write_text(
            env.read_text(encoding="utf-8").replace(TOUCH_SECRET, "another-touch-secret"), encoding="utf-8"
        )
        alone.change(
            "mappings/hubspot.yaml", lambda data: data["lead"].update(when={"company": {"none_of": ["Away"]}})
        )
        os.kill(running.pid, signal.SIGHUP)
        wait_until(lambda: any(line["event"] == "files read again" for line in lines(running)), 60, "new files")
        assert touched(alone, "hubspot", [native]) == 401
        assert touched(alone, "hubspot", [native], secret="another-touch-secret") == 200
        wait_until(lambda: any("everything is read first" in line["event"] for line in lines(running)), 60, "that")
        all_read(alone, "hubspot")
        assert running.end() == 0
    newest = next(run for run in alone.json("runs", "hubspot")["runs"] if run["kind"] == "run")
    assert newest["counts"]["read"] > 1


@pytest.mark.breadth
@on_one("hubspot")
def test_what_one_machine_was_told_another_reads(crm: str, tmp_path: Path) -> None:
    imported = small_world(tmp_path / "world")
    options = ("--import", str(imported), "--crm", crm)
    with (
        hooks_at() as hooks,
        rehearsal(tmp_path / "here", *options, "--hooks", hooks) as here,
        postgresql.database() as store,
    ):
        here.change("crmsync.yaml", seldom)
        keep_in(here.file("crmsync.yaml"), store)
        here.json("run")
        here.control(crm, "switches", "PUT", {"webhook_url": None})
        with serving(here) as running:
            here.edit(crm, leads=[{"id": "lead-1", "attributes": DISQUALIFYING}])
            native = here.native(crm)["lead-1"]
            with closing(Store(here.store)) as elsewhere:
                elsewhere.tellings.take_in(crm, [ToldRecord(LEAD_OBJECT[crm], native)], now=now())
            wait_until(lambda: stage_of(here, crm, "lead-1") == "UNQUALIFIED", 60, "the lead disqualified")
            assert running.end() == 0


@pytest.mark.breadth
def test_without_a_secret_a_hook_is_none(alone: Rehearsal) -> None:
    env = alone.file(".env")
    kept = [line for line in env.read_text(encoding="utf-8").splitlines() if "SECRET" not in line]
    env.write_text("\n".join(kept) + "\n", encoding="utf-8")
    with serving(alone) as running:
        assert webhook(alone, [event("1")]) == 404
        assert touched(alone, "hubspot", ["1"]) == 404
        assert running.end() == 0
    [line] = [line for line in lines(running) if line["event"] == "hooks"]
    assert (line["connections"], line["touches"]) == ([], False)
    done = alone.crmsync("hooks", "test", "hubspot")
    assert (done.returncode, "CRMSYNC_HOOKS_SECRET" in done.stderr) == (2, True)
