"""The console as people see it: in a real browser, on leads with ordinary names and with naughty ones."""

from __future__ import annotations

import json
import os
import re
import signal
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

from suite.naughty import NAUGHTY

LOOKS = ("390 dark", "1280 light")
THE_OTHER_LOOKS = ("390 light", "1280 dark", "1920 light", "1920 dark")
MOST_ON_THE_WIRE = 200_000
TEXTS = tuple(text.encode("utf-8", "replace").decode("utf-8").replace("\0", "") for text in NAUGHTY)


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
            told = seen(address, tmp_path, looks, *pages, f"/routing?lead={lit}", made, "/reports/funnel")
    sound(told, looks)
    assert [each["is"] for each in told["path"][:4]] == ["a To the content", "a crmsync", "a Home", "a Plan"]
    assert {each["ring"] for each in told["path"]} == {"solid"}
    assert told["skipped"] == "main content"
    assert told["chosen"] == "rgb(14, 17, 22)"
    assert told["found"] > 1
    assert told["lead"]
    assert told["said"] == []


@pytest.mark.breadth  # tests/unit/console tries the same texts without a browser
def test_what_leads_are_called_runs_nothing_and_breaks_no_page(tmp_path: Path) -> None:
    leads = [
        lead(f"l{number:03}", last_name=f"an{text}"[:80], company=text[:255] or "none", owner="bdr-1")
        for number, text in enumerate(TEXTS)
    ]
    asked = [activity(each["id"], "demo_request", subject=each["last_name"]) for each in leads]
    users = [{**user, "name": TEXTS[3]} if user["id"] == "ae-1" else user for user in USERS]
    world = write_world(tmp_path / "world", users, leads, asked)
    looks = ("390 light", "1920 dark")
    with rehearsal(tmp_path / "here", "--import", str(world), "--crm", "salesforce") as here:
        here.crmsync("run", "--allow-changes", "1000")
        with console(here) as address:
            journal = [f"/runs/1?after={path.rpartition('/')[2]}" for path in lead_paths(address, 1)[49:50]]
            some = lead_paths(address, 1)[::17]
            others = ("/routing", "/reports/hand-offs", "/reports/conflicts")
            told = seen(address, tmp_path, looks, "/", "/leads?sought=an", "/runs/1", *journal, *some, *others)
    sound(told, looks)
    assert told["said"] == []


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
