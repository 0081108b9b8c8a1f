"""A full reading that looks whole and is not: leads out of sight are kept, with what people did to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, on_one, rehearsal
from small_world import small_world

both = pytest.mark.parametrize("crm", CRMS)
NOTHING: dict[str, dict[str, Any]] = {
    "salesforce": {
        "path": r"query/?\?.*FROM(\+|%20)Lead(\+|%20)",
        "body": {"records": [], "done": True, "totalSize": 0},
    },
    "hubspot": {"method": "GET", "path": "^/crm/v3/objects/contacts$", "body": {"results": []}},
}
"""What a user gets who no longer sees any lead."""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Rehearsal]:
    """Both practice CRMs with the small world, written once; then a person takes a lead's stage and owner back."""
    with rehearsal(tmp_path / "own", "--import", str(small_world(tmp_path / "world", 2))) as crms:
        before = {crm: crms.lead(crm, "sql-1") for crm in CRMS}
        assert crms.crmsync("run").returncode == 0
        for crm, lead in before.items():
            crms.edit(crm, by="bdr-2", leads=[{"id": "sql-1", "stage": lead["stage"], "owner": "bdr-2"}])
        assert crms.crmsync("run").returncode == 0
        yield crms


@both
def test_a_person_is_not_overwritten_after_leads_were_out_of_sight(own: Rehearsal, crm: str) -> None:
    held, written = own.state(crm)["leads"], own.last_write(crm)
    assert own.lead(crm, "sql-1")["owner"] == "bdr-2"
    own.control(crm, "faults", "PUT", [{**NOTHING[crm], "status": 200}])
    [plan] = own.json("run", crm, "--full", code=3)["plans"]
    [breach] = [guard for guard in plan["guards"] if guard["breached"]]
    assert (breach["name"], breach["value"]) == ("gone_share", 1.0)
    assert breach["leads"] == sorted(own.native(crm).values())[:10]
    table = own.crmsync("run", crm, "--full", "--dry-run")
    assert table.returncode == 3
    words = " ".join(table.stdout.split())
    assert "100 % of the known leads were not found, limit 30 %" in words
    assert f"crmsync run {crm} --full --allow gone={plan['counts']['leads']}" in words
    assert own.control(crm, "faults")[0]["fired"] >= 2
    own.control(crm, "faults", "DELETE")
    [plan] = own.json("run", crm, "--full")["plans"]
    assert plan["changes"] == []
    assert own.writes(crm, written) == []
    assert own.state(crm)["leads"] == held


@pytest.mark.breadth
@on_one("hubspot")
def test_leads_that_are_truly_gone_leave_when_it_is_said(own: Rehearsal, crm: str) -> None:
    own.control(crm, "faults", "PUT", [{**NOTHING[crm], "status": 200}])
    [plan] = own.json("run", crm, "--full", code=3)["plans"]
    known = plan["counts"]["leads"]
    assert own.crmsync("run", crm, "--full", "--allow", f"gone={known - 1}").returncode == 3
    [plan] = own.json("run", crm, "--full", "--allow", f"gone={known}")["plans"]
    assert plan["counts"]["leads"] == 0
