"""A person out of the store for good, and a copy of the store that can be put in its place."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal
from small_world import small_world

from crmsync.store import NewPlan, PlannedChange, Sought, Store
from crmsync.store.called import folded
from crmsync.testing.store_frames import NOW

both = pytest.mark.parametrize("crm", CRMS)
NAUGHTY = "Dr. Forgotten Überall-Zebra"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Rehearsal]:
    """Both practice CRMs with the small world, read and written once."""
    with rehearsal(tmp_path / "own", "--import", str(small_world(tmp_path / "world", 2))) as crms:
        for crm in CRMS:
            crms.edit(crm, leads=[{"id": "sql-1", "last_name": NAUGHTY, "company": "Zebra Überall GmbH"}])
        done = crms.crmsync("run")
        assert done.returncode == 0, done.stderr
        yield crms


def bytes_of_the_store(here: Rehearsal) -> bytes:
    """Everything in the store's file and in those beside it."""
    files = sorted(here.directory.glob("crmsync.db*"))
    assert here.file("crmsync.db") in files
    return b"\n".join(file.read_bytes() for file in files)


def words_of(here: Rehearsal, crm: str, lead: str) -> set[bytes]:
    """What must not be left of a lead, as it was told and as search reads it."""
    held = here.lead(crm, lead)
    subjects = {each["subject"] for each in here.state(crm)["activities"] if each["lead"] == lead}
    words = {held["email"], held["first_name"], held["last_name"], held["company"], *subjects}
    long = {word for word in words if word and len(word) > 6}
    return {word.encode() for word in long | {folded(held[each]) for each in ("last_name", "company")}}


def counters(here: Rehearsal) -> Any:
    """The rotation counters as they are carried to another store."""
    return json.loads(here.crmsync("counters", "export").stdout)


def in_a_plan(here: Rehearsal) -> None:
    """A change of the lead waits for an approval, and is found by its name."""
    with closing(Store(here.file("crmsync.db"))) as store:
        for crm in CRMS:
            planned = PlannedChange(here.native(crm)["sql-1"], "a→b", None, False, 0, {})
            plan = store.plans.keep(crm, NewPlan("run", 1, None, "digest", None, {}), [planned], now=NOW)
            word = folded(here.lead(crm, "sql-1")["last_name"]).split()[-1]
            assert store.plans.page(crm, plan, Sought(words=(word,)), order="name", first=0, most=1)[0] == 1


@both
def test_a_forgotten_person_is_not_in_the_files_bytes(own: Rehearsal, crm: str) -> None:
    here, other = own.native(crm)["sql-1"], next(name for name in CRMS if name != crm)
    words = words_of(own, crm, "sql-1")
    assert NAUGHTY.encode() in words
    before = counters(own)
    in_a_plan(own)
    # The same person is in the other CRM, and stays there until forgotten there as well.
    assert all(word in bytes_of_the_store(own) for word in words)
    told = own.json("forget", crm, here)
    assert told["erased"]["leads"] == 1
    assert told["erased"]["activities"] >= 1
    assert told["erased"]["entries"] >= 1
    own.json("forget", other, own.native(other)["sql-1"])
    left = bytes_of_the_store(own)
    assert [word for word in words if word in left] == []
    assert own.lead(crm, "sqo-1")["email"].encode() in left, "others stay"
    assert counters(own) == before
    assert own.crmsync("explain", crm, here).returncode == 2


@pytest.mark.breadth
def test_who_is_still_in_the_crm_comes_back_and_who_is_not_does_not(own: Rehearsal) -> None:
    gone, there = own.native("salesforce")["sql-1"], own.native("salesforce")["sqo-1"]
    own.delete_lead("salesforce", "sql-1")
    for lead in (gone, there):
        own.json("forget", "salesforce", lead)
    assert own.crmsync("run", "salesforce", "--full").returncode == 0
    assert own.crmsync("explain", "salesforce", there).returncode == 0
    assert own.crmsync("explain", "salesforce", gone).returncode == 2


@pytest.mark.breadth
def test_what_cannot_be_forgotten_is_told(own: Rehearsal) -> None:
    unknown = own.crmsync("forget", "salesforce", "00Q5g00000XyZ12EAB")
    assert unknown.returncode == 2
    assert "not among the stored leads of salesforce: 00Q5g00000XyZ12EAB" in unknown.stderr
    assert own.crmsync("forget", "salesfource", "1").returncode == 2
    lead = own.native("salesforce")["sql-1"]
    store = Store(own.file("crmsync.db"))
    with store.hold("salesforce", now=datetime(2026, 11, 21, tzinfo=UTC)):
        busy = own.crmsync("forget", "salesforce", lead)
    store.close()
    assert busy.returncode == 1
    assert "another run works on salesforce" in busy.stderr
    done = own.crmsync("forget", "salesforce", lead)
    assert done.returncode == 0
    assert "Erased from the store" in done.stdout


@pytest.mark.breadth
def test_a_person_may_be_named_as_people_do(own: Rehearsal) -> None:
    ids = {crm: own.native(crm) for crm in CRMS}
    page = f"https://acme.lightning.force.com/lightning/r/Lead/{ids['salesforce']['mql-1']}/view"
    for crm, name, lead in (
        ("salesforce", ids["salesforce"]["sql-1"][:15], "sql-1"),
        ("salesforce", page, "mql-1"),
        ("hubspot", "Person.SQL-1@buyer-sql-1.example", "sql-1"),
    ):
        answer = own.json("forget", crm, name)
        assert answer["lead"] == ids[crm][lead]
    for crm, name, told in (
        ("hubspot", "Person.SQL-1@buyer-sql-1.example", "(as an e-mail)"),
        ("salesforce", "00Q5g00000XyZ12", "(looked for the id 00Q5g00000XyZ12"),
    ):
        again = own.crmsync("forget", crm, name)
        assert again.returncode == 2
        assert f"not among the stored leads of {crm}: {name} {told}" in again.stderr


@pytest.mark.breadth
def test_an_e_mail_of_two_leads_erases_none(own: Rehearsal) -> None:
    email = own.lead("salesforce", "sql-1")["email"]
    own.edit("salesforce", leads=[{"id": "mql-1", "email": email}])
    own.json("run", "salesforce", "--dry-run")
    done = own.crmsync("forget", "salesforce", email)
    assert done.returncode == 2
    ids = own.native("salesforce")
    assert all(ids[lead] in done.stderr for lead in ("sql-1", "mql-1"))
    assert own.crmsync("explain", "salesforce", email).stdout.count("By evidence") == 2, "both are still there"


@pytest.mark.breadth
def test_a_backup_is_whole_while_others_write_and_can_be_put_back(own: Rehearsal, tmp_path: Path) -> None:
    explained = own.crmsync("explain", "salesforce", "--all", "--format", "json").stdout
    copy = tmp_path / "a [bold]copy.db"
    holding = sqlite3.connect(own.file("crmsync.db"))
    holding.execute("BEGIN IMMEDIATE")
    holding.execute("UPDATE leads SET company = 'never committed'")
    done = own.crmsync("backup", str(copy))
    holding.rollback()
    holding.close()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"The store is copied to {copy} (") and "people's data" in done.stdout
    assert b"never committed" not in copy.read_bytes()
    if sys.platform != "win32":
        assert copy.stat().st_mode & 0o077 == 0
    for beside in own.directory.glob("crmsync.db*"):
        beside.unlink()
    shutil.copy(copy, own.file("crmsync.db"))
    assert own.crmsync("explain", "salesforce", "--all", "--format", "json").stdout == explained
    assert own.json("run", "--dry-run")["plans"][0]["changes"] == []


@pytest.mark.breadth
def test_after_an_old_backup_is_put_back_nothing_is_written_twice_or_fought(own: Rehearsal, tmp_path: Path) -> None:
    """What crmsync wrote after the copy was made stands in the CRM, and looks like somebody else's."""
    copy = tmp_path / "copy.db"
    assert own.crmsync("backup", str(copy)).returncode == 0
    for crm in CRMS:
        own.edit(crm, leads=[{"id": "parked", "attributes": {"need": "none"}}, {"id": "mql-1", "owner": "ae-1"}])
    moved = {crm: own.json("run", crm)["plans"][0]["counts"]["changes"] for crm in CRMS}
    state = {crm: own.state(crm)["leads"] for crm in CRMS}
    last = {crm: own.last_write(crm) for crm in CRMS}
    for beside in own.directory.glob("crmsync.db*"):
        beside.unlink()
    shutil.copy(copy, own.file("crmsync.db"))
    assert own.crmsync("run").returncode == 0, moved
    assert {crm: own.writes(crm, last[crm]) for crm in CRMS} == {crm: [] for crm in CRMS}
    assert {crm: own.state(crm)["leads"] for crm in CRMS} == state


@pytest.mark.breadth
@pytest.mark.parametrize("spoil", ["there", "no folder", "a folder", "damaged"])
def test_a_backup_that_cannot_be_made_is_told_and_leaves_nothing(own: Rehearsal, tmp_path: Path, spoil: str) -> None:
    where = tmp_path / "backups"
    where.mkdir()
    target = {"no folder": where / "nowhere" / "copy.db", "a folder": where}.get(spoil, where / "copy.db")
    if spoil == "there":
        target.write_text("mine", encoding="utf-8")
    if spoil == "damaged":
        file = own.file("crmsync.db")
        own.crmsync("forget", "salesforce", own.native("salesforce")["sql-1"])  # empties the log beside it
        content = bytearray(file.read_bytes())
        content[8192:16384] = b"\xff" * 8192
        file.write_bytes(content)
    done = own.crmsync("backup", str(target))
    assert done.returncode == (1 if spoil == "damaged" else 2), done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(each.name for each in where.iterdir()) == (["copy.db"] if spoil == "there" else [])
    if spoil == "there":
        assert target.read_text(encoding="utf-8") == "mine"
