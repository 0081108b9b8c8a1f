"""The list of leads that are left alone: who sees what there, and crmsync let go on from it."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from crmsync.console.pages import left_alone
from crmsync.settings import load_settings
from crmsync.store import Hold, Pulled, Store
from crmsync.testing.store_frames import DAY, NOW, lead, leads
from unit.console.signing_in import behind_sign_in, sign_in, small_configuration
from unit.console.test_plan import send

LATER = DAY + timedelta(days=3650)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    config = small_configuration(tmp_path)
    with closing(Store(load_settings(config).store)) as store:
        rows = [lead(str(number)) for number in range(1, 5)]
        store.facts.remember("c", [Pulled(leads=leads(*rows))], today=DAY)
        for number, why in (("1", "legal looks at it"), ("2", "a <b>friend</b>"), ("3", "over")):
            until = LATER if number != "3" else DAY - timedelta(days=1)
            store.left_alone.hold("c", Hold(number, until, why, "ann", NOW))
    return config


def entered(config: Path, who: str) -> TestClient:
    browser = behind_sign_in(config)
    assert sign_in(browser, who) == 303
    return browser


def shown(browser: TestClient, asked: str = "") -> list[str]:
    return re.findall(r'<li><p><a href="/leads/c/(\w+)"', browser.get(f"/leads/left-alone{asked}").text)


def test_it_tells_which_and_why_and_until_when_and_by_whom(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = entered(config, "vic")
    page = browser.get("/leads/left-alone").text
    assert shown(browser) == ["1", "2"]
    assert f"Held until {LATER}: legal looks at it" in page
    assert "a &lt;b&gt;friend&lt;/b&gt;" in page
    assert page.count("ann · ") == 2
    assert "/release" not in page
    assert '<a href="/leads/left-alone">' in browser.get("/leads").text
    assert browser.get("/leads/left-alone?connection=nowhere").status_code == 404
    monkeypatch.setattr(left_alone, "STEP", 1)
    assert shown(browser) == ["1"]
    assert 'href="/leads/left-alone?show=2"' in browser.get("/leads/left-alone").text
    assert shown(browser, "?show=2") == ["1", "2"]


def test_who_may_approve_lets_crmsync_go_on_from_the_list(config: Path) -> None:
    browser = entered(config, "app")
    assert send(browser, "/leads/c/release", lead="1", reason="done", back="list") == 303
    page = browser.get("/leads/left-alone?released=yes").text
    assert "goes on with that lead" in page
    assert shown(browser) == ["2"]
    assert page.count('action="/leads/c/release"') == 1
    again = browser.post(
        "/leads/c/release",
        data={"csrf": re.findall(r'name="csrf" value="(\w+)"', page)[0], "lead": "1", "back": "list"},
        headers={"Origin": "http://127.0.0.1", "Referer": "http://127.0.0.1/leads/left-alone?show=200"},
    )
    assert again.status_code == 404
    assert "<h1>This was not done</h1>" in again.text
    assert '<a href="/leads/left-alone?show=200">Back</a>' in again.text
    assert send(browser, "/leads/c/release", lead="2", back="list") == 303
    assert "No lead is left alone" in browser.get("/leads/left-alone").text
