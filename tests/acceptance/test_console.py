"""The console as people see it: in a real browser, on leads with ordinary names and with naughty ones."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import sqlite3
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rehearsal import Rehearsal, rehearsal, write_world
from small_world import USERS, activity, lead
from tests.contract.clients.packages import browser, installed

from crmsync.clock import now
from crmsync.operations.run.waiting_plans import make_plan
from crmsync.progress import silent
from crmsync.settings import load_settings
from suite.naughty import NAUGHTY

LOOKS = ("390 dark",)
THE_OTHER_LOOKS = ("390 light", "1280 light", "1280 dark", "1920 light", "1920 dark")
MOST_ON_THE_WIRE = 200_000
FORMULA, NUMBER = re.compile(r"[\s\u200b\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]"), re.compile(r"-?\d+(\.\d+)?")
TEXTS = tuple(text.encode("utf-8", "replace").decode("utf-8").replace("\0", "") for text in NAUGHTY)
SHORT = [text for text in TEXTS if 0 < len(text.strip()) <= 40][:12]
"""So many that a field of the practice CRM has them as its options."""
SOME = [text[:255] for text in TEXTS[7::12] if text.strip()]
"""Of each class some, for what a page tells apart."""


@contextmanager
def console(here: Rehearsal, *options: str) -> Iterator[str]:
    """`crmsync console` as a process of its own; its address."""
    with here.start("console", *options) as running:
        yield running.first_line().strip()
        os.kill(running.pid, signal.SIGTERM)
        assert running.wait() == 0
    assert running.stderr == ""


def seen(address: str, folder: Path, looks: tuple[str, ...], *paths: str) -> dict[str, Any]:
    """What the browser saw; pictures stay in the folder."""
    program, chromium = installed("browser"), browser()
    call = ["node", "console.mjs", chromium, address, str(folder), ",".join(looks), *paths]
    done = subprocess.run(call, cwd=program, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def lead_paths(address: str, run: int) -> list[str]:
    with urllib.request.urlopen(f"{address}runs/{run}") as answer:
        return list(dict.fromkeys(re.findall(r'"(/leads/[^"?]+/[^"?]+)"', answer.read().decode())))


def sound(told: dict[str, Any], looks: tuple[str, ...]) -> None:
    for path, each in told["pages"].items():
        assert list(each) == list(looks)
        for look, page in each.items():
            where = f"{path}, {look}"
            assert page["said"] == [], where  # no error, nothing refused by the policy, no other address, no dialog
            assert page["findings"] == [], where
            assert page["tooWide"] == 0, where
            assert page["outside"] == [], where
            assert page["narrow"] == [], where
            assert page["wire"] < MOST_ON_THE_WIRE, where
            assert page["background"] == ("rgb(14, 17, 22)" if "dark" in look else "rgb(247, 248, 250)"), where


@pytest.mark.parametrize("looks", [LOOKS, pytest.param(THE_OTHER_LOOKS, marks=pytest.mark.breadth)])
def test_every_page_on_every_screen_in_light_and_dark_and_by_keyboard(tmp_path: Path, looks: tuple[str, ...]) -> None:
    with rehearsal(tmp_path / "own", "--leads", "60") as here:
        here.json("run")
        with console(here) as address:
            paths = lead_paths(address, 1)
            pages = ("/", "/leads", "/leads?sought=an", paths[0], "/runs", "/runs/1", "/settings", "/reports")
            lit, made = paths[0].rpartition("/")[2], "/routing/simulation?days=10&leads=40"
            told = seen(
                address,
                tmp_path,
                looks,
                *pages,
                f"/routing?lead={lit}",
                made,
                *("/reports/funnel", "/reports/near-miss"),
            )
    sound(told, looks)
    assert [each["is"] for each in told["path"][:4]] == ["a To the content", "a crmsync", "a Home", "a Plan"]
    assert {each["ring"] for each in told["path"]} == {"solid"}
    assert told["skipped"] == "main content"
    assert told["chosen"] == "rgb(14, 17, 22)"
    assert told["found"] > 1
    assert told["lead"]
    assert told["said"] == []


@pytest.mark.breadth  # tests/unit/console tries the same texts without a browser
def test_what_others_have_written_runs_nothing_and_breaks_no_page_and_no_file(tmp_path: Path) -> None:
    """515 texts as names, companies, sources, campaigns, options, notes, owners and reasons."""
    looks = ("390 light",)
    with rehearsal(
        tmp_path / "here", "--import", str(naughty_world(tmp_path / "world")), "--crm", "salesforce"
    ) as here:
        watched = {"stage": "sql", "first_touch": {"within_hours": 24}}
        here.change("policy.yaml", lambda policy: policy.update(hand_off=watched))
        settings = load_settings(here.file("crmsync.yaml"))
        make_plan(settings, "salesforce", by=TEXTS[10], now=now, progress=silent)
        done = here.crmsync("run", "--allow-changes", "1000")
        assert done.returncode in (0, 3, 4), done.stderr
        with sqlite3.connect(here.file("crmsync.db")) as store:
            handed = [row[0] for row in store.execute("SELECT id FROM hand_offs")]
            given_back = [(text, number) for number, text in zip(handed, TEXTS[20:], strict=False)]
            store.executemany("UPDATE hand_offs SET returned_at = handed_at, reason = ? WHERE id = ?", given_back)
        assert len(given_back) > 400
        files = report_files(here)
        with console(here) as address:
            [some, *_] = lead_paths(address, 2)
            plan = ("/plan/salesforce", some.replace("/leads/salesforce/", "/plan/salesforce/changes/"))
            reports = ("funnel?by=source", "scorecard", "sales", "hand-offs", "conflicts", "near-miss")
            others = ("/routing", "/mapping", *plan, *(f"/reports/{name}" for name in reports))
            told = seen(address, tmp_path, looks, "/", "/leads?sought=an", "/runs/2", some, *others)
    sound(told, looks)
    assert told["said"] == []
    program, executable = installed("browser"), browser()
    call = [
        "node",
        "look.mjs",
        executable,
        str(tmp_path),
        "390 light",
        *(path.as_uri() for path in files if path.stem in ("scorecard", "hand-offs")),
    ]
    done = subprocess.run(call, cwd=program, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    for name, look in json.loads(done.stdout).items():
        it = look["390 light"]
        assert (it["said"], it["findings"], it["tooWide"]) == ([], [], 0), name


def naughty_world(folder: Path) -> Path:
    leads = [
        lead(
            f"l{number:03}",
            last_name=f"an{text}"[:80],
            company=text[:255] or "none",
            owner="bdr-1",
            attributes={"lead_source": SOME[number % 25], "campaign": SOME[number % 40], "pet": SHORT[number % 12]},
        )
        for number, text in enumerate(TEXTS)
    ]
    asked = [activity(each["id"], "demo_request", subject=each["last_name"]) for each in leads]
    notes = [activity(each["id"], "note", subject=text[:255]) for each, text in zip(leads, TEXTS, strict=True)]
    users = [{**user, "name": SHORT[place]} for place, user in enumerate(USERS)]
    return write_world(folder, users, leads, [*asked, *notes])


def report_files(here: Rehearsal) -> list[Path]:
    """Each report as a page; as CSV it runs no formula and has its columns in every row."""
    pages = []
    for name, more in (
        ("funnel", ("--by", "source", "--by", "owner")),
        ("scorecard", ("--by", "campaign", "--by", "source")),
        ("sales", ()),
        ("hand-offs", ()),
        ("forecast", ()),
    ):
        asked = ("report", name, *more, "--out")
        assert here.crmsync(*asked, f"{name}.html", "--format", "html").returncode == 0
        assert here.crmsync(*asked, f"{name}.csv", "--format", "csv").returncode == 0
        assert_csv_runs_nothing(here.file(f"{name}.csv"), at_least={"hand-offs": 400, "forecast": 0}.get(name, 20))
        pages.append(here.file(f"{name}.html"))
    for name in ("worklist", "near-miss"):
        assert here.crmsync("report", name, "--format", "csv", "--show", "0", "--out", f"{name}.csv").returncode == 0
        assert_csv_runs_nothing(here.file(f"{name}.csv"), at_least=400 if name == "worklist" else 0)
    return pages


def assert_csv_runs_nothing(file: Path, at_least: int) -> None:
    with file.open(encoding="utf-8", newline="") as text:
        head, *rows = csv.reader(text)
    assert len(rows) >= at_least, file.name
    assert {len(row) for row in rows} <= {len(head)}
    found = [cell for row in rows for cell in row if FORMULA.match(cell) and not NUMBER.fullmatch(cell)]
    assert found == [], file.name


@pytest.mark.parametrize("options", [("--port", "0"), pytest.param(("--language", "de"), marks=pytest.mark.breadth)])
def test_its_address_is_all_that_it_says(tmp_path: Path, options: tuple[str, ...]) -> None:
    with rehearsal(tmp_path / "own", "--leads", "20", "--crm", "salesforce") as here:
        here.json("run", code=(0, 3))
        with console(here, *options) as address:
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
            with urllib.request.urlopen(address) as answer:
                page = answer.read().decode()
            taken = here.process("console", "--port", address.rpartition(":")[2].strip("/"))
    assert ('lang="de"' in page) is ("de" in options)
    assert taken.returncode == 2
    assert "cannot listen on 127.0.0.1:" in taken.stderr
