"""Pages that people pass round, in a real browser: what axe finds, and whether a telephone shows them."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Set
from pathlib import Path
from typing import Any

import pytest
from rehearsal import rehearsal
from tests.contract.clients.packages import browser, installed

LOOKS = ("1280 light", "390 dark")
SMALLEST_LETTERS = 12
CHARTS = {
    "policy": 0,
    "another-policy": 2,
    "rotation": 3,
    "rules": 0,
    "lead": 0,
    "backtest": 6,
    "funnel": 3,
    "scorecard": 4,
    "sales": 1,
}
SOME = {"policy", "rotation", "sales"}
"""Text, charts by time, and a chart of people."""
LONG = 3000
"""Pixels at 1280 from which on a page says what is on it."""


def pages(folder: Path, names: Set[str]) -> list[Path]:
    """A policy, another one tried, a rotation tried, the rules, a lead's way through them, reports, a backtest."""
    with rehearsal(folder / "own", "--leads", "60") as here:
        planned = here.json("run", "salesforce", "--dry-run")["plans"][0]["changes"]
        handed = next(change["lead"] for change in planned if change["owner"])
        with sqlite3.connect(here.file("crmsync.db")) as store:
            leads = [lead for (lead,) in store.execute("SELECT lead FROM leads ORDER BY lead")]
        won = "".join(f"{lead},{'won' if number % 2 else 'lost'}\n" for number, lead in enumerate(leads))
        here.file("won.csv").write_text(f"lead,outcome\n{won}", encoding="utf-8")
        commands = {
            "policy": ("policy", "describe"),
            "another-policy": ("simulate", "salesforce", "--policy", "consulting"),
            "rotation": ("simulate", "routing", "--leads", "2000", "--days", "20"),
            "rules": ("policy", "routing"),
            "lead": ("explain", "salesforce", handed),
            "funnel": ("report", "funnel", "salesforce", "--by", "source"),
            "scorecard": ("report", "scorecard", "salesforce"),
            "sales": ("report", "sales", "salesforce"),
            "backtest": ("backtest", "salesforce", "--outcomes", "won.csv", "--suggest"),
        }
        for name in names:
            done = here.crmsync(*commands[name], "--format", "html", "--out", f"{name}.html")
            assert done.returncode == 0, done.stderr
        return [here.file(f"{name}.html") for name in names]


def seen(folder: Path, files: list[Path], look: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Page → this look → what the browser saw; pictures stay in the folder."""
    program, executable = installed("browser"), browser()
    call = ["node", "look.mjs", executable, str(folder), look, *(path.as_uri() for path in files)]
    done = subprocess.run(call, cwd=program, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, dict[str, dict[str, Any]]] = json.loads(done.stdout)
    return told


@pytest.mark.breadth
@pytest.mark.parametrize(("look", "names"), [("1280 light", SOME), *((look, {*CHARTS}) for look in LOOKS)])
def test_every_page_is_read_on_every_screen(tmp_path: Path, look: str, names: Set[str]) -> None:
    told = seen(tmp_path, pages(tmp_path, names), look)
    assert set(told) == set(names)
    for name, looks in told.items():
        here, where = looks[look], f"{name}, {look}"
        assert here["said"] == [], where  # no error, no address asked
        assert here["findings"] == [], where
        assert here["charts"] == ["drawn"] * CHARTS[name], where
        assert here["tooWide"] == 0, where
        assert here["smallest"] >= SMALLEST_LETTERS, where
        if look.startswith("1280"):
            assert here["contents"] >= 3 or here["high"] < LONG, f"{name} is long"
