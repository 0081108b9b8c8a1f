"""Wrong days, credentials, CRMs, stores and result files are told in words, and nothing is left half-done."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal, write_world
from small_world import USERS
from spoiling import check_words, check_works, set_options

from suite.breadth import broadly
from suite.waiting import wait_until


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_the_calendar(here: Rehearsal, day: str) -> None:
    done = here.crmsync("run", "--dry-run", "--as-of", day)
    assert done.returncode == 2
    check_words(done, here, f"`{day}` is not between", "--as-of")


@pytest.mark.breadth
def test_a_connection_named_twice_runs_once(here: Rehearsal) -> None:
    plans = here.json("run", "salesforce", "hubspot", "salesforce", "--dry-run")["plans"]
    assert [plan["connection"] for plan in plans] == list(CRMS)


def test_wrong_credentials(here: Rehearsal, shared: Rehearsal) -> None:
    secrets = "CRMSYNC_SALESFORCE_CLIENT_ID=x\nCRMSYNC_SALESFORCE_CLIENT_SECRET=very-invalid-secret\n"
    here.file(".env").write_text(f"{secrets}CRMSYNC_HUBSPOT_ACCESS_TOKEN=pat-eu1-invalid-0815\n", encoding="utf-8")
    done = here.crmsync("run")
    assert done.returncode == 1
    check_words(done, here, "salesforce: ", "refused the sign-in", "→ check client_id and client_secret")
    check_words(done, here, "hubspot: ", "refused the credentials", "→ check the connection's access token")
    check_works(here, right=shared)


@pytest.mark.breadth
def test_crms_that_are_down(here: Rehearsal, shared: Rehearsal) -> None:
    set_options(here, url="http://127.0.0.1:9", attempts=2, longest_wait_seconds=0.1)  # 9: discard, nobody listens
    done = here.crmsync("run")
    assert done.returncode == 1
    for crm in CRMS:
        check_words(done, here, f"{crm}: ", "cannot be reached", "tried 2 times", "→ check", "url")
    check_works(here, right=shared)


@pytest.mark.breadth
@pytest.mark.parametrize("path", ["", "Task|Event|objects/(meetings|notes)"], ids=["everywhere", "half-way"])
def test_crms_that_answer_503_for_ever(here: Rehearsal, path: str) -> None:
    set_options(here, attempts=2, longest_wait_seconds=0.1)
    for crm in CRMS:
        here.control(crm, "faults", "PUT", [{"path": path, "status": 503}])
    done = here.crmsync("run")
    assert done.returncode == 1
    assert done.stderr.count("tried 2 times") == 2
    assert len(re.findall("503|SERVER_UNAVAILABLE", done.stderr)) == 2
    check_words(done, here, "salesforce: ", "hubspot: ", "→")
    for crm in CRMS:
        here.control(crm, "faults", "DELETE")
    check_works(here)


def test_a_damaged_store(here: Rehearsal) -> None:
    store = here.file("crmsync.db")
    store.write_bytes(b"this is no database " * 500)
    done = here.crmsync("run", "salesforce")
    assert done.returncode == 1
    check_words(done, here, str(store), "not a database", "backup")
    assert store.read_bytes().startswith(b"this is no database"), "somebody may want to mend it"
    store.unlink()
    check_works(here, "salesforce")


@pytest.mark.parametrize("store", ["nowhere/crmsync.db", "policy.yaml/crmsync.db", "mappings"])
def test_a_store_that_cannot_be_written(here: Rehearsal, store: str) -> None:
    here.change("crmsync.yaml", lambda data: data.update(store=store))
    done = here.crmsync("run", "salesforce")
    assert done.returncode == 1
    check_words(done, here, "the store", store, "folder exists")


def test_a_folder_that_may_not_be_written(here: Rehearsal) -> None:
    """The superuser may write everywhere but where the system itself says no."""
    folder = here.file("locked")
    folder.mkdir()
    folder.chmod(0o555)
    if os.getuid() == 0:
        folder = Path("/proc")
    done = here.crmsync("run", "salesforce", env={"CRMSYNC_STORE": str(folder / "crmsync.db")})
    here.file("locked").chmod(0o755)
    assert done.returncode == 1
    check_words(done, here, "the store", str(folder), "folder exists")


def test_a_store_of_another_kind(here: Rehearsal) -> None:
    done = here.crmsync("run", "salesforce", env={"CRMSYNC_STORE": "mysql://crmsync:top-secret-thing@127.0.0.1/x"})
    assert done.returncode == 2
    check_words(done, here, "mysql", "store: crmsync.db")


@pytest.mark.parametrize("out", broadly(["nowhere/plan.json", "policy.yaml/plan.json", "mappings"]))
def test_an_out_file_that_cannot_be_written_is_told_before_anything_is_done(here: Rehearsal, out: str) -> None:
    done = here.crmsync("run", "salesforce", "--out", out)
    assert done.returncode == 2
    check_words(done, here, out, "--out")
    assert done.stdout == ""
    assert not here.file("crmsync.db").exists()


@pytest.mark.breadth
def test_zero_leads(tmp_path: Path) -> None:
    world = write_world(tmp_path / "world", USERS, [])
    with rehearsal(tmp_path / "here", "--import", str(world)) as here:
        for arguments in (["--dry-run"], [], ["--full"]):
            for plan in here.json("run", *arguments)["plans"]:
                assert (plan["counts"]["read"], plan["changes"], plan["set_aside"]) == (0, [], [])
        done = here.crmsync("run", "--dry-run")
        assert done.returncode == 0
        assert done.stdout.count("Nothing to change.") == 2


@pytest.mark.breadth
def test_two_runs_at_once(here: Rehearsal) -> None:
    here.control("salesforce", "faults", "PUT", [{"path": "/oauth2/token", "delay_seconds": 300, "times": 1}])
    with here.start("run", "salesforce", "--dry-run") as first:
        wait_until(lambda: here.control("salesforce", "faults")[0]["fired"], what="the first run's sign-in")
        second = here.crmsync("run", "salesforce", "--dry-run")
        assert second.returncode == 1
        check_words(second, here, "another run works on salesforce", f"process {first.pid}", "wait until")
        assert re.search(r"since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", second.stderr)
        here.json("run", "hubspot", "--dry-run")  # another connection is free
        assert first.poll() is None, "the first run has ended before the second one was tried"
        first.kill()
    check_works(here, "salesforce")  # a killed run leaves no lock
