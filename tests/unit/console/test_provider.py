"""Signing in with the firm's provider: a real flow on loopback, and what an attacker tries on the way."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from crmsync.clock import now
from crmsync.console.tries import WITHIN
from crmsync.settings import load_settings
from crmsync.store import Store
from suite.breadth import broadly
from suite.provider import LocalProvider
from unit.console.signing_in import HERE, behind_sign_in, cookie_of, small_configuration


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one"})


@pytest.fixture
def provider(key: RSAKey) -> Iterator[LocalProvider]:
    made = LocalProvider(key=key)
    with made.at_work():
        yield made


@pytest.fixture
def browser(provider: LocalProvider, tmp_path: Path) -> TestClient:
    oidc = f"{{oidc: {{issuer: '{provider.issuer}', client_id: crmsync}}}}"
    config = small_configuration(tmp_path, console=oidc)
    (tmp_path / ".env").write_text("CRMSYNC_CONSOLE_OIDC_SECRET=provider-secret\n")
    return behind_sign_in(config)


def went_out(browser: TestClient, to: str = "/runs") -> str:
    """To the provider and back: the address to which it leads the browser."""
    address = browser.get(f"/sign-in/elsewhere?to={to}").headers["Location"]
    back = requests.get(address, allow_redirects=False, timeout=10).headers["Location"]
    assert back.startswith(f"{HERE}/sign-in/back?")
    return back


def test_whoever_the_provider_names_is_signed_in(browser: TestClient) -> None:
    assert "/sign-in/elsewhere" in browser.get("/sign-in?to=/runs").text
    answer = browser.get(went_out(browser))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/runs")
    page = browser.get("/log")
    assert page.status_code == 200
    assert "ada" in page.text


@pytest.mark.parametrize(
    "claims",
    broadly(
        [
            {"email": "stranger@acme.example"},
            {"email_verified": False},
            {"email_verified": "false"},
            {"email": None},
            {"iss": "https://evil.example"},
            {"aud": "another"},
            {"aud": ["crmsync", "another"]},
            {"azp": "another"},
            {"exp": 1_000_000_000},
            {"nonce": "another"},
            {"nonce": None},
        ],
        core=4,
    ),
    ids=str,
)
def test_what_proves_nothing_signs_nobody_in(browser: TestClient, provider: LocalProvider, claims: object) -> None:
    provider.claims = claims  # type: ignore[assignment]
    assert browser.get(went_out(browser)).status_code == 403
    assert browser.get("/runs").status_code == 303


def test_another_key_or_none_proves_nothing(browser: TestClient, provider: LocalProvider) -> None:
    def unsigned(claims: dict[str, object]) -> str:
        parts = ({"alg": "none"}, claims)
        return (
            ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts) + "."
        )

    provider.key = RSAKey.generate_key(2048, {"kid": "one"})
    assert browser.get(went_out(browser)).status_code == 403
    provider.spoilt_token = unsigned({"iss": provider.issuer, "aud": "crmsync", "email": "ada@acme.example"})
    assert browser.get(went_out(browser)).status_code == 403
    assert browser.get("/runs").status_code == 303


def test_a_provider_may_change_its_keys(browser: TestClient, provider: LocalProvider, tmp_path: Path) -> None:
    assert browser.get(went_out(browser)).status_code == 303
    browser.cookies.delete(cookie_of(tmp_path / "crmsync.yaml"))
    provider.key = RSAKey.generate_key(2048, {"kid": "two"})
    provider.shown = [provider.key]
    assert browser.get(went_out(browser)).status_code == 303


def test_only_the_browser_that_set_out_comes_back(browser: TestClient) -> None:
    """Somebody leads a victim to the end of their own sign-in: the state is none of the victim's."""
    back = went_out(browser)
    victim = TestClient(browser.app, base_url=HERE, follow_redirects=False)
    assert victim.get(back).status_code == 403
    victim.get("/sign-in/elsewhere")
    assert victim.get(back).status_code == 403
    assert victim.get("/runs").status_code == 303
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 403  # a code is good for one time, and so is what the browser kept


def test_by_tls_no_other_host_of_the_domain_says_who_set_out(provider: LocalProvider, tmp_path: Path) -> None:
    """It can set a cookie for the whole domain, and lead a victim to the end of its own sign-in by that."""
    at = "https://crm.example"
    oidc = f"{{public_url: '{at}', oidc: {{issuer: '{provider.issuer}', client_id: crmsync}}}}"
    config = small_configuration(tmp_path, console=oidc)
    (tmp_path / ".env").write_text("CRMSYNC_CONSOLE_OIDC_SECRET=provider-secret\n")
    attacker, victim = behind_sign_in(config, base=at), behind_sign_in(config, base=at)
    address = attacker.get("/sign-in/elsewhere").headers["Location"]
    back = requests.get(address, allow_redirects=False, timeout=10).headers["Location"]
    for cookie in attacker.cookies.jar:
        if not cookie.name.startswith("__Host-"):
            victim.cookies.set(cookie.name, str(cookie.value))
    victim.cookies.set("crmsync-elsewhere", next(str(each.value) for each in attacker.cookies.jar))
    assert victim.get(back).status_code == 403
    assert attacker.get(back).status_code == 303
    assert [each.name for each in attacker.cookies.jar] == [cookie_of(config)]


def test_tries_in_vain_are_limited_and_fill_no_log(
    browser: TestClient, provider: LocalProvider, tmp_path: Path
) -> None:
    """Whoever comes to the end of a way that they did not begin has not tried: any page can send a browser there."""
    for _ in range(3):
        assert browser.get("/sign-in/back?state=x&code=y").status_code == 403
    assert browser.get(went_out(browser)).status_code == 303
    with closing(Store(load_settings(tmp_path / "crmsync.yaml").store)) as store:
        assert [each.what for each in store.console.deeds(most=9)] == ["signed_in"]
        for number in range(40):
            assert store.console.tried("address testclient", now=now(), within=WITHIN)[0] == number + 1
        assert browser.get(went_out(browser)).status_code == 429
        assert [each.what for each in store.console.deeds(most=9)] == ["signed_in"]


def test_nobody_is_led_elsewhere_by_the_provider(browser: TestClient) -> None:
    assert browser.get(went_out(browser, "//evil.example")).headers["Location"] == "/"


def test_a_provider_that_is_away_is_told_in_words(
    browser: TestClient, provider: LocalProvider, tmp_path: Path
) -> None:
    oidc = "{oidc: {issuer: 'http://127.0.0.1:9', client_id: crmsync}}"
    away = behind_sign_in(small_configuration(tmp_path, console=oidc))
    answer = away.get("/sign-in/elsewhere")
    assert answer.status_code == 503
    assert "sign-in cannot be reached." in answer.text
