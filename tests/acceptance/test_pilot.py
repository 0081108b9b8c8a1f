"""Pilots on both practice CRMs: just the selected leads are written, the rest ends as if there had been none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, LEAD_OBJECT, OWNER_FIELD, STAGE_FIELDS, Rehearsal, on_one, rehearsal
from small_world import small_world

LEADS_OF_COPIES = 3


@pytest.fixture(params=CRMS)
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def here(tmp_path: Path, crm: str) -> Iterator[Rehearsal]:
    imported = small_world(tmp_path / "world", copies=LEADS_OF_COPIES)
    with rehearsal(tmp_path / "here", "--import", str(imported), "--crm", crm) as made:
        yield made


def people(here: Rehearsal, crm: str) -> dict[str, tuple[Any, Any]]:
    """Lead's own id → (native stage, owner)."""
    return {lead["id"]: (lead["stage"], lead["owner"]) for lead in here.state(crm)["leads"]}


def written(here: Rehearsal, crm: str, after: int = 0) -> set[str]:
    """Native ids of the leads that were written."""
    log = here.writes(crm)[after:]
    return {entry["id"] for entry in log if entry["object"] == LEAD_OBJECT[crm]}


def test_pilots_write_what_they_select_and_the_rest_ends_as_one_run_would(here: Rehearsal, crm: str) -> None:
    [whole] = here.json("run", "--dry-run")["plans"]
    assert whole["rest"] is None
    natives = {lead["id"]: lead["native_id"] for lead in here.state(crm)["leads"]}
    before = people(here, crm)

    # By e-mail, and by the address of the record's page where the CRM has one.
    named = "person.sql-1@buyer-sql-1.example"
    [dry] = here.json("run", crm, "--lead", named, "--dry-run")["plans"]
    assert [change["lead"] for change in dry["changes"]] == [natives["sql-1"]]
    [pilot] = here.json("run", crm, "--lead", named)["plans"]
    assert pilot["digest"] == dry["digest"]
    assert written(here, crm) == {natives["sql-1"]}
    after = people(here, crm)
    assert {lead for lead in after if after[lead] != before[lead]} == {"sql-1"}
    if crm == "salesforce":
        short = here.json("run", crm, "--lead", natives["sqo-1"][:15], "--dry-run")["plans"][0]
        assert [change["lead"] for change in short["changes"]] == [natives["sqo-1"]]

    # The first two hand-offs, then those that meet a criterion, then stages alone.
    count = len(here.writes(crm))
    [first] = here.json("run", crm, "--limit", "2")["plans"]
    assert [change["owner"] is not None for change in first["changes"]] == [True, True]
    assert written(here, crm, count) == {change["lead"] for change in first["changes"]}
    assert first["rest"]["leads"] == len(whole["changes"]) - 3
    count = len(here.writes(crm))
    [stages] = here.json("run", crm, "--only", "stage", "--stage", "mql")["plans"]
    assert {change["stage"]["after"] for change in stages["changes"]} == {"mql"}
    assert all(set(change["writes"]) <= set(STAGE_FIELDS[crm]) for change in stages["changes"])
    assert written(here, crm, count) == {natives[f"mql-{number}"] for number in range(1, LEADS_OF_COPIES + 1)}

    # The rest: all together the same leads stand where one run would have put them.
    here.json("run")
    [nothing] = here.json("run", "--full", "--dry-run")["plans"]
    assert nothing["changes"] == []
    log = [entry for entry in here.writes(crm) if entry["object"] == LEAD_OBJECT[crm]]
    assert {entry["id"] for entry in log} == {change["lead"] for change in whole["changes"]}
    ended = people(here, crm)
    wanted = {change["lead"]: change for change in whole["changes"]}
    handed = [lead for lead, native in natives.items() if (wanted.get(native) or {}).get("owner")]
    owners = {ended[lead][1] for lead in handed}
    assert owners >= {"ae-1", "ae-2"}
    shares = [sum(ended[lead][1] == receiver for lead in handed) for receiver in ("ae-1", "ae-2")]
    assert abs(shares[0] - shares[1]) <= 1, "the rotation is as even as without pilots"


@pytest.mark.breadth
@on_one("hubspot")
def test_only_the_owner_leaves_the_stage_to_the_next_run(here: Rehearsal, crm: str) -> None:
    [plan] = here.json("run", crm, "--only", "owner", "--stage", "sqo")["plans"]
    assert len(plan["changes"]) == LEADS_OF_COPIES
    for change in plan["changes"]:
        assert change["stage"] is None
        assert OWNER_FIELD[crm] in change["writes"]
        assert not set(change["writes"]) & set(STAGE_FIELDS[crm])
        assert change["outcome"] == "written"
    assert plan["rest"]["stages"]["sqo"] == LEADS_OF_COPIES
    [rest] = here.json("run")["plans"]
    left = {change["lead"]: change for change in rest["changes"]}
    for change in plan["changes"]:
        assert left[change["lead"]]["stage"]["after"] == "sqo"
        assert left[change["lead"]]["owner"] is None


@on_one("salesforce")
def test_what_is_selected_wrongly_is_told_before_anything_is_written(here: Rehearsal, crm: str) -> None:
    for arguments, words in (
        (("--lead", "nobody@nowhere.example"), "not among the stored leads"),
        (("--stage", "sqll"), "did you mean `sql`"),
        (("--where", "nonsense"), "no criterion `nonsense`"),
        (("--limit", "0"), "x>=1"),
    ):
        done = here.crmsync("run", crm, *arguments)
        assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    assert here.writes(crm) == []


@on_one("hubspot")
def test_the_table_says_what_a_pilot_leaves_out(here: Rehearsal, crm: str) -> None:
    done = here.crmsync("run", crm, "--limit", "1", "--dry-run")
    told = " ".join(done.stdout.split())
    assert "a pilot: " in told
    assert "left out would change as well, and stay due" in told
