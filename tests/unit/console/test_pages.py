"""What pages tell, from a store that a run has filled; no browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from crmsync.clock import now
from crmsync.console import Site, application
from crmsync.languages.known import Language
from crmsync.schedule import first_due
from crmsync.settings import load_settings
from crmsync.store import Breach, Pulled, Store
from crmsync.testing.store_frames import DAY, leads
from crmsync.testing.store_frames import lead as row_of
from crmsync.testing.store_steps import change
from suite.naughty import NAUGHTY

TEXTS = tuple(text.encode("utf-8", "replace").decode("utf-8").replace("\0", "") for text in NAUGHTY)
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
MAPPING = """
format: 1
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: Open, mql: Warm}}
facts: {}
"""
POLICY = """
format: 1
name: Small
ladder:
  - {stage: lead, label: Beginning}
  - {stage: mql, label: Warmed up, when: {activities: {kind: demo_request}, at_least: 1}}
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    texts = {
        "crmsync.yaml": "format: 1\nconnections:\n  c: {connector: salesforce, mapping: mapping.yaml, writes: on}\n",
        "mapping.yaml": MAPPING,
        "policy.yaml": POLICY,
        "roster.yaml": "format: 1\npeople:\n  - {user: ann, role: ae}\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "crmsync.yaml"


@pytest.fixture
def store(here: Path) -> Iterator[Store]:
    opened = Store(load_settings(here).store)
    yield opened
    opened.close()


def lead(number: str, **more: object) -> dict[str, Any]:
    return row_of(number) | more


def client(here: Path, language: Language | None = None) -> TestClient:
    site = Site(lambda: load_settings(here), now, first_due, language)
    return TestClient(application(site), base_url="http://127.0.0.1", follow_redirects=False)


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def ended(store: Store, code: int, **more: object) -> int:
    run = store.runs.start("c", dry_run=False, now=NOW, kind="run", by="ann")
    store.runs.end("c", run, exit_code=code, counts={"read": 3, "changes": 2}, now=NOW, **more)  # type: ignore[arg-type]
    return run


def test_before_the_first_run_every_page_says_so(here: Path) -> None:
    asked = client(here)
    assert "none yet" in words(asked.get("/").text)
    assert "never read" in words(asked.get("/").text)
    assert "No run yet." in words(asked.get("/runs").text)
    assert "Two letters are enough" in words(asked.get("/leads").text)
    assert 'hx-get="/first-to-contact' not in asked.get("/").text  # it would read the CRM
    assert asked.get("/first-to-contact/c").status_code == 404
    assert asked.get("/leads/c/nobody").status_code == 404
    assert asked.get("/runs/7").status_code == 404


def test_home_tells_what_status_tells(here: Path, store: Store) -> None:
    store.facts.remember("c", [Pulled(leads=leads(lead("1", stage="mql"), lead("2", stage=None)))], today=DAY)
    ended(store, 3, breaches=(Breach("owner_changes", 9, 5),))
    page = words(client(here).get("/").text)
    for told in ("2 things need a person", "owner_changes", "of 2 leads", "Warmed up 1", "no stage of the policy 1"):
        assert told in page


def test_a_connection_that_is_not_configured_is_refused(here: Path) -> None:
    answer = client(here).get("/runs?connection=elsewhere")
    assert answer.status_code == 404
    assert "no connection `elsewhere` is configured" in words(answer.text)


def test_runs_are_listed_and_opened_page_by_page(here: Path, store: Store) -> None:
    names = [f"{number:03}" for number in range(120)]
    store.facts.remember("c", [Pulled(leads=leads(*(lead(name, name=f"Lead {name}") for name in names)))], today=DAY)
    run = store.runs.start("c", dry_run=False, now=NOW, kind="run", by="ann")
    store.journal.intend("c", run, [change(name) for name in names], {}, now=NOW)
    store.runs.end("c", run, exit_code=4, counts={"changes": 120}, now=NOW)
    asked = client(here)
    assert f'href="/runs/{run}"' in asked.get("/runs").text
    seen: list[str] = []
    address = f"/runs/{run}"
    for _ in range(3):
        text = asked.get(address).text
        seen += re.findall(r"/leads/c/(\d+)", text)
        address = unescape((re.findall(r'href="(/runs/\d+\?after=[^"]+)"', text) or [""])[0])
    assert seen == names
    assert address == ""


@pytest.mark.parametrize(
    ("sought", "found"),
    [("müll", ["1"]), ("MÜLL", ["1"]), ("öst ANN", ["2"]), ("ann@", ["2"]), ("100%", []), ("_", []), ("an zz", [])],
)
def test_leads_are_found_by_parts_of_what_they_are_called(
    here: Path, store: Store, sought: str, found: list[str]
) -> None:
    rows = (
        lead("1", name="Eva Müller", company="Post"),
        lead("2", name="Ann Ash", company="Öst AB", email="ann@x.example"),
    )
    store.facts.remember("c", [Pulled(leads=leads(*rows))], today=DAY)
    page = client(here).get("/leads", params={"sought": sought}, headers={"HX-Request": "true"}).text
    assert re.findall(r"/leads/c/(\d)", page) == found
    assert "<html" not in page


def test_the_only_lead_that_is_found_is_opened(here: Path, store: Store) -> None:
    store.facts.remember("c", [Pulled(leads=leads(lead("1", name="Eva Müller")))], today=DAY)
    answer = client(here).get("/leads", params={"sought": "müller"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/leads/c/1")


def test_texts_that_are_not_ours_stay_texts(here: Path, store: Store) -> None:
    rows = [lead(f"{number:03}", name=f"Zq{text}", company=text) for number, text in enumerate(TEXTS)]
    store.facts.remember("c", [Pulled(leads=leads(*rows))], today=DAY)
    asked = client(here)
    plain = set(re.findall(r"<[a-z]+", asked.get("/leads?sought=nobodyatall").text)) | {"<ul", "<small", "<li"}
    shown = 0
    for text in TEXTS[::6]:
        page = asked.get("/leads", params={"sought": f"Zq{text}"[:400]}).text
        assert set(re.findall(r"<[a-zA-Z]+", page)) <= plain, text
        shown += "/leads/c/" in page
    assert shown > 20


@pytest.mark.parametrize(
    ("language", "told"), [("de", "Läufe"), ("it", "Esecuzioni"), ("nb", "Kjøringer"), (None, "Runs")]
)
def test_pages_speak_the_readers_language(here: Path, language: Language | None, told: str) -> None:
    page = client(here, language).get("/runs").text
    assert f"<h1>{told}</h1>" in page
    assert f'<html lang="{language or "en"}"' in page
