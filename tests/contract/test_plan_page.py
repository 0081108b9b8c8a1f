"""A plan's page in a real browser: what people do with it, what axe finds, and that 2,000 leads stay quick."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.contract.clients.packages import browser, installed

from crmsync.errors import RunStopped
from crmsync.model import Change, GuardReading, Plan, SetAside
from crmsync.operations.run.every_connection import ConnectionReport, RunReport, StoppedConnection
from crmsync.showing.run.plan_html import plans_html

STAGES = ("lead", "mql", "sal", "sql", "sqo")
QUICK = 5.0
"""Seconds; on an idle machine filter and sort of 2,000 leads take a third of one."""


def page_of(leads: int) -> str:
    """Every kind of move, reasons of one line and of several, fields for people, guards, notes, what is set aside."""
    changes = tuple(_change(number) for number in range(leads))
    kept = GuardReading("changed_share", 0.12, 0.3, False, words="12 % of the leads, limit 30 %")
    words = "400 leads would change owner (20 % of 2,000), limit 300"
    broken = GuardReading("owner_changes", 400, 300, True, "crmsync run salesforce --allow owner-changes=400", words)
    plan = Plan(
        "salesforce",
        date(2026, 11, 21),
        changes,
        tuple(SetAside(f"00Q9{number:014}", "has no stage field") for number in range(14)),
        (kept, broken),
        {"read": leads, "decided": leads, "changes": leads, "set_aside": 14, "calls": 4},
        {},
        "digest",
        notes=("a pilot: 3 leads that are left out would change as well",),
        urls={it.lead: f"https://acme.lightning.force.com/lightning/r/Lead/{it.lead}/view" for it in changes},
        owner_leads={"u1": leads, "u2": 3},
    )
    names = {it.lead: f"Jo Fox{number} · Bank {number}" for number, it in enumerate(changes)}
    report = ConnectionReport(plan, True, {"u1": "Ann Ash", "u2": "Bo Birch"}, names)
    stopped = StoppedConnection("hubspot", RunStopped("the CRM is away"))
    return plans_html(RunReport(True, plan.as_of, [report], [stopped]))


def _change(number: int) -> Change:
    before = STAGES[number % 5]
    fields = ("Why__c",) if number % 4 == 0 else ()
    reasons = (f"a demo was asked for {number % 9} days ago", "the budget is known: 25,000 EUR", "need: met")
    return Change(
        f"00Q{number:015}",
        before,
        STAGES[(number * 3 + 1) % 5],
        "u1",
        "u2" if number % 3 else "u1",
        dict.fromkeys(fields, (None, f"text {number}")),
        {},
        reasons[: 1 + number % 3],
        fields=fields,
    )


def seen(folder: Path, leads: int, words: str, *widths: str) -> dict[str, Any]:
    """What the browser saw of a page of so many leads. Pictures, one for each width, stay in the folder."""
    program, executable = installed("browser"), browser()
    page = folder / "plan.html"
    page.write_text(page_of(leads), encoding="utf-8")
    call = ["node", "drive.mjs", executable, page.as_uri(), str(folder), words, *widths]
    done = subprocess.run(call, cwd=program, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.breadth
def test_a_page_is_worked_with_by_keyboard_on_every_screen_in_light_and_dark(tmp_path: Path) -> None:
    told = seen(tmp_path, 40, "FOX7 demo", "1280", "390")
    assert list(told["looks"]) == ["1280 light", "1280 dark", "390 light", "390 dark"]
    for look, here in told["looks"].items():
        assert here["said"] == [], look  # no error, nothing refused by the page's own policy, no address asked
        assert here["findings"] == [], look
        assert here["tooWide"] == 0, look
        assert here["background"] == ("rgb(18, 18, 18)" if "dark" in look else "rgb(255, 255, 255)")
    assert told["all"] == {"told": "All 40 leads are shown.", "leads": 40}
    assert told["path"][:2] == ["input words", "select kind"]
    assert "button Lead" in told["path"]
    assert told["path"][-1].startswith("summary")
    assert (told["ring"], told["opened"], told["closedAgain"]) == ("solid", True, True)
    assert told["filtered"] == {"told": "1 of 40 leads are shown.", "leads": ["00Q000000000000007"]}
    assert told["kind"]["groups"] == [told["kind"]["kind"]]
    assert told["up"]["mark"] == "ascending"
    assert told["up"]["leads"] == sorted(told["up"]["leads"])
    assert told["down"]["mark"] == "descending"
    assert told["down"]["leads"] == sorted(told["down"]["leads"], reverse=True)
    assert told["down"]["leads"] != told["up"]["leads"]


@pytest.mark.breadth
def test_two_thousand_leads_stay_quick(tmp_path: Path) -> None:
    told = seen(tmp_path, 2000, "fox1999")
    assert told["filtered"]["told"] == "1 of 2000 leads are shown."
    assert told["filterSeconds"] < QUICK
    assert told["sortSeconds"] < QUICK
