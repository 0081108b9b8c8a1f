"""`crmsync simulate` with the real command on a small firm: nobody asked, nothing written, everybody counted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from one_file import without_scripts
from rehearsal import CRMS, Rehearsal, rehearsal
from small_world import small_world

COPIES = 3
STRICTER = """
format: 1
name: Stricter
extends: saas
criteria:
  asked_for_demo: {all: [{activities: {kind: demo_request}}, {fact: budget, is: available}]}
"""


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Both CRMs with the small world, pulled once."""
    folder = tmp_path_factory.mktemp("simulate")
    small_world(folder / "world", COPIES)
    with rehearsal(folder / "config", "--crm", "both", "--import", str(folder / "world")) as running:
        running.file("stricter.yaml").write_text(STRICTER, encoding="utf-8")
        empty = running.crmsync("simulate", "--policy", "stricter.yaml")
        assert empty.returncode == 2
        assert "crmsync run salesforce --dry-run" in empty.stderr
        running.json("run", "hubspot", "--dry-run", code=(0, 4))
        one_is_read(running)
        running.json("run", "salesforce", "--dry-run", code=(0, 4))
        yield running


def one_is_read(running: Rehearsal) -> None:
    """A connection that was never read keeps no other from being simulated; it is told."""
    answer = running.json("simulate", "--policy", "stricter.yaml")
    assert [one["connection"] for one in answer["simulations"]] == ["hubspot"]
    assert [one["connection"] for one in answer["unread"]] == ["salesforce"]
    told = running.crmsync("simulate", "--policy", "stricter.yaml").stderr
    assert "nothing is stored of salesforce yet" in told
    assert "crmsync run salesforce --dry-run" in told
    named = running.json("simulate", "salesforce", "hubspot", "--policy", "stricter.yaml", code=2)
    assert [one["connection"] for one in named["simulations"]] == ["hubspot"]


def simulated(firm: Rehearsal, *arguments: str) -> dict[str, Any]:
    """The answer by connection."""
    answer = firm.json("simulate", *arguments)
    return {one["connection"]: one for one in answer["simulations"]}


@pytest.mark.breadth
def test_a_lead_is_explained_by_what_people_write(firm: Rehearsal) -> None:
    lead = firm.native("salesforce")
    person = next(each for each in firm.state("salesforce")["leads"] if each.get("email"))
    native = lead[person["id"]]
    page = f"https://acme.lightning.force.com/lightning/r/Lead/{native}/view"
    for written in (native, native[:15], page, person["email"].upper()):
        done = firm.crmsync("explain", "salesforce", written, "--format", "json")
        assert done.returncode == 0, done.stderr
        assert native in [json.loads(line)["lead"] for line in done.stdout.splitlines()]
    missing = firm.crmsync("explain", "salesforce", "nobody@nowhere.example", native[:15])
    assert missing.returncode == 2
    assert "nobody@nowhere.example (as an e-mail)" in missing.stderr
    assert native in missing.stdout
    nobody = firm.crmsync("explain", "salesforce", "nobody@nowhere.example", "--format", "json")
    assert (nobody.returncode, nobody.stdout) == (2, "")


def test_a_policy_against_itself_moves_nobody(firm: Rehearsal) -> None:
    for one in simulated(firm, "--policy", "policy.yaml").values():
        assert one["moved"] == {"up": 0, "down": 0, "beside": 0}
        assert one["movers"] == []
        assert all(load["before"] == load["after"] for load in one["owners"])


@pytest.mark.breadth
def test_it_agrees_with_the_dry_run_of_either_policy(firm: Rehearsal, tmp_path: Path) -> None:
    simulations = simulated(firm, "--policy", "stricter.yaml", "--by", "industry")
    other = firm.copy(tmp_path / "other")
    other.change("crmsync.yaml", lambda data: data.update(policy="stricter.yaml"))
    for plan in other.json("run", "--dry-run", code=(0, 4))["plans"]:
        one = simulations[plan["connection"]]
        after = {stage: pair["after"] for stage, pair in one["stages"].items() if pair["after"]}
        assert after == {stage: count for stage, count in plan["stages"].items() if count}
        owners = {change["lead"]: change["owner"]["after"] for change in plan["changes"] if change["owner"]}
        for mover in one["movers"]:
            assert mover["owner_after"] == owners.get(mover["lead"], mover["owner_after"])


@pytest.mark.breadth
def test_those_who_move_are_told_with_reasons(firm: Rehearsal) -> None:
    for crm, one in simulated(firm, "--policy", "stricter.yaml", "--by", "industry", "--by", "segment").items():
        natives = firm.native(crm)
        expected = {natives[f"sqo-{number}"] for number in range(1, COPIES + 1)}
        moved = {mover["lead"]: mover for mover in one["movers"] if mover["direction"] != "same"}
        assert set(moved) == expected
        assert one["moved"] == {"up": 0, "down": COPIES, "beside": 0}
        for mover in moved.values():
            assert (mover["before"], mover["after"]) == ("sqo", "lead")
            assert "asked for a demo" in " ".join(mover["reasons_before"])
            assert "rotation" in mover["reasons_before"][-1]
            assert mover["reasons"]
        assert sum(cell["leads"] for cell in one["matrix"]) == one["leads"]
        for parts in one["by"].values():
            assert sum(part["leads"] for part in parts) == one["leads"]


@pytest.mark.breadth
def test_nobody_is_asked_and_nothing_is_written(firm: Rehearsal) -> None:
    calls = {crm: firm.calls(crm) for crm in CRMS}
    before = firm.file("crmsync.db").read_bytes()
    firm.json("simulate", "--policy", "stricter.yaml", "--against", "saas")
    assert {crm: firm.calls(crm) for crm in CRMS} == calls
    assert firm.file("crmsync.db").read_bytes() == before


def test_the_page_stands_alone(firm: Rehearsal) -> None:
    done = firm.crmsync("simulate", "hubspot", "--policy", "stricter.yaml", "--format", "html", "--out", "page.html")
    assert done.returncode == 0
    page = firm.file("page.html").read_text(encoding="utf-8")
    assert page == done.stdout
    told = without_scripts(page)
    assert told.count('<figure class="chart"') == 2
    assert "color-scheme: light dark" in page
    assert "@media print" in page
    assert not re.search(r"src=|url\(|<link|<img", told), "links lead to the CRM, nothing is fetched"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--policy", "nobody.yaml"), "neither a file nor a shipped policy"),
        (("--policy", "stricter.yaml", "--by", "shoe_size"), "`shoe_size` is not a mapped fact"),
        (("--policy", "saas-sal-sqo"), "the policy has no stage `mql`"),
    ],
)
def test_mistakes_are_told_in_words(firm: Rehearsal, arguments: tuple[str, ...], said: str) -> None:
    done = firm.crmsync("simulate", "salesforce", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
