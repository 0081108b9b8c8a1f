"""What a console tells while files are not right or the store is busy, full or gone; and that it heals by itself."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from crmsync.console.pages import runs as runs_page
from crmsync.console.work import Works
from crmsync.errors import StoreUnavailable
from unit.console.signing_in import behind_sign_in, sign_in, small_configuration, token_in

HERE = "http://127.0.0.1"


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return small_configuration(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def browser(config: Path, clock: Clock) -> TestClient:
    return behind_sign_in(config, clock)


def broken(config: Path) -> str:
    """The policy as it was; from now on it is wrong in its second line."""
    policy = config.parent / "policy.yaml"
    before = policy.read_text()
    policy.write_text("format: 1\nnme: Small\nladder:\n  - {stage: lead, label: Beginning}\n")
    return before


def test_a_policy_that_was_broken_by_hand_is_told_and_mended_in_the_console(
    config: Path, browser: TestClient
) -> None:
    assert sign_in(browser, "ada") == 303
    assert browser.get("/").status_code == 200
    right = broken(config)
    page = browser.get("/runs")
    assert page.status_code == 503
    assert "policy.yaml:2</code>" in page.text
    assert '<a href="/policy/edit">Change the policy here</a>' in page.text
    assert "data-again" in page.text
    assert "Once it can be shown" in page.text
    editor = browser.get("/policy/edit")
    assert (editor.status_code, "nme: Small" in editor.text) == (200, True)
    digest = editor.text.partition('name="digest" value="')[2].partition('"')[0]
    form = {"csrf": token_in(editor.text), "digest": digest, "text": right, "reason": "mended"}
    kept = browser.post("/policy/save", data=form, headers={"Origin": HERE})
    assert kept.status_code == 303
    assert (config.parent / "policy.yaml").read_text() == right
    assert browser.get("/runs").status_code == 200


def test_a_stranger_is_told_nothing_of_files(config: Path, browser: TestClient) -> None:
    assert sign_in(browser, "vic") == 303
    assert browser.get("/runs").status_code == 200
    stranger = TestClient(browser.app, base_url=HERE, follow_redirects=False)
    broken(config)
    assert "policy.yaml" in browser.get("/runs").text
    for path in ("/runs", "/policy/edit"):
        answer = stranger.get(path)
        assert "policy.yaml" not in answer.text + answer.headers.get("Location", ""), path
    assert browser.get("/policy/edit").status_code == 403
    people = config.parent / "console-people.yaml"
    people.write_text("format: [\n")
    assert "console-people" not in browser.get("/runs").text


def test_nobody_waits_until_it_is_noted_that_they_were_there(config: Path, browser: TestClient, clock: Clock) -> None:
    """While another process writes for long, pages are read all the same."""
    assert sign_in(browser, "ada") == 303
    assert browser.get("/runs").status_code == 200
    clock.at += timedelta(minutes=5)
    with closing(sqlite3.connect(config.parent / "crmsync.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert browser.get("/runs").status_code == 200
        other.execute("ROLLBACK")
    clock.at += timedelta(minutes=9)
    assert browser.get("/runs").status_code == 200
    with closing(sqlite3.connect(config.parent / "crmsync.db")) as other:
        [(seen,)] = other.execute("SELECT seen_at FROM console_sessions").fetchall()
    assert seen > (clock.at - timedelta(minutes=10)).timestamp()


def test_a_store_that_cannot_be_used_is_told_and_the_page_comes_by_itself(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreUnavailable("the store cannot be used: disk is full", hint="free some space and run again")

    assert sign_in(browser, "ada") == 303
    with monkeypatch.context() as patched:
        patched.setattr(runs_page, "run_lines", full)
        page = browser.get("/runs")
    assert page.status_code == 503
    assert "The store cannot be used: disk is full" in page.text
    assert "data-again" in page.text
    assert "data-again" not in browser.get("/nowhere").text
    assert browser.get("/runs").status_code == 200


def test_the_same_approval_sent_twice_is_one() -> None:
    works, asked = Works(), []

    def job(_progress: object, stop: Callable[[], bool]) -> None:
        asked.append(1)
        while not stop():
            time.sleep(0.01)

    try:
        begun = [works.begin("c", "writing", "app", job, about=("plan", number)) for number in (1, 1, 2)]
        begun.append(works.begin("c", "making", "app", job))
    finally:
        works.close()
    assert begun == [True, True, False, False]
    assert asked == [1]
