"""Signing in: who gets in, what each role gets, and what an attacker gets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.testclient import TestClient

from crmsync.console.access import OneAddress, access_by
from crmsync.console.routes import FORMS, PAGES
from crmsync.console.tries import Tries
from crmsync.console.visitor import Needing, Visitor, needed_by
from crmsync.listening import served
from crmsync.settings import load_settings
from crmsync.store import Store
from suite.breadth import broadly
from unit.console.signing_in import (
    HERE,
    PASSWORD,
    behind_sign_in,
    cookie_of,
    hashed,
    let_in,
    sign_in,
    small_configuration,
    token_in,
)

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return small_configuration(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def browser(config: Path, clock: Clock) -> Iterator[TestClient]:
    yield behind_sign_in(config, clock)


def test_nobody_sees_anything_before_they_sign_in(browser: TestClient) -> None:
    for path in PAGES:
        answer = browser.get(path.replace("{run}", "1").replace("{connection}", "c").replace("{lead:path}", "x"))
        assert answer.status_code == 303, path
        assert answer.headers["Location"].startswith("/sign-in"), path
    part = browser.get("/leads?sought=ann", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Redirect"], part.text) == (401, "/sign-in", "")


@pytest.mark.parametrize(
    ("page", "way"),
    [
        (f"{HERE}/plan/c?page=2", "/sign-in?to=%2Fplan%2Fc%3Fpage%3D2"),
        ("http://evil.example/plan/c", "/sign-in"),
        ("", "/sign-in"),
    ],
)
def test_whose_session_is_over_comes_back_to_the_page_that_stands_open(
    browser: TestClient, page: str, way: str
) -> None:
    part = browser.get("/leads", headers={"HX-Request": "true", "HX-Current-URL": page})
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, way)
    form = browser.post("/plan/c/make", headers={"Origin": HERE, "Referer": page})
    assert form.status_code == 403
    assert "nothing was done" in form.text
    assert f'href="{way}"' in form.text


def test_signing_in_leads_to_the_page_that_was_asked(browser: TestClient) -> None:
    back = browser.get("/runs?show=9").headers["Location"].partition("?")[2]
    assert sign_in(browser, "vic", to=f"?{back}") == 303
    assert browser.went_to == "/runs?show=9"  # type: ignore[attr-defined]
    page = browser.get("/runs")
    assert page.status_code == 200
    assert "vic" in page.text
    assert browser.get("/sign-in").headers["Location"] == "/"


@pytest.mark.parametrize(
    "to", broadly(["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1", "/%0d%0a"], core=2)
)
def test_nobody_is_led_elsewhere_after_signing_in(browser: TestClient, to: str) -> None:
    assert sign_in(browser, "vic", to=f"?to={to}") == 303
    assert browser.went_to == "/"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "password"),
    broadly(
        [("vic", "wrong"), ("nobody", PASSWORD), ("", ""), pytest.param("vic", hashed(), id="vic-the hash")], core=2
    ),
)
def test_who_is_wrong_stays_outside_and_is_not_told_of_what(browser: TestClient, name: str, password: str) -> None:
    assert sign_in(browser, name, password) == 403
    assert browser.get("/").status_code == 303


def test_a_session_is_made_anew_whatever_the_browser_held(browser: TestClient, config: Path) -> None:
    """Fixation: what somebody else has put there is good for nothing."""
    cookie = cookie_of(config)
    browser.cookies.set(cookie, "chosen-by-somebody-else")
    assert sign_in(browser, "vic") == 303
    held = [each.value for each in browser.cookies.jar if each.name == cookie]
    assert len(held) > 0
    assert "chosen-by-somebody-else" not in held[-1:]
    other = TestClient(browser.app, base_url=HERE, follow_redirects=False)
    other.cookies.set(cookie, "chosen-by-somebody-else")
    assert other.get("/").status_code == 303


def test_the_cookie_is_the_browsers_alone_and_the_store_holds_a_hash(browser: TestClient, config: Path) -> None:
    token = token_in(browser.get("/sign-in").text)
    form = {"name": "vic", "password": PASSWORD, "csrf": token}
    told = browser.post("/sign-in", data=form, headers={"Origin": HERE}).headers["Set-Cookie"]
    assert "HttpOnly" in told
    assert "SameSite=lax" in told
    secret = browser.cookies[cookie_of(config)]
    files = b"".join(file.read_bytes() for file in config.parent.glob("crmsync.db*"))
    assert b"vic" in files
    assert secret.encode() not in files
    assert PASSWORD.encode() not in files


def test_by_tls_the_cookie_is_secure_and_only_the_public_name_is_answered(config: Path, clock: Clock) -> None:
    config.write_text(config.read_text().replace("console: {}", "console: {public_url: https://crm.example}"))
    browser = behind_sign_in(config, clock, base="https://crm.example")
    assert sign_in(browser, "vic") == 303
    assert [each.name for each in browser.cookies.jar if each.name.startswith("__Host-crmsync-")]
    page = browser.get("/runs")
    assert page.status_code == 200
    assert "max-age" in page.headers["Strict-Transport-Security"]
    form = {"csrf": token_in(page.text)}
    for origin in ("http://crm.example", "https://evil.example", "https://crm.example:444"):
        assert browser.post("/sign-out", data=form, headers={"Origin": origin}).status_code == 403
    assert browser.get("/runs", headers={"Host": "evil.example"}).status_code == 421
    assert browser.post("/sign-out", data=form, headers={"Origin": "https://crm.example"}).status_code == 303


def test_consoles_of_one_machine_sign_nobody_out_of_each_other(
    browser: TestClient, config: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Browsers send a cookie to every port of a host."""
    other = small_configuration(tmp_path_factory.mktemp("other"))
    there = behind_sign_in(other)
    assert sign_in(browser, "vic") == 303
    there.cookies = browser.cookies
    assert sign_in(there, "ada") == 303
    assert (browser.get("/").status_code, there.get("/log").status_code) == (200, 200)
    for each in (config, other):
        each.write_text(each.read_text().replace("console: {}\n", ""))
    here, else_ = (access_by(load_settings(each), "admin", "ada", lambda: NOW) for each in (config, other))
    assert isinstance(here, OneAddress)
    assert isinstance(else_, OneAddress)
    assert here.cookie != else_.cookie


def test_a_stolen_cookie_is_good_for_nothing_after_signing_out(browser: TestClient, config: Path) -> None:
    assert sign_in(browser, "vic") == 303
    thief = TestClient(browser.app, base_url=HERE, follow_redirects=False)
    thief.cookies.set(cookie_of(config), browser.cookies[cookie_of(config)])
    assert thief.get("/").status_code == 200
    token = token_in(browser.get("/").text)
    assert browser.post("/sign-out", data={"csrf": "0" * 64}, headers={"Origin": HERE}).headers["Location"] == "/"
    assert thief.get("/").status_code == 200
    assert browser.post("/sign-out", data={"csrf": token}, headers={"Origin": HERE}).status_code == 303
    assert thief.get("/").status_code == 303
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize("people", [{"vic": "admin"}, {"vic": "viewer"}, {}])
def test_a_session_ends_with_role_or_person(browser: TestClient, config: Path, people: dict[str, str]) -> None:
    assert sign_in(browser, "vic") == 303
    let_in(config, people or {"ada": "admin"})
    assert browser.get("/").status_code == (200 if people == {"vic": "viewer"} else 303)


def test_a_session_ends_with_the_password(browser: TestClient, config: Path) -> None:
    assert sign_in(browser, "vic") == 303
    file = config.parent / "console-people.yaml"
    file.write_text(file.read_text().replace(hashed(), "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$" + "A" * 43))
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize(
    ("minutes", "step", "inside"),
    broadly([(59, 59, True), (61, 61, False), (700, 50, True), (750, 50, False)], core=2),
)
def test_a_session_ends_by_itself(browser: TestClient, clock: Clock, minutes: int, step: int, inside: bool) -> None:
    """After an hour without a look, and after twelve hours in any case."""
    assert sign_in(browser, "vic") == 303
    answer = browser.get("/runs")
    for _ in range(minutes // step):
        clock.now += timedelta(minutes=step)
        answer = browser.get("/runs")
    assert (answer.status_code == 200) is inside


@pytest.mark.breadth
def test_a_page_that_looks_by_itself_keeps_no_session(browser: TestClient, clock: Clock) -> None:
    """Home does each minute: whoever has left it open is signed out all the same."""
    assert sign_in(browser, "vic") == 303
    page = browser.get("/").text
    asked = {"HX-Request": "true", **json.loads((re.findall(r"hx-headers='([^']+)'", page) or ["{}"])[0])}
    for minute in range(1, 70):
        clock.now += timedelta(minutes=1)
        assert (browser.get("/", headers=asked).status_code == 200) is (minute < 60), minute
    assert browser.get("/").status_code == 303


def test_wrong_passwords_are_limited_for_each_name(browser: TestClient, clock: Clock) -> None:
    assert [sign_in(browser, "vic", f"wrong {number}") for number in range(7)] == [403] * 5 + [429] * 2
    assert sign_in(browser, "vic") == 429  # the right one tells nobody anything now
    assert sign_in(browser, "app") == 303
    clock.now += timedelta(minutes=15, seconds=1)
    other = TestClient(browser.app, base_url=HERE, follow_redirects=False)
    assert sign_in(other, "vic") == 303


def test_wrong_passwords_are_limited_for_each_address(browser: TestClient, config: Path) -> None:
    with closing(Store(load_settings(config).store)) as store:
        for _ in range(40):
            store.console.tried("address testclient", now=NOW, within=timedelta(minutes=15))
        assert sign_in(browser, "vic") == 429
        for number in range(7):  # which keep nobody outside who comes from elsewhere
            assert sign_in(browser, "app", f"wrong {number}") == 429
        assert Tries("another", "app").begin(store, NOW) is None


def test_an_address_is_whose_the_socket_is() -> None:
    """A proxy lets through what its callers say of themselves: each of them would be another address each time."""

    async def told(scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": f"{scope['client'][0]} {scope['scheme']}".encode()})

    with served(told, "127.0.0.1", 0, name="console") as here:
        claims = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
        assert requests.get(here, headers=claims, timeout=10).text == "127.0.0.1 http"


def test_the_form_to_sign_in_wants_its_token(browser: TestClient) -> None:
    browser.get("/sign-in")
    for token in ("", "0" * 64):
        form = {"name": "vic", "password": PASSWORD, "csrf": token}
        assert browser.post("/sign-in", data=form, headers={"Origin": HERE}).status_code == 403
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize("path", ["/look", "/sign-in", "/sign-out"])
def test_what_somebody_outside_sends_is_read_no_further_than_a_form_may_be(browser: TestClient, path: str) -> None:
    read = 0

    def without_end() -> Iterator[bytes]:
        nonlocal read
        for _ in range(50):
            read += 1
            yield b"x" * 1_000_000

    answer = browser.post(path, content=without_end(), headers={"Origin": HERE})
    assert answer.status_code == 413
    for much in ("&" * 300_000, "name=" + "x" * 300_000):
        assert browser.post(path, content=much, headers={"Origin": HERE}).status_code == 413


def test_each_form_says_who_may_send_it() -> None:
    assert all(isinstance(form, Needing) for form in FORMS.values())
    assert all(needed_by(form) in ("approver", "admin") for form in FORMS.values())


@pytest.mark.parametrize("name", ["vic", "app", "ada"])
def test_pages_are_for_whom_they_say(browser: TestClient, name: str) -> None:
    assert sign_in(browser, name) == 303
    assert browser.get("/log").status_code == (200 if name == "ada" else 403)
    assert ('href="/log"' in browser.get("/runs").text) is (name == "ada")


def test_each_role_may_what_those_before_it_may() -> None:
    may = {role: [Visitor("x", role).may(other) for other in ("viewer", "approver", "admin")] for role in
           ("viewer", "approver", "admin")}  # fmt: skip
    assert may == {"viewer": [True, False, False], "approver": [True, True, False], "admin": [True] * 3}


def test_what_was_done_is_in_the_log(browser: TestClient) -> None:
    sign_in(browser, "vic", "wrong")
    assert sign_in(browser, "ada") == 303
    page = browser.get("/log").text
    for told in ("signed in", "a sign-in was refused", "ada", "vic"):
        assert told in page


def test_files_that_are_wrong_are_told_to_nobody_outside(browser: TestClient, config: Path) -> None:
    signed_in = TestClient(browser.app, base_url=HERE, follow_redirects=False)
    assert sign_in(signed_in, "ada") == 303
    (config.parent / "roster.yaml").write_text("people: 7\n")
    outside = browser.get("/sign-in")
    assert outside.status_code == 503
    assert "roster" not in outside.text
    assert "roster" not in browser.get("/").text


def test_the_name_stays_where_the_password_was_wrong(config: Path) -> None:
    browser = behind_sign_in(config)
    page = browser.get("/sign-in").text
    form = {"name": 'Ada"<b>', "password": "wrong", "csrf": token_in(page)}
    again = browser.post("/sign-in", data=form, headers={"Origin": HERE}).text
    assert 'value="Ada&#34;&lt;b&gt;"' in again
    assert "autofocus" in again
    assert "wrong" not in re.sub(r"is wrong", "", again)
