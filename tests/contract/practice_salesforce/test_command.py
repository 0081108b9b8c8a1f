"""The command line: what it prints, refuses, shifts, keeps and writes."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from .conftest import Org, start, stop, write_world

USERS = [{"id": "u", "type": "person", "name": "Ann Lee", "email": "ann@firm.example", "roles": ["ae"]}]
LEADS = [{"id": "l", "owner": "u", "stage": "Own", "last_name": "L", "created_at": "2024-01-01T10:00:00Z"}]
ACTIVITIES = [
    {"id": "a", "lead": "l", "kind": "call", "at": "2024-02-01T23:30:00Z", "by": "u", "outcome": "connected"},
    {"id": "b", "lead": "l", "kind": "demo", "at": "2024-01-20T12:00:00Z"},
]


def refused(*options: str) -> str:
    """The message of a start that must fail with exit 2 and nothing on stdout."""
    command = [sys.executable, "-m", "crmsync_practice", "serve", "--crm", "salesforce", "--port", "0", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout) == (2, ""), done
    assert "Traceback" not in done.stderr
    return done.stderr


def test_bad_usage_is_told(tmp_path: Path) -> None:
    assert "time zone" in refused("--timezone", "Mars/Olympus")
    assert "expected a day" in refused("--today", "soon")
    assert "from 1980 to 2200" in refused("--today", "9999-12-31")
    assert "exclude each other" in refused("--leads", "3", "--import", str(tmp_path))
    assert "leads.jsonl: missing" in refused("--import", str(tmp_path))
    assert "does not exist" in refused("--db", str(tmp_path / "none" / "x.db"))
    broken = write_world(tmp_path / "broken", USERS, [*LEADS, {"id": "m"}], [])
    assert f"{broken / 'leads.jsonl'}:2: created_at: missing" in refused("--import", str(broken))
    (tmp_path / "no.db").write_text("This is not a database. " * 100)
    assert "not a practice CRM's database" in refused("--db", str(tmp_path / "no.db"))


def test_a_taken_port_is_told() -> None:
    server, org = start("--leads", "1")
    try:
        assert "cannot listen" in refused("--leads", "1", "--port", str(org.port))
    finally:
        stop(server)


@contextmanager
def from_the_shell(*options: str) -> Iterator[dict[str, str]]:
    """URLs of practice CRMs started as users do, not warm; they end on SIGTERM."""
    command = [sys.executable, "-m", "crmsync_practice", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGTERM)
            out, told = process.communicate(timeout=300)
    assert (out, process.returncode) == ("", 0)
    assert "Ctrl-C ends" in told


@pytest.mark.breadth
def test_both_crms_get_neighbouring_ports() -> None:
    with from_the_shell("--leads", "5") as urls:
        assert list(urls) == ["salesforce", "hubspot"]
        first, second = (int(url.rsplit(":", 1)[1]) for url in urls.values())
        assert second == first + 1
        states = [requests.get(f"{url}/_practice/state", timeout=300).json() for url in urls.values()]
        assert [len(state["leads"]) for state in states] == [5, 5]
        assert states[0]["leads"][0]["email"] == states[1]["leads"][0]["email"]
        requests.put(f"{urls['salesforce']}/_practice/clock", json={"now": "2031-01-01T00:00:00Z"}, timeout=300)
        assert requests.get(f"{urls['hubspot']}/_practice/clock", timeout=300).json()["set"] is False


@pytest.mark.parametrize(("zone", "day"), [("UTC", "2026-11-20"), ("Asia/Tokyo", "2026-11-20")])
def test_an_import_is_shifted_so_that_its_latest_activity_falls_on_today(
    tmp_path: Path, start_org: Any, zone: str, day: str
) -> None:
    world = write_world(tmp_path / "world", USERS, LEADS, ACTIVITIES)
    org: Org = start_org("--import", str(world), "--today", day, "--timezone", zone)
    org.control("PUT", "clock", json={"now": f"{day}T16:00:00Z"})  # after a year tasks are put away
    rows = org.query("SELECT ActivityDate, CompletedDateTime FROM Task ORDER BY ActivityDate DESC")
    assert rows[0]["ActivityDate"] == day
    assert rows[0]["CompletedDateTime"][11:19] == "23:30:00"
    (lead,) = org.control("GET", "state")["leads"]
    assert lead["created_at"].endswith("T10:00:00Z") and lead["created_at"] > "2026-10"


def test_a_database_file_is_reopened_as_it_stands(tmp_path: Path, start_org: Any) -> None:
    where = str(tmp_path / "org.db")
    world = write_world(tmp_path / "world", USERS, [{**LEADS[0], "attributes": {"deal_urgency": True}}], ACTIVITIES)
    server, org = start("--import", str(world), "--db", where)
    made = org.client().Lead.create({"LastName": "Kept", "Company": "C", "Deal_Urgency__c": "false"})["id"]
    before = org.control("GET", "state")
    stop(server)
    again: Org = start_org("--leads", "77", "--db", where)
    assert again.control("GET", "state") == before
    assert again.client().Lead.create({"LastName": "New", "Company": "C"})["id"] > made
    with sqlite3.connect(where) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert all(name.startswith("sf_") or name.startswith("sqlite_") for name in tables)


@pytest.mark.breadth
def test_a_configuration_is_written_once(tmp_path: Path) -> None:
    where = tmp_path / "config"
    with from_the_shell("--crm", "salesforce", "--leads", "2", "--config-dir", str(where)) as urls:
        assert (where / ".env").stat().st_mode & 0o777 == 0o600
        assert urls["salesforce"]
    before = {path: path.read_bytes() for path in where.rglob("*") if path.is_file()}
    assert "already there" in refused("--leads", "2", "--config-dir", str(where))
    assert before == {path: path.read_bytes() for path in where.rglob("*") if path.is_file()}


def test_an_import_brings_its_own_stages_and_no_fields_that_nobody_imported(tmp_path: Path, start_org: Any) -> None:
    world = write_world(tmp_path / "world", USERS, [{**LEADS[0], "attributes": {"deal_urgency": "high"}}], ACTIVITIES)
    where = str(tmp_path / "org.db")
    process, org = start("--import", str(world), "--db", where)
    for _ in range(2):
        fields = {each["name"]: each for each in org.client().Lead.describe()["fields"]}
        custom = {name for name, each in fields.items() if each["custom"]}
        custom = {name for name in custom if not name.startswith("Crmsync_")}  # filled, never imported
        assert custom == {
            "Bdr__c",
            "Campaign__c",
            "Deal_Urgency__c",
            "Ext_Id__c",
            "Hand_Off_Response__c",
            "Hand_Off_Return_Reason__c",
        }
        assert [each["value"] for each in fields["Status"]["picklistValues"]][-1] == "Own"
        (own,) = org.query("SELECT SortOrder, IsConverted, IsDefault FROM LeadStatus WHERE ApiName = 'Own'")
        assert (own["SortOrder"], own["IsConverted"], own["IsDefault"]) == (9, False, False)
        stop(process)
        process, org = start("--db", where)
    stop(process)
    made_up: Org = start_org("--leads", "1")
    assert "Budget__c" in {each["name"] for each in made_up.client().Lead.describe()["fields"]}
