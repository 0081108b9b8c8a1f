"""`--out FILE` never takes the place of a file that crmsync needs, and an earlier result only as a whole."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import environment
from rehearsal import Rehearsal

from crmsync.cli.result_file import ResultFile
from crmsync.errors import UsageError

OWN = {
    "crmsync.yaml": "the configuration",
    ".env": "the file of variables",
    "policy.yaml": "the policy",
    "roster.yaml": "the roster",
    "crmsync.db": "the store",
    "crmsync.db-wal": "a part of the store",
    "crmsync.db-shm": "a part of the store",
    "crmsync.db-journal": "a part of the store",
    "crmsync.db.hubspot.lock": "a lock of the store",
    "mappings/hubspot.yaml": "the mapping of hubspot",
    "refresh-tokens.json": "an option of salesforce names",
    "refresh-tokens.json.lock": "salesforce keeps",
    "jwt.key": "an option of salesforce names",
    "other.key": "an option of hubspot names",
    "elsewhere.db": "the store",
    "banks.txt": "a list of the policy",
    "tests/mine.yaml": "a file of examples",
}


@pytest.fixture
def named(here: Rehearsal) -> Rehearsal:
    """A configuration that names files of every kind."""
    here.change("crmsync.yaml", lambda data: data["connections"]["salesforce"]["options"].update(x="jwt.key"))
    with here.file(".env").open("a", encoding="utf-8") as variables:
        variables.write("CRMSYNC_HUBSPOT_KEY_FILE=other.key\nCRMSYNC_STORE=elsewhere.db\n")
    here.change("policy.yaml", lambda data: data.update(lists={"banks": {"file": "banks.txt"}}))
    here.file("tests").mkdir()
    for name in ("jwt.key", "other.key", "banks.txt", "tests/mine.yaml"):
        here.file(name).write_text("mine\n", encoding="utf-8")
    return here


def kept(here: Rehearsal) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in here.directory.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", OWN)
def test_what_crmsync_needs_is_refused(named: Rehearsal, name: str) -> None:
    before = kept(named)
    for spelt in (name, f"./mappings/../{name}", str(named.file(name))):
        done = named.crmsync("policy", "presets", "--out", spelt)
        assert done.returncode == 2, spelt
        assert OWN[name] in done.stderr and "name another file with --out" in done.stderr
        assert done.stdout == ""
    assert kept(named) == before


@pytest.mark.parametrize(
    "name", [name for name in OWN if name in ("crmsync.yaml", "jwt.key", "mappings/hubspot.yaml")]
)
@pytest.mark.parametrize("make", [os.symlink, os.link])
def test_links_to_it_are_refused(named: Rehearsal, name: str, make: Callable[[Path, Path], None]) -> None:
    make(named.file(name), named.file("mine.txt"))
    before = kept(named)
    done = named.crmsync("policy", "presets", "--out", "mine.txt")
    assert done.returncode == 2 and OWN[name] in done.stderr
    assert kept(named) == before


COMMANDS = (
    ("run", "--dry-run"),
    ("explain", "salesforce", "--all"),
    ("redistribute", "hubspot", "--from", "aurelia.kvernberg@seller.example", "--dry-run"),
    ("check",),
    ("report", "worklist"),
    ("report", "near-miss"),
    ("report", "load"),
    ("report", "hand-offs"),
    ("counters", "export"),
    ("forget", "salesforce", "nobody"),
    ("policy", "describe"),
    ("policy", "show"),
    ("policy", "presets"),
    ("test",),
    ("schema", "policy"),
    ("simulate", "--policy", "saas"),
    ("simulate", "routing"),
    ("backtest", "--outcome", "stage=sqo"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: "-".join(command[:2]))
def test_every_command_refuses_and_has_done_nothing(here: Rehearsal, command: tuple[str, ...]) -> None:
    before, calls = kept(here), here.calls("salesforce")
    done = here.crmsync(*command, "--out", "policy.yaml")
    assert done.returncode == 2
    assert "policy.yaml is the policy: nothing else is written there" in done.stderr
    assert kept(here) == before
    assert here.calls("salesforce") == calls


def test_a_backup_takes_no_such_name(here: Rehearsal) -> None:
    done = here.crmsync("backup", "crmsync.db-wal")
    assert done.returncode == 2 and "a part of the store" in done.stderr
    assert not here.file("crmsync.db-wal").exists()


def test_a_broken_configuration_is_as_dear(here: Rehearsal) -> None:
    for broken in ("connections: [", "policy: 7\n"):
        here.file("crmsync.yaml").write_text(broken, encoding="utf-8")
        for name in ("crmsync.yaml", "policy.yaml"):
            done = here.crmsync("policy", "presets", "--out", name)
            assert done.returncode == (2 if name == "crmsync.yaml" or "connections" in broken else 0)
    assert here.file("crmsync.yaml").read_text(encoding="utf-8") == "policy: 7\n"


def test_what_the_command_reads_is_refused(here: Rehearsal) -> None:
    for name, command in {
        "won.csv": ("backtest", "--outcomes"),
        "new.yaml": ("simulate", "--policy"),
        "case.yaml": ("test",),
    }.items():
        here.file(name).write_text("mine\n", encoding="utf-8")
        done = here.crmsync(*command, name, "--out", name)
        assert done.returncode == 2 and "nothing else is written there" in done.stderr
        assert here.file(name).read_text(encoding="utf-8") == "mine\n"


@pytest.mark.breadth
def test_where_stdout_goes_is_refused(here: Rehearsal) -> None:
    with here.file("said.txt").open("w") as stdout:
        done = subprocess.run(
            [sys.executable, "-m", "crmsync", "policy", "presets", "--out", "said.txt"],
            cwd=here.directory, env=environment(), stdout=stdout, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2 and "goes to said.txt already" in done.stderr


def test_an_earlier_result_is_replaced_and_keeps_its_mode(here: Rehearsal) -> None:
    here.file("kept.json").write_text("older", encoding="utf-8")
    here.file("kept.json").chmod(0o600)
    here.file("link.json").symlink_to("kept.json")
    done = here.crmsync("policy", "presets", "--format", "json", "--out", "link.json")
    assert done.returncode == 0
    assert here.file("link.json").is_symlink()
    assert here.file("kept.json").read_text(encoding="utf-8") == done.stdout
    assert json.loads(done.stdout)["format"] == 1
    assert here.file("kept.json").stat().st_mode & 0o777 == 0o600
    assert list(here.directory.glob(".crmsync-*")) == []


def test_devices_are_written_to_as_they_are(here: Rehearsal) -> None:
    assert here.crmsync("policy", "presets", "--out", "/dev/null").returncode == 0
    if Path("/dev/full").exists():
        done = here.crmsync("policy", "presets", "--out", "/dev/full")
        assert done.returncode == 2 and "/dev/full cannot be written: No space left" in done.stderr
        assert "saas" in done.stdout, "the result is told all the same"


@pytest.mark.breadth
def test_a_disk_that_is_full_leaves_the_older_result(here: Rehearsal) -> None:
    here.file("kept.json").write_text("older", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "crmsync", "schema", "policy", "--out", "kept.json"],
        cwd=here.directory, env=environment(), capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "kept.json cannot be written: File too large; what was there stays" in done.stderr
    assert here.file("kept.json").read_text(encoding="utf-8") == "older"
    assert list(here.directory.glob(".crmsync-*")) == []


def test_a_command_that_ends_in_an_error_leaves_the_older_result(here: Rehearsal) -> None:
    here.file("kept.json").write_text("older", encoding="utf-8")
    with pytest.raises(ZeroDivisionError), ResultFile(here.file("kept.json")) as file:
        file.write("half")
        raise ZeroDivisionError
    here.file("loop").symlink_to("loop")
    with pytest.raises(UsageError, match="cannot be written"), ResultFile(here.file("loop")):
        pass
    assert here.file("kept.json").read_text(encoding="utf-8") == "older"
