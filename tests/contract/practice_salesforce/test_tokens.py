"""What clients check about a token: its signature, whether it is still good, whose it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import requests

CLIENT = {"client_id": "the-app", "client_secret": "s3cret"}


def token(org: Any, **form: str) -> Any:
    return requests.post(f"{org.url}/services/oauth2/token", data=form, timeout=300)


def signed(answer: dict[str, Any], secret: str) -> str:
    told = (answer["id"] + answer["issued_at"]).encode()
    return base64.b64encode(hmac.new(secret.encode(), told, hashlib.sha256).digest()).decode()


def test_an_answer_is_signed_with_the_clients_secret(org: Any) -> None:
    credentials = token(org, grant_type="client_credentials", **CLIENT).json()
    assert credentials["signature"] == signed(credentials, "s3cret")
    password = {"grant_type": "password", "username": "a@b.example", "password": "p"}
    answer = token(org, **password, client_id="other", client_secret="another").json()
    assert answer["signature"] == signed(answer, "another")
    assert answer["signature"] != signed(answer, "s3cret")
    basic = requests.post(
        f"{org.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=("in-the-header", "hidden"),
        timeout=300,
    ).json()
    assert basic["signature"] == signed(basic, "hidden")
    refreshed = token(org, grant_type="refresh_token", refresh_token="r", client_id="the-app").json()
    assert refreshed["signature"] == signed(refreshed, "s3cret"), "a client that has told its secret once"


def introspect(org: Any, auth: tuple[str, str] | None = None, **form: str) -> Any:
    return requests.post(f"{org.url}/services/oauth2/introspect", data=form, auth=auth, timeout=300)


def test_a_token_is_introspected_with_the_clients_credentials_in_body_or_header(org: Any) -> None:
    given = token(org, grant_type="client_credentials", **CLIENT).json()
    for answer in (
        introspect(org, token=given["access_token"], token_type_hint="access_token", **CLIENT),
        introspect(org, ("the-app", "s3cret"), token=given["access_token"]),
    ):
        assert answer.status_code == 200
        told = answer.json()
        assert (told["active"], told["client_id"], told["token_type"]) == (True, "the-app", "access_token")
        assert told["sub"] == given["id"] and told["username"] == "integration@ourfirm.example"
        assert told["exp"] > told["iat"] == told["nbf"] == int(given["issued_at"]) // 1000
        assert "api" in told["scope"].split()


def test_a_token_that_is_no_good_is_not_active_and_a_client_that_is_none_is_refused(org: Any) -> None:
    given = token(org, grant_type="client_credentials", **CLIENT).json()["access_token"]
    requests.post(f"{org.url}/services/oauth2/revoke", data={"token": given}, timeout=300)
    for dead in (given, "expired", "an-invalid-one"):
        assert introspect(org, token=dead, **CLIENT).json() == {"active": False}
    for refused in (
        introspect(org, token="x"),
        introspect(org, token="x", client_id="the-app"),
        introspect(org, ("the-app", "invalid"), token="x"),
    ):
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert introspect(org, **CLIENT).json()["error"] == "invalid_request"


def test_identity_and_userinfo_tell_whose_token_it_is(org: Any) -> None:
    given = token(org, grant_type="client_credentials", **CLIENT).json()
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    identity = requests.get(given["id"], params={"version": "latest"}, headers=headers, timeout=300).json()
    info = requests.get(f"{org.url}/services/oauth2/userinfo", headers=headers, timeout=300).json()
    assert identity["id"] == info["sub"] == given["id"]
    assert identity["username"] == info["preferred_username"] == "integration@ourfirm.example"
    assert identity["urls"]["rest"] == f"{org.url}/services/data/v67.0/"
    assert "{version}" in info["urls"]["rest"]
    assert identity["organization_id"] == info["organization_id"] == given["id"].split("/")[-2]
    state = org.control("GET", "state")["users"][0]
    other = requests.get(
        f"{given['id'].rpartition('/')[0]}/{state['native_id']}", headers=headers, timeout=300
    ).json()
    assert (other["email"], other["display_name"]) == (state["email"], state["name"])
    assert requests.get(f"{org.url}/services/oauth2/userinfo", timeout=300).status_code == 401


def test_a_login_host_may_rotate_refresh_tokens(fresh: Any) -> None:
    fresh.switch(rotate_refresh_tokens=True)
    first = token(fresh, grant_type="refresh_token", refresh_token="r1", **CLIENT).json()
    second = token(fresh, grant_type="refresh_token", refresh_token=first["refresh_token"], **CLIENT).json()
    assert len({"r1", first["refresh_token"], second["refresh_token"]}) == 3
    for used in ("r1", first["refresh_token"]):
        refused = token(fresh, grant_type="refresh_token", refresh_token=used, **CLIENT)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    fresh.switch(rotate_refresh_tokens=False)
    same = second["refresh_token"]
    assert token(fresh, grant_type="refresh_token", refresh_token=same, **CLIENT).json()["refresh_token"] == same


def test_a_client_is_sent_back_the_way_it_came(org: Any) -> None:
    for headers, way in (
        ({}, org.url),
        ({"Host": "login.salesforce.com"}, "https://login.salesforce.com"),
        ({"Host": "127.0.0.1:8443", "X-Forwarded-Proto": "https"}, "https://127.0.0.1:8443"),
    ):
        given = requests.post(
            f"{org.url}/services/oauth2/token",
            data={"grant_type": "client_credentials", **CLIENT},
            headers=headers,
            timeout=300,
        ).json()
        assert given["instance_url"] == way and given["id"].startswith(f"{way}/id/")
        assert given["signature"] == signed(given, "s3cret")
