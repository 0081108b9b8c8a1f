"""Values that decide: what a CRM holds and crmsync does not understand is told, by every command that it concerns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal, write_world
from small_world import USERS, activity, lead
from spoiling import replace

ATTRIBUTES: tuple[dict[str, Any], ...] = (
    {"annual_revenue": 9_000_000, "currency": "JPY", "bands": "11-50", "staff": "1.000", "budget": "Ja"},
    {"annual_revenue": 2_000_000, "bands": "51-200", "staff": "250", "budget": "Nein"},
    {"staff": "ask Person-l2 at 0170 1234567", "goals": "none", "bands": "1-10"},
)
STAFF = {"salesforce": "Staff__c", "hubspot": "staff"}
BANDS = {"salesforce": "Bands__c", "hubspot": "bands"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Three leads with values that hardly anybody understands; one stands in a stage of somebody's own."""
    place = tmp_path_factory.mktemp("values")
    leads = [lead(f"l{number}", stage=None, attributes=told) for number, told in enumerate(ATTRIBUTES)]
    leads[2]["stage"] = "Parked"
    calls = [activity("l0", "call", outcome="connected"), activity("l1", "fax_received", outcome="odd")]
    with rehearsal(place / "r", "--import", str(write_world(place / "world", USERS, leads, calls))) as crms:
        yield crms


@pytest.fixture
def own(world: Rehearsal, tmp_path: Path) -> Rehearsal:
    """Files of one's own, and a mapping that takes texts for numbers."""
    crms = world.copy(tmp_path / "own")
    for crm in CRMS:
        for name in (STAFF[crm], BANDS[crm]):
            replace(crms, f"mappings/{crm}.yaml", f"{name}, type: text}}", f"{name}, type: integer}}")
    return crms


def explained(crms: Rehearsal, crm: str) -> list[dict[str, Any]]:
    """All leads."""
    done = crms.crmsync("explain", crm, "--all", "--format", "json")
    return [json.loads(line) for line in done.stdout.splitlines()]


def data(crms: Rehearsal, crm: str, code: int = 0) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    answer = crms.json("check", crm, "--data", code=code)
    return answer["connections"][0], answer["findings"]


@pytest.mark.parametrize("crm", CRMS)
def test_check_data_counts_what_the_records_hold(own: Rehearsal, crm: str) -> None:
    told, findings = data(own, crm)
    facts = {fact["fact"]: fact for fact in told["facts"]}
    assert facts["staff"]["field"] == STAFF[crm]
    assert (facts["staff"]["filled"], facts["staff"]["converted"]) == (1.0, 0.3333)
    assert facts["staff"]["unconverted"] == [
        {"value": "1.000", "count": 1},
        {"value": "ask [name] at [number]", "count": 1},
    ]
    assert [each["value"] for each in facts["bands"]["unconverted"]] == ["1-10", "11-50", "51-200"]
    assert facts["budget"]["unused"] == ["available", "none"]
    assert {(each["stage"], each["native"]): each["leads"] for each in told["stages"]}["lead", None] == 2
    assert told["unmanaged"] == [{"value": "Parked", "count": 1}]
    kinds = {(each["kind"], each["outcome"]): each["count"] for each in told["activities"]}
    assert kinds == {("call", "connected"): 1, ("fax_received", "odd"): 1}
    staff = next(each for each in findings if each["message"].startswith("`staff` is unknown for 2 leads of 3"))
    line = own.file(f"mappings/{crm}.yaml").read_text("utf-8").splitlines()[staff["line"] - 1]
    assert (staff["severity"], line.strip().startswith("staff:")) == ("warning", True)
    assert own.writes(crm) == []
    assert not own.file("crmsync.db").exists()


def test_of_many_records_only_so_many_are_read(own: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crmsync.operations.check.data.MOST_RECORDS", 2)
    told, _ = data(own, "salesforce")
    assert told["read"][0] == {"object": "Lead", "records": 2, "complete": False}
    assert told["read"][1]["complete"]
    assert sum(each["leads"] for each in told["stages"]) + len(told["unmanaged"]) == 2


@pytest.mark.parametrize("crm", CRMS)
def test_a_table_tells_the_same_in_80_columns(own: Rehearsal, crm: str) -> None:
    done = own.crmsync("check", crm, "--data", env={"COLUMNS": "80"})
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "“1.000” (1)" in " ".join(done.stdout.split())
    assert "Worth a look" in done.stdout


@pytest.mark.parametrize("crm", CRMS)
def test_a_plan_tells_what_it_could_not_read_until_it_is_mended(own: Rehearsal, crm: str) -> None:
    def notes(*arguments: str) -> list[str]:
        plan = own.json("run", crm, "--dry-run", *arguments)["plans"][0]
        return [note for note in plan["notes"] if note.startswith(("staff", "bands", "1 lead in a stage"))]

    first = notes()
    assert len(first) == 3
    assert "“1.000” (1)" in first[2]
    assert notes() == first, "not only in the run that reads them"
    replace(own, f"mappings/{crm}.yaml", f"{BANDS[crm]}, type: integer}}", f"{BANDS[crm]}, type: integer, "
            'values: {"11-50": 11, "51-200": 51, "1-10": null}}')  # fmt: skip
    assert [note.partition(":")[0] for note in notes()] == [note.partition(":")[0] for note in (first[0], first[2])]


@pytest.mark.breadth
def test_amounts_in_another_currency_are_converted_by_the_orgs_rates(own: Rehearsal) -> None:
    own.file("policy.yaml").write_text(
        own.file("policy.yaml").read_text("utf-8")
        + "facts: {annual_revenue: {type: money}}\ncriteria: {rich: {fact: annual_revenue, at_least: 1000000}}\n",
        encoding="utf-8",
    )
    own.json("run", "salesforce", "--dry-run")
    told = {line["lead"]: line["conditions"]["rich"] for line in explained(own, "salesforce")}
    ids = own.native("salesforce")
    assert [told[ids[name]] for name in ("l0", "l1", "l2")] == ["not_met", "met", "unknown"]
    [doubt] = (each for each in data(own, "salesforce")[1] if "several currencies" in each["message"])
    assert doubt["severity"] == "warning"
    own.change("policy.yaml", lambda data: data.update(facts={"annual_revenue": {"type": "money", "unit": "JPY"}}))
    answer = own.json("run", "salesforce", "--dry-run")
    assert any("currencies or their rates have changed" in note for note in answer["plans"][0]["notes"])
    told = {line["lead"]: line["conditions"]["rich"] for line in explained(own, "salesforce")}
    assert [told[ids[name]] for name in ("l0", "l1", "l2")] == ["met", "met", "unknown"], "counted in yen"


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_when_every_lead_is_somewhere_else_it_is_told(own: Rehearsal, crm: str) -> None:
    stage, company = {"salesforce": ("Status", "Company"), "hubspot": ("lifecyclestage", "company")}[crm]
    replace(own, f"mappings/{crm}.yaml", f"  field: {stage}\n", f"  field: {company}\n")
    told, findings = data(own, crm, code=2)
    assert sum(each["count"] for each in told["unmanaged"]) == 3
    error = next(each for each in findings if each["severity"] == "error")
    assert error["message"].startswith("every lead stands where no stage is mapped")
    plan = own.json("run", crm, "--dry-run", code=3)["plans"][0]
    assert [guard["name"] for guard in plan["guards"] if guard["breached"]] == ["all_unmanaged"]


@pytest.mark.parametrize("crm", CRMS)
def test_all_facts_may_be_unmapped(own: Rehearsal, crm: str) -> None:
    def unmap(data: Any) -> None:
        for name in data["facts"]:
            data["facts"][name] = "unmapped"

    own.change(f"mappings/{crm}.yaml", unmap)
    assert own.json("check", crm)["connections"][0]["exit_code"] == 0
    plan = own.json("run", crm, "--dry-run")["plans"][0]
    assert plan["counts"]["decided"] == 3
    assert len(explained(own, crm)) == 3


@pytest.mark.breadth
def test_a_variable_that_means_nothing_is_told(own: Rehearsal) -> None:
    text = own.file(".env").read_text("utf-8")
    own.file(".env").write_text(text + "CRMSYNC_HUBSPOT_TOKEN=pat-eu1-hidden\nOTHER=1\n", encoding="utf-8")
    done = own.crmsync("check", "hubspot", "--format", "json")
    [told] = (each for each in json.loads(done.stdout)["findings"] if each["file"].endswith(".env"))
    assert (told["severity"], told["line"]) == ("warning", len(text.splitlines()) + 1)
    assert told["message"] == "`CRMSYNC_HUBSPOT_TOKEN` means nothing to crmsync"
    assert told["hint"] == "did you mean `CRMSYNC_HUBSPOT_ACCESS_TOKEN`?"
    assert "hidden" not in done.stdout + done.stderr


@pytest.mark.breadth
def test_a_calculated_field_is_named_with_the_way_to_see_its_changes(own: Rehearsal) -> None:
    replace(
        own, "mappings/hubspot.yaml", "facts:\n", "facts:\n  deals: {field: num_associated_deals, type: integer}\n"
    )
    findings = own.json("check", "hubspot")["findings"]
    [told] = (each for each in findings if "num_associated_deals, which the CRM calculates" in each["message"])
    assert told["severity"] == "warning"
    assert "full_every_hours" in told["hint"]
