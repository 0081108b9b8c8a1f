"""Every page of the console's own table of routes, as people use it who see, move or read otherwise.

320 px are a window of 1280 px at 400 %: WCAG 1.4.10. Text twice as large: 1.4.4; set wider: 1.4.12; targets: 2.5.8;
the focus seen and not covered: 2.4.7, 2.4.11; no trap: 2.1.2.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rehearsal import Rehearsal, rehearsal
from tests.contract.clients.packages import browser, installed

from crmsync.clock import now
from crmsync.console.reports import REPORTS
from crmsync.console.routes import PAGES
from crmsync.operations.run.waiting_plans import make_plan
from crmsync.progress import silent
from crmsync.settings import load_settings

CRM = "salesforce"
NOT_PAGES = frozenset({"/mapping/{connection}/file", "/routing/roster/{connection}/file"})
"""What are files to take along."""
PARTS = frozenset({"/plan/{connection}/progress", "/plan/{connection}/standing"})
"""What is shown within a page alone."""
SOME = frozenset({"/", "/plan/{connection}"})
"""Tried in every run of the suite."""


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path_factory.mktemp("every") / "own", "--leads", "60", "--crm", CRM) as here:
        here.json("run", code=(0, 3, 4))
        yield here


def paths_of(route: str, lead: str, person: str) -> list[str]:
    """The addresses of a route; a new name in one wants a value here."""
    reports = list(REPORTS)
    names = {"connection": [CRM], "lead:path": [lead], "person:path": [person], "run": ["1"], "report": reports}
    found = [route]
    for name in re.findall(r"{([^}]+)}", route):
        found = [path.replace(f"{{{name}}}", value) for path in found for value in names[name]]
    return found


def looked_at(here: Rehearsal, folder: Path, routes: list[str], width: int, *more: str) -> dict[str, dict[str, Any]]:
    """Path → what somebody stumbles over there, by kind."""
    settings = load_settings(here.file("crmsync.yaml"))
    make_plan(settings, CRM, by="ada", now=now, progress=silent)
    lead, person = here.state(CRM)["leads"][0]["native_id"], settings.roster.people[0].person_key
    paths = [path for route in routes for path in paths_of(route, lead, person)]
    asked = folder / "paths.json"
    asked.write_text(json.dumps([*paths, *more]))
    with here.start("console", "--as", "admin") as running:
        call = [
            "node",
            "every_page.mjs",
            browser(),
            running.first_line().strip(),
            str(folder),
            str(width),
            str(asked),
        ]
        done = subprocess.run(
            call, cwd=installed("browser"), capture_output=True, text=True, timeout=1200, check=False
        )
        os.kill(running.pid, signal.SIGTERM)
        running.wait()
    assert done.returncode == 0, done.stderr
    told: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return told


def stumbles(told: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {f"{path} {kind}": found for path, each in told.items() for kind, found in each.items() if found}


def routes() -> list[str]:
    return [route for route in PAGES if route not in NOT_PAGES | PARTS]


@pytest.mark.breadth
def test_home_and_a_plan_are_used_by_everybody(crm: Rehearsal, tmp_path: Path) -> None:
    here = crm.copy(tmp_path / "here")
    assert stumbles(looked_at(here, tmp_path, sorted(SOME), 320)) == {}


@pytest.mark.breadth  # the first part of the suite looks at two of them
@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_is_used_by_everybody(crm: Rehearsal, tmp_path: Path, width: int) -> None:
    here = crm.copy(tmp_path / "here")
    told = looked_at(here, tmp_path, routes(), width, "/there-is-no-such-page", "/leads?sought=an")
    assert len(told) > 30
    assert stumbles(told) == {}
