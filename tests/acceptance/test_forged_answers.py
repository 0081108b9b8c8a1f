"""Whole runs against CRMs, or servers before them, whose answers are not as they should be."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from forging import Passing, forged
from rehearsal import CRMS, Rehearsal, rehearsal
from small_world import small_world
from spoiling import CHANGES, LEADS, check_words, set_options

from crmsync.values import replace
from suite.breadth import broadly

both = pytest.mark.parametrize("crm", CRMS)


def _without_addresses(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The record's page stands at the address that was asked, and that is another one while answers are forged."""
    return [{name: value for name, value in change.items() if name != "url"} for change in changes]


@both
@pytest.mark.parametrize("text", broadly([rb"half \\ud83d", b"Caf\xe9", rb"\\u0000"]), ids=["half", "byte", "nul"])
def test_one_broken_text_changes_no_decision(here: Rehearsal, crm: str, text: bytes) -> None:
    before = _without_addresses(here.json("run", crm, "--dry-run", "--full")["plans"][0]["changes"])

    met = []

    def broken(passing: Passing) -> Passing | None:
        met.append(b"Person-sql-1" in passing.body)
        return passing.with_body(re.sub(rb"Person-sql-1", text, passing.body))

    with forged(here, crm, broken):
        plan = here.json("run", crm, "--dry-run", "--full")["plans"][0]
        assert any(met)
        assert _without_addresses(plan["changes"]) == before
        assert plan["counts"]["leads"] == LEADS
        assert here.crmsync("run", crm, "--dry-run").returncode == 0


@pytest.mark.breadth
@both
@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "nan"},
        {"Retry-After": "inf"},
        {"Retry-After": "-1"},
        {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"},
    ],
    ids=lambda headers: next(iter(headers.values())),
)
def test_a_wish_that_cannot_be_meant_costs_no_run(here: Rehearsal, crm: str, headers: dict[str, str]) -> None:
    busy = iter([True, True])

    def once(passing: Passing) -> Passing | None:
        if "/oauth" in passing.path or not next(busy, False):
            return None
        return replace(passing, status=503, headers={**passing.headers, **headers}, body=b"")

    with forged(here, crm, once):
        assert len(here.json("run", crm, "--dry-run")["plans"][0]["changes"]) == CHANGES


@both
def test_a_wish_beyond_our_patience_is_told_with_the_time(here: Rehearsal, crm: str) -> None:
    def busy(passing: Passing) -> Passing | None:
        if "/oauth" in passing.path:
            return None
        return replace(passing, status=429, headers={**passing.headers, "Retry-After": "900"}, body=b"{}")

    with forged(here, crm, busy):
        began = time.monotonic()
        done = here.crmsync("run", crm)
        assert time.monotonic() - began < 300  # it would be 900
    assert done.returncode == 1
    check_words(done, here, "left alone for 15 minutes", "run again after 2", "UTC")
    assert len(here.json("run", crm, "--dry-run")["plans"][0]["changes"]) == CHANGES


@pytest.mark.breadth
@both
@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -1200", "soon"])
def test_a_date_that_cannot_be_costs_no_run(here: Rehearsal, crm: str, date: str) -> None:
    count = iter(range(10_000))

    def dated(passing: Passing) -> Passing | None:
        headers = {name: value for name, value in passing.headers.items() if name.lower() != "date"}
        return replace(passing, headers={**headers, "Date": date}) if next(count) % 2 else None

    with forged(here, crm, dated):
        for _ in range(2):
            assert len(here.json("run", crm, "--dry-run")["plans"][0]["changes"]) == CHANGES


@pytest.mark.breadth
@both
def test_an_answer_that_unpacks_to_gigabytes_ends_the_run_in_words(here: Rehearsal, crm: str) -> None:
    bomb = gzip.compress(b'{"results": ["' + b" " * 150_000_000, compresslevel=1)

    def packed(passing: Passing) -> Passing | None:
        if "/oauth" in passing.path:
            return None
        return replace(passing, headers={**passing.headers, "Content-Encoding": "gzip"}, body=bomb)

    with forged(here, crm, packed):
        done = here.crmsync("run", crm)
    assert done.returncode == 1
    check_words(done, here, "larger than this connection reads", "largest_answer_megabytes")
    assert here.crmsync("run", crm, "--dry-run").returncode == 0, "the lock is free again"


@pytest.mark.breadth
@both
def test_a_time_zone_that_this_machine_does_not_know_is_told(here: Rehearsal, crm: str) -> None:
    def elsewhere(passing: Passing) -> Passing | None:
        zone = rb'"(timeZone|TimeZoneSidKey)": ?"[^"]*"'
        return passing.with_body(re.sub(zone, rb'"\1": "Mars/Olympus"', passing.body))

    with forged(here, crm, elsewhere):
        done = here.crmsync("run", crm, "--dry-run")
    assert done.returncode == 1
    check_words(done, here, "`Mars/Olympus` is not known on this machine", "tzdata")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Rehearsal]:
    """Practice CRMs that may be written to, with more leads."""
    with rehearsal(tmp_path / "own", "--import", str(small_world(tmp_path / "world", 6))) as crms:
        set_options(crms, attempts=3, longest_wait_seconds=0.1)
        yield crms


@pytest.mark.breadth
def test_a_limit_of_the_orgs_code_is_met_in_smaller_calls(own: Rehearsal) -> None:
    sizes: list[int] = []

    def limited(passing: Passing) -> Passing | None:
        if passing.method != "POST" or not passing.path.endswith("/composite"):
            return None
        answer = json.loads(passing.body)
        write = next(
            (each for each in json.loads(passing.asked)["compositeRequest"] if each["referenceId"] == "write"), None
        )
        if write is None:
            return None
        sizes.append(len(write["body"]["records"]))
        if sizes[-1] <= 10:
            return None
        words = "LeadTrigger: System.LimitException: Too many SOQL queries: 101"
        error = {"statusCode": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "message": words, "fields": []}
        for part in answer["compositeResponse"]:
            if part["referenceId"] == "write":
                part["body"] = [{"success": False, "errors": [error]} for _ in range(sizes[-1])]
        return passing.with_body(json.dumps(answer).encode())

    with forged(own, "salesforce", limited):
        plan = own.json("run", "salesforce")["plans"][0]
    assert max(sizes) > 10
    assert len(plan["changes"]) > 10
    # The first call was carried out behind the proxy: its records stand as wished.
    assert {change["outcome"] for change in plan["changes"]} <= {"written", "unchanged"}


@pytest.mark.breadth
def test_duplicate_rules(own: Rehearsal) -> None:
    """Leads with one and the same company; the rule alerts, and the option lets crmsync save."""
    rule = {"fields": ["LeadSource"], "action": "alert"}
    leads = [lead["id"] for lead in own.state("salesforce")["leads"]]
    own.edit("salesforce", leads=[{"id": lead, "attributes": {"lead_source": "Web"}} for lead in leads])
    own.control("salesforce", "switches", "PUT", {"duplicate_rules": [rule]})
    answer = own.json("run", "salesforce", code=4)["plans"][0]
    assert {change["outcome"] for change in answer["changes"]} == {"refused"}
    assert "`allow_duplicates: true`" in answer["changes"][0]["message"]
    own.change(
        "crmsync.yaml", lambda data: data["connections"]["salesforce"]["options"].update(allow_duplicates=True)
    )
    again = own.json("run", "salesforce")["plans"][0]
    assert {change["outcome"] for change in again["changes"]} == {"written"}


@pytest.mark.breadth
@pytest.mark.parametrize("when", ["before the write", "after it"])
def test_a_lead_whose_entry_is_torn_when_asked_for_is_not_told_as_gone(own: Rehearsal, when: str) -> None:
    native = own.native("hubspot")["sql-1"]
    sent: list[bool] = []

    def torn(passing: Passing) -> Passing | None:
        if "contacts/batch/update" in passing.path:
            sent.append(f'"{native}"' in passing.asked.decode())
        if "contacts/batch/read" not in passing.path or (when == "after it" and not sent):
            return None
        answer = json.loads(passing.body)
        for record in answer.get("results", []):
            if record["id"] == native:
                record["properties"] = None
                record.pop("propertiesWithHistory", None)
        return passing.with_body(json.dumps(answer).encode())

    before = own.lead("hubspot", "sql-1")
    with forged(own, "hubspot", torn):
        [plan] = own.json("run", "hubspot", code=4)["plans"]
    change = next(each for each in plan["changes"] if each["lead"] == native)
    assert change["outcome"] == "not_reached"
    assert "could not be read" in change["message"]
    assert "no longer in the CRM" not in json.dumps(plan)
    assert any(sent) == (when == "after it")
    assert (own.lead("hubspot", "sql-1")["owner"] == before["owner"]) == (when == "before the write")
    own.json("run", "hubspot")
    users = own.native("hubspot", "users")
    assert users[own.lead("hubspot", "sql-1")["owner"]] == change["owner"]["after"], "the turn has waited for it"
    assert own.json("run", "hubspot", "--full", "--dry-run")["plans"][0]["changes"] == []
