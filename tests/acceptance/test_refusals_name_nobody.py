"""A CRM's words of refusal may hold names and companies: none comes into messages, plans, the journal or the log."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from forging import Passing, forged
from rehearsal import CRMS, Rehearsal, rehearsal, write_world
from small_world import USERS, leads_and_activities
from spoiling import set_options

from crmsync.values import replace
from suite.breadth import broadly

both = pytest.mark.parametrize("crm", CRMS)
ADMIN = "Close date must be in the future"


PEOPLE = (
    ("Mallory", "Quuxenberg"),
    ("Zyxander", "McFlorp"),
    ("Ölrun", "Vrbnik"),
    ("Praxedis", "Yggdrasil"),
    ("Wolfhard", "Tzschoppe"),
    ("Xanthippe", "Ngugi"),
    ("Kunibert", "Oyelaran"),
)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Rehearsal]:
    """Practice CRMs that may be written to; a call is made twice at most."""
    some = [
        ({**lead, "first_name": first, "last_name": last, "company": f"{last} {first}werke"}, activities)
        for (lead, activities), (first, last) in zip(leads_and_activities(1), PEOPLE, strict=False)
    ]
    world = write_world(
        tmp_path / "world", USERS, [lead for lead, _ in some], [each for _, activities in some for each in activities]
    )
    with rehearsal(tmp_path / "own", "--import", str(world)) as crms:
        set_options(crms, attempts=2, longest_wait_seconds=0.1)
        yield crms


def people(here: Rehearsal, crm: str) -> list[Mapping[str, Any]]:
    """All leads with a name and a company."""
    return [each for each in here.state(crm)["leads"] if each.get("last_name") and each.get("company")]


def gossip(leads: list[Mapping[str, Any]]) -> str:
    """Every lead's names and company, in three spellings, and what else a CRM repeats."""
    names = [f"{each['company']} belongs to {each.get('first_name')} {each['last_name']}" for each in leads]
    return "; ".join(
        [
            ADMIN,
            *names,
            *map(str.upper, names),
            *(f"'{name}'" for name in names),
            "ann@people.example",
            "0170 1234567",
        ]
    )


def refused(path: str, asked: bytes, words: str, *, whole: bool) -> tuple[int, bytes] | None:
    """The answer to a write of leads that is refused with these words, as a whole or row by row; else nothing."""
    hubspot = "batch/update" in path
    if not hubspot and not (path.endswith("/composite") and b'"PATCH"' in asked):
        return None
    if whole:
        error: Any = {"status": "error", "message": words, "category": words, "errors": [{"message": words}]}
        return 403, json.dumps(error if hubspot else [{"errorCode": words, "message": words}]).encode()
    if hubspot:
        rows = [each["objectWriteTraceId"] for each in json.loads(asked)["inputs"]]
        about = [{"objectWriteTraceId": [row], "company": [words]} for row in rows]
        errors = [{"category": "VALIDATION_ERROR", "message": words, "context": context} for context in about]
        return 207, json.dumps({"results": [], "errors": errors}).encode()
    error = {"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": words, "fields": [words, "Status"]}
    parts = []
    for part in json.loads(asked)["compositeRequest"]:
        status, body = 403, []
        if part["referenceId"] == "write":
            status, body = 200, [{"success": False, "errors": [error]} for _ in part["body"]["records"]]
        parts.append({"referenceId": part["referenceId"], "httpStatusCode": status, "body": body})
    return 200, json.dumps({"compositeResponse": parts}).encode()


def names_in(text: str, leads: list[Mapping[str, Any]]) -> list[str]:
    """Parts of names and companies that stand in the text, in any case."""
    parts = {
        word.lower()
        for lead in leads
        for key in ("first_name", "last_name", "company")
        for word in re.findall(r"[^\W\d_]{4,}", lead.get(key) or "")
    }
    return sorted(part for part in parts if re.search(rf"\b{part}\b", text.lower()))


@both
@pytest.mark.parametrize("whole", broadly([False, True]), ids=["row", "call"])
def test_a_refusal_repeats_nobodys_name(own: Rehearsal, crm: str, whole: bool) -> None:
    leads = people(own, crm)
    words = gossip(leads)
    with forged(own, crm, instead=lambda _, path, asked: refused(path, asked, words, whole=whole)):
        done = own.crmsync("run", crm, "--format", "json")
    assert done.returncode in {1, 2, 4}
    answer = json.loads(done.stdout)
    told = json.dumps([answer["errors"], [[plan["set_aside"], plan["notes"]] for plan in answer["plans"]]])
    messages = [change["message"] for plan in answer["plans"] for change in plan["changes"] if "message" in change]
    assert messages, answer
    with closing(sqlite3.connect(own.file("crmsync.db"))) as store:
        journaled = [message for (message,) in store.execute("SELECT message FROM journal")]
    everything = "\n".join([told, *messages, *journaled, done.stderr])
    assert names_in(everything, leads) == []
    assert "people.example" not in everything
    assert "1234567" not in everything
    if not whole:
        assert all(ADMIN in message for message in messages), "an admin's own words stay"


def test_a_refused_sign_in_repeats_nobodys_name(own: Rehearsal) -> None:
    leads = people(own, "salesforce")

    def refuse(passing: Passing) -> Passing | None:
        if "/oauth" not in passing.path:
            return None
        body = {"error": "invalid_grant", "error_description": gossip(leads)}
        return replace(passing, status=400, body=json.dumps(body).encode())

    with forged(own, "salesforce", refuse):
        done = own.crmsync("run", "salesforce")
    assert done.returncode == 1
    assert "refused the sign-in: invalid_grant" in done.stderr
    assert names_in(done.stdout + done.stderr, leads) == []
