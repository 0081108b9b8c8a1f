"""A store of which a part is damaged: that part is set aside and read again, all else goes on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rehearsal import WRITE, Rehearsal, rehearsal
from small_world import small_world
from spoiling import CHANGES, LEADS, check_words

from suite.breadth import broadly

CRM = "salesforce"


def spoil(here: Rehearsal, statement: str) -> str | None:
    """Change something in the store's file; gives what the statement returns."""
    with closing(sqlite3.connect(here.file("crmsync.db"))) as at, at:
        row = at.execute(statement).fetchone()
    return None if row is None else str(row[0])


def copy_store(place: Rehearsal, other: Rehearsal) -> None:
    """As it stands, beside another configuration for the same CRM."""
    with (
        closing(sqlite3.connect(place.file("crmsync.db"))) as source,
        closing(sqlite3.connect(other.file("crmsync.db"))) as copy,
    ):
        source.backup(copy)


FIRST = "key = (SELECT MIN(key) FROM leads)"


@pytest.fixture(scope="module")
def read_once(shared: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> tuple[Rehearsal, Mapping[str, Any]]:
    """A store after one dry run, and the plan that it made."""
    place = shared.copy(tmp_path_factory.mktemp("read") / "once")
    return place, place.json("run", CRM, "--dry-run")["plans"][0]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Rehearsal]:
    """A practice CRM that may be written to."""
    with rehearsal(tmp_path / "own", "--crm", CRM, "--import", str(small_world(tmp_path / "world"))) as made:
        yield made


@pytest.fixture(scope="module")
def written_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """One to which a run has written, and nothing else may."""
    place = tmp_path_factory.mktemp("written")
    with rehearsal(place / "once", "--crm", CRM, "--import", str(small_world(place / "world"))) as made:
        made.json("run", CRM)
        last = made.last_write(CRM)
        yield made
        assert made.writes(CRM, last) == []


@pytest.fixture
def before(read_once: tuple[Rehearsal, Mapping[str, Any]], here: Rehearsal) -> Mapping[str, Any]:
    """Gives `here` that store, and what the dry run said that made it."""
    place, plan = read_once
    copy_store(place, here)
    return plan


@pytest.mark.parametrize(
    "facts",
    broadly(
        [
            "CAST(X'7B2261223A22E9227D' AS TEXT)",  # a byte that is no UTF-8, in a value
            "substr(facts, 1, length(facts) - 1)",
            "''",
            "'{\"need\"1}'",
            "facts || char(10) || facts",
        ],
        core=2,
    ),
    ids=["byte", "cut", "empty", "syntax", "twice"],
)
def test_damaged_facts_of_one_lead(here: Rehearsal, before: Mapping[str, Any], facts: str) -> None:
    lead = spoil(here, f"UPDATE leads SET facts = {facts}, due_on = 0 WHERE {FIRST} RETURNING lead")
    plan = here.json("run", CRM, "--dry-run", code=[0, 4])["plans"][0]
    if "E9" not in facts:
        assert [each["lead"] for each in plan["set_aside"]] == [lead]
        assert "damaged" in plan["set_aside"][0]["reason"]
        assert lead not in {change["lead"] for change in plan["changes"]}
        after = here.json("run", CRM, "--dry-run")["plans"][0]
        assert any("damaged: all records are read again" in note for note in after["notes"])
        assert after["changes"] == before["changes"]
        assert after["counts"]["leads"] == LEADS


@pytest.mark.usefixtures("before")
def test_a_damaged_set_up(here: Rehearsal) -> None:
    spoil(here, "UPDATE connections SET snapshot = substr(snapshot, 1, 40)")
    done = here.crmsync("report", "load", CRM)
    assert done.returncode in {0, 2}
    check_words(done, here)
    spoil(here, "UPDATE connections SET snapshot = substr(snapshot, 1, 40)")
    assert here.crmsync("explain", CRM, "--all", "--format", "json").returncode == 0
    spoil(here, "UPDATE connections SET snapshot = CAST(X'E9' AS TEXT)")
    plan = here.json("run", CRM, "--dry-run")["plans"][0]
    assert len(plan["changes"]) == CHANGES


@pytest.mark.usefixtures("before")
def test_a_damaged_text_is_in_no_message(here: Rehearsal) -> None:
    """SQLite would print the text that it cannot decode."""
    spoil(here, f"UPDATE leads SET company = CAST(X'476568E9696D' AS TEXT), due_on = 0 WHERE {FIRST}")
    done = here.crmsync("run", CRM, "--dry-run")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("column", broadly(["stage_native", "hand_off_native"]))
def test_other_damaged_texts_of_a_lead(here: Rehearsal, before: Mapping[str, Any], column: str) -> None:
    lead = spoil(here, f"UPDATE leads SET {column} = '{{\"Status', due_on = 0 WHERE {FIRST} RETURNING lead")
    plan = here.json("run", CRM, "--dry-run", code=4)["plans"][0]
    assert [each["lead"] for each in plan["set_aside"]] == [lead]
    assert here.json("run", CRM, "--dry-run")["plans"][0]["changes"] == before["changes"]


@pytest.mark.breadth
def test_a_damaged_change_under_way(own: Rehearsal) -> None:
    """The write's answer is lost, and then what was stored of it."""
    own.control(CRM, "faults", "PUT", [{"path": WRITE[CRM], "drop": "before"}])
    own.change(
        "crmsync.yaml",
        lambda data: data["connections"][CRM]["options"].update(attempts=2, longest_wait_seconds=0.1),
    )
    due = {change["lead"] for change in own.json("run", CRM, code=4)["plans"][0]["changes"]}
    own.control(CRM, "faults", "DELETE")
    lead = spoil(own, "UPDATE journal SET writes = '{' WHERE id = (SELECT MAX(id) FROM journal) RETURNING lead")
    spoil(own, "UPDATE journal SET reasons = CAST(X'E95B' AS TEXT) WHERE id = (SELECT MIN(id) FROM journal)")
    plan = own.json("run", CRM, code=4)["plans"][0]
    assert lead in {each["lead"] for each in plan["set_aside"]}
    assert any("under way is damaged" in each["reason"] for each in plan["set_aside"])
    assert {change["lead"] for change in plan["changes"]} == due
    assert {change["outcome"] for change in plan["changes"]} == {"written"}
    assert own.json("run", CRM)["plans"][0]["changes"] == []


@pytest.mark.usefixtures("before")
def test_a_damaged_counter_is_told_in_words(here: Rehearsal) -> None:
    """It cannot be read again from the CRM, and turns must not be made up."""
    spoil(
        here,
        "INSERT INTO counters SELECT id, 'pool', 'person', 1, 'Gehe' FROM connections WHERE name = 'salesforce'",
    )
    done = here.crmsync("run", CRM, "--dry-run")
    assert done.returncode == 1
    check_words(done, here, "a text in the store is damaged", "backup")
    assert "Gehe" not in done.stderr


@pytest.mark.breadth
@pytest.mark.parametrize("column", ["created_at", "stage_since", "stage_edited_on", "owner_edited_on"])
def test_a_day_or_time_of_a_lead_that_is_none(here: Rehearsal, before: Mapping[str, Any], column: str) -> None:
    lead = spoil(here, f"UPDATE leads SET {column} = 'zzz', due_on = 0 WHERE {FIRST} RETURNING lead")
    plan = here.json("run", CRM, "--dry-run", code=4)["plans"][0]
    assert [each["lead"] for each in plan["set_aside"]] == [lead]
    assert here.json("run", CRM, "--dry-run", code=[0, 4])["plans"][0]["changes"] == before["changes"]


@pytest.mark.breadth
def test_damaged_leads_are_told_where_they_are_left_out(here: Rehearsal) -> None:
    here.json("run", CRM, "--dry-run")
    whole = here.crmsync("explain", CRM, "--all", "--format", "json").stdout.splitlines()
    lead = spoil(here, f"UPDATE leads SET facts = '{{' WHERE {FIRST} RETURNING lead")
    told = f"Note: left out, as what is stored there is damaged: 1 lead of {CRM} ({lead}); `crmsync run {CRM}"
    for command in (
        ("explain", CRM, "--all", "--format", "json"),
        ("report", "worklist", CRM),
        ("report", "near-miss", CRM),
        ("simulate", CRM, "--policy", "consulting"),
    ):
        done = here.crmsync(*command)
        assert (done.returncode, told in done.stderr) == (0, True), (command, done.stderr)
    rest = here.crmsync("explain", CRM, "--all", "--format", "json").stdout.splitlines()
    assert len(rest) == len(whole) - 1
    named = here.crmsync("explain", CRM, str(lead))
    assert named.returncode == 1
    assert f"what is stored of {lead} is damaged" in named.stderr


@pytest.mark.parametrize("column", broadly(["day", "at"]))
@pytest.mark.usefixtures("before")
def test_evidence_of_a_day_that_is_none(here: Rehearsal, column: str) -> None:
    # The practice CRM stamps evidence of today five minutes after midnight. Until a quarter past, an overlap would
    # have the run read it again, which mends it.
    here.change("crmsync.yaml", lambda data: data["connections"][CRM]["options"].update(overlap_seconds=0))
    lead = spoil(
        here,
        f"UPDATE activities SET {column} = 'zzz' WHERE rowid = (SELECT MIN(rowid) FROM activities) RETURNING lead",
    )
    spoil(here, "UPDATE leads SET due_on = 0")
    plan = here.json("run", CRM, "--dry-run", code=4)["plans"][0]
    assert [each["lead"] for each in plan["set_aside"]] == [lead]


@pytest.mark.parametrize(
    "statement",
    broadly(
        [
            "UPDATE counters SET count = 'abc'",
            "UPDATE counters SET state = '{{{'",
            "UPDATE counters SET state = '[]'",
            """UPDATE counters SET state = '{"turns": "x"}'""",
            "UPDATE counters SET state = '{\"turns\": {}}'",
            f"UPDATE counters SET state = '{'[' * 20_000}'",
        ],
        core=2,
    ),
    ids=["count", "syntax", "list", "text", "object", "nested"],
)
def test_damaged_counters_are_told(written_once: Rehearsal, tmp_path: Path, statement: str) -> None:
    own = written_once.copy(tmp_path / "own")
    copy_store(written_once, own)
    spoil(own, statement)
    for command in (
        ("run", CRM),
        ("run", CRM, "--dry-run", "--full"),
        ("report", "load", CRM),
        ("counters", "export"),
    ):
        done = own.crmsync(*command)
        assert done.returncode == 1, command
        check_words(done, own, "damaged", "restore a backup")
        assert "foresee" not in done.stderr


@pytest.mark.parametrize(
    "statement",
    broadly(
        [
            "UPDATE journal SET intended_at = 'zzz', settled_at = 'zzz'",
            pytest.param("UPDATE runs SET started_at = 'zzz'", marks=pytest.mark.breadth),
            pytest.param("UPDATE decisions SET details = '{', as_of = 'zzz'", marks=pytest.mark.breadth),
            pytest.param("UPDATE stage_history SET since = 'zzz', day = 'zzz'", marks=pytest.mark.breadth),
            pytest.param("UPDATE cursors SET cursor = 'zzz'", marks=pytest.mark.breadth),
            "UPDATE connections SET snapshot = '{\"org\": 5}'",
        ]
    ),
    ids=lambda statement: statement.split()[1],
)
def test_other_damaged_values_end_no_command_unforeseen(own: Rehearsal, statement: str) -> None:
    own.json("run", CRM)
    spoil(own, statement)
    for command in (("run", CRM), ("explain", CRM, "--all"), ("report", "load", CRM), ("report", "hand-offs", CRM)):
        done = own.crmsync(*command)
        assert "foresee" not in done.stderr + done.stdout, command
        assert "Traceback" not in done.stderr + done.stdout, command


@pytest.mark.breadth
def test_a_damaged_run_is_left_out_and_told(own: Rehearsal) -> None:
    own.json("run", CRM, "--dry-run")
    first = own.json("run", CRM)["plans"][0]
    number = spoil(own, "UPDATE runs SET counts = '{' WHERE id = (SELECT MIN(id) FROM runs) RETURNING id")
    told = f"what is kept of run {number} is damaged"
    assert told in " ".join(own.json("run", CRM, "--dry-run", "--full")["plans"][0]["notes"])
    listed = own.crmsync("runs", CRM, "--format", "json")
    assert (listed.returncode, f"is damaged: 1 run ({number})" in listed.stderr) == (0, True), listed.stderr
    assert number not in {str(run["id"]) for run in json.loads(listed.stdout)["runs"]}
    [status] = own.json("status", CRM, code=1)["connections"]
    assert any(told in need for need in status["attention"])
    check_words(own.crmsync("undo", str(number), "--dry-run"), own, f"what is kept of run {number} in the store")
    undone = own.json("undo", str(newest_writing(own)), "--dry-run", code=[0, 4])["plans"][0]
    assert {change["lead"] for change in undone["changes"]} <= {change["lead"] for change in first["changes"]}
    assert undone["changes"] != []


def newest_writing(here: Rehearsal) -> int:
    """The number of the last run that wrote."""
    return max(run["id"] for run in here.json("runs", CRM)["runs"] if not run["dry_run"])


@pytest.mark.breadth
def test_where_no_run_is_left_to_compare_with_nothing_is_written(own: Rehearsal) -> None:
    own.json("run", CRM, "--dry-run")
    spoil(own, "UPDATE runs SET counts = '{'")
    done = own.crmsync("run", CRM)
    assert done.returncode == 1
    check_words(done, own, "nothing is left to compare this one with", "backup")


@pytest.mark.breadth
def test_check_tells_of_another_account_and_leaves_the_store_alone(here: Rehearsal) -> None:
    """Runs would refuse it."""
    assert here.crmsync("check", CRM).returncode == 0
    assert not here.file("crmsync.db").exists()
    here.json("run", CRM, "--dry-run")
    assert here.crmsync("check", CRM).returncode == 0
    spoil(here, "UPDATE connections SET snapshot = json_set(snapshot, '$.org.id', '00Dother', '$.org.name', 'Other')")
    before = here.file("crmsync.db").read_bytes()
    done = here.crmsync("check", CRM, "--format", "json")
    assert done.returncode == 2
    [told] = [each for each in json.loads(done.stdout)["connections"][0]["points"] if not each["right"]]
    assert "and the store holds leads of Other (00Dother)" in told["found"]
    assert here.file("crmsync.db").read_bytes() == before
    assert here.crmsync("run", CRM, "--dry-run").returncode == 2
    here.file("crmsync.db").write_bytes(b"no store at all")
    unusable = here.crmsync("check", CRM)
    assert (unusable.returncode, "cannot be used" in unusable.stdout) == (1, True), unusable.stdout


@pytest.mark.breadth
def test_every_command_refuses_a_store_of_another_object(own: Rehearsal) -> None:
    """Somebody has switched `lead: object`: what is stored is of other records, which may have the same ids."""
    own.json("run", CRM)
    run = str(own.json("runs", CRM)["runs"][0]["id"])
    own.crmsync("run", CRM, "--dry-run", "--format", "json", "--out", "plan.json")
    lead = own.native(CRM)["sql-1"]
    own.json("hold", lead, CRM, "--until", "2099-01-01", "--why", "a test")
    written = len(own.writes(CRM))
    spoil(own, "UPDATE connections SET snapshot = json_set(snapshot, '$.lead_object', 'Elsewhere')")
    before = own.file("crmsync.db").read_bytes()
    for command in (
        ("check", CRM),
        ("explain", CRM, "--all"),
        ("report", "load", CRM),
        ("report", "worklist", CRM),
        ("report", "hand-offs", CRM),
        ("report", "conflicts", CRM),
        ("run", CRM, "--dry-run"),
        ("run", CRM, "--full"),
        ("undo", run),
        ("apply", "plan.json"),
        ("hold", lead, "--until", "2099-01-01", "--why", "another record of this id was meant"),
        ("hold", lead, "--release"),
    ):
        done = own.crmsync(*command)
        told = " ".join((done.stdout + done.stderr).split())
        assert (done.returncode, "the store holds Elsewhere records" in told) == (2, True), (command, told)
    for command in (("history", lead), ("history", "--run", run), ("holds",)):
        done = own.crmsync(*command)
        assert (done.returncode, done.stderr.count("the store holds Elsewhere records")) == (0, 1), (
            command,
            done.stderr,
        )
    status = own.crmsync("status", CRM)
    assert (status.returncode, "the store holds Elsewhere records" in " ".join(status.stdout.split())) == (1, True)
    assert (len(own.writes(CRM)), own.file("crmsync.db").read_bytes()) == (written, before)
    erased = own.crmsync("forget", CRM, lead)
    assert (erased.returncode, "the store holds Elsewhere records" in erased.stderr) == (0, True)
    spoil(own, "UPDATE connections SET snapshot = json_remove(snapshot, '$.lead_object')")
    assert own.crmsync("holds").stderr == ""
    assert own.json("run", CRM)["plans"][0]["changes"] == []
