"""Which leads are a connection's: a quarter of them out and back in, by mapping and by edits, in both CRMs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from rehearsal import CRMS, LEAD_OBJECT, Rehearsal, rehearsal, write_world
from small_world import USERS, activity, lead

LEADS = 200
FIELD = {"salesforce": "Scope__c", "hubspot": "scope"}


@pytest.fixture(params=CRMS)
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def name_of(number: int) -> str:
    return f"l{number:04}"


@pytest.fixture
def here(tmp_path: Path, crm: str) -> Iterator[Rehearsal]:
    """Every fourth lead is of another business; every tenth asked for a demo or a consultation."""
    leads = [
        lead(name_of(number), attributes={"scope": "Services" if number % 4 == 0 else "Software"})
        for number in range(LEADS)
    ]
    evidence = [
        activity(name_of(number), "demo_request" if number % 20 else "consultation_request")
        for number in range(0, LEADS, 10)
    ]
    world = write_world(tmp_path / "world", USERS, leads, evidence)
    with rehearsal(tmp_path / "here", "--import", str(world), "--crm", crm) as made:
        yield made


def mapping(here: Rehearsal, crm: str) -> Path:
    return here.directory / "mappings" / f"{crm}.yaml"


def narrowed_to(here: Rehearsal, crm: str, when: str) -> str:
    """Write `when` into the mapping's lead; the text before."""
    file = mapping(here, crm)
    text = file.read_text(encoding="utf-8")
    head = next(line for line in text.splitlines() if line.startswith("lead:"))
    if head == "lead:":
        wider = text.replace("lead:\n", f"lead:\n  when: {when}\n", 1)
    else:
        wider = text.replace(head, head.rstrip()[:-1] + f", when: {when}}}", 1)
    file.write_text(wider, encoding="utf-8")
    return text


def counts(here: Rehearsal, *arguments: str) -> dict[str, Any]:
    [plan] = here.json("run", *arguments)["plans"]
    assert not any(guard["breached"] for guard in plan["guards"]), plan["guards"]
    return {**plan["counts"], "plan": plan}


def test_a_quarter_leaves_by_a_new_mapping_and_comes_back(here: Rehearsal, crm: str) -> None:
    assert counts(here)["leads"] == LEADS
    wide = narrowed_to(here, crm, f"{{{FIELD[crm]}: Software}}")
    out = counts(here)
    assert (out["leads"], out["left_scope"], out["changes"]) == (LEADS * 3 // 4, LEADS // 4, 0)
    assert any(f"{LEADS // 4} leads have fallen out of scope" in note for note in out["plan"]["notes"])
    again = counts(here, "--full")
    assert (again["leads"], again["left_scope"], again["changes"]) == (LEADS * 3 // 4, 0, 0)

    # Outside, people go on, also with a lead that was handed off (0); inside, nothing of it is written.
    given = [{"id": name_of(number), "owner": "bdr-2", "by": "bdr-2"} for number in (0, 4)]
    here.edit(crm, leads=given)
    before = here.last_write(crm)
    counts(here)
    assert here.writes(crm, before) == []

    mapping(here, crm).write_text(wide, encoding="utf-8")
    back = counts(here)
    assert (back["leads"], back["left_scope"], back["changes"]) == (LEADS, 0, 0)
    assert {here.lead(crm, each["id"])["owner"] for each in given} == {"bdr-2"}


@pytest.mark.breadth
def test_a_lead_goes_and_comes_by_a_persons_edit_with_its_evidence(here: Rehearsal, crm: str) -> None:
    narrowed_to(here, crm, f"{{{FIELD[crm]}: {{none_of: Services}}}}")
    first = counts(here)
    assert first["leads"] == LEADS * 3 // 4
    natives = {each["id"]: each["native_id"] for each in here.state(crm)["leads"]}
    written = {entry["id"] for entry in here.writes(crm) if entry["object"] == LEAD_OBJECT[crm]}
    assert written == {natives[name_of(number)] for number in range(0, LEADS, 10) if number % 4}

    # In: what it did long before counts at once.
    here.edit(crm, leads=[{"id": name_of(20), "attributes": {"scope": "Software"}}])
    came = counts(here)
    assert [change["lead"] for change in came["plan"]["changes"]] == [natives[name_of(20)]]
    assert came["plan"]["changes"][0]["stage"]["after"] == "sql"

    # Out, without a full reading, and in again: it stands where it was put.
    here.edit(crm, leads=[{"id": name_of(20), "attributes": {"scope": "Services"}}])
    assert counts(here)["left_scope"] == 1
    here.edit(crm, leads=[{"id": name_of(20), "attributes": {"scope": "Software"}}])
    assert counts(here)["changes"] == 0


@pytest.mark.breadth
def test_what_can_be_asked_is_asked(here: Rehearsal, crm: str) -> None:
    """Salesforce compares days: a complete reading brings only leads that may fit, a later one all that changed."""
    created = {"salesforce": "CreatedDate", "hubspot": "createdate"}[crm]
    narrowed_to(here, crm, f"{{{created}: {{after: 2099-01-01}}}}")
    assert counts(here)["leads"] == 0
    asked = unquote_plus(" ".join(each["query"] or "" for each in here.control(crm, "requests")))
    assert ("CreatedDate >= 2098-12-31T00:00:00Z" in asked) == (crm == "salesforce")
    seen = len(here.control(crm, "requests"))
    assert counts(here)["leads"] == 0
    later = unquote_plus(" ".join(each["query"] or "" for each in here.control(crm, "requests")[seen:]))
    assert "CreatedDate >=" not in later


def test_a_scope_that_the_crm_does_not_know_is_told_with_its_place(here: Rehearsal, crm: str) -> None:
    narrowed_to(here, crm, "{No_Such_Field: x}")
    done = here.crmsync("check")
    assert done.returncode == 2
    assert "has no field `No_Such_Field`" in done.stdout + done.stderr
