"""The five ways of signing in, and how each of them can fail."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import pytest
import requests
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from crmsync.errors import CrmUnreachable, SignInRefused, UsageError
from crmsync_salesforce.connection import SalesforceConnector

HOST = "https://acme.my.salesforce.com"
DATA = f"{HOST}/services/data/v62.0"
Open = Callable[..., SalesforceConnector]
TOKEN = f"{HOST}/services/oauth2/token"
SOAP = f"{HOST}/services/Soap/u/62.0"
GRANTED = {"access_token": "00D!t", "instance_url": HOST, "id": "x", "token_type": "Bearer"}
ORG = {"records": [{"Id": "00D", "Name": "Acme", "TimeZoneSidKey": "Europe/Berlin"}], "done": True, "totalSize": 1}
FAULT = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault><detail><sf:LoginFault>'
    "<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode><sf:exceptionMessage>Invalid username ann@example.com"
    "</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept tokens go to a folder of the test's own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def org(crm: responses.RequestsMock) -> responses.RequestsMock:
    crm.get(f"{DATA}/query/", json=ORG)
    return crm


def form(call: responses.Call) -> dict[str, str]:
    body = call.request.body
    return {name: values[0] for name, values in parse_qs(str(body)).items()}


def test_client_credentials(org: responses.RequestsMock, open_connector: Open) -> None:
    org.post(TOKEN, json=GRANTED)
    connector = open_connector()
    assert connector.org().time_zone == "Europe/Berlin"
    connector.org()
    assert form(org.calls[0]) == {"grant_type": "client_credentials", "client_id": "key", "client_secret": "s3cret"}
    assert [call.request.headers.get("Authorization") for call in org.calls] == [None, "Bearer 00D!t", "Bearer 00D!t"]
    assert connector.usage().calls == 3


def test_refresh_token_and_its_replacement(org: responses.RequestsMock, open_connector: Open) -> None:
    org.post(TOKEN, json={**GRANTED, "refresh_token": "second"})
    org.replace(
        responses.GET, f"{DATA}/query/", status=401, json=[{"errorCode": "INVALID_SESSION_ID", "message": ""}]
    )
    with pytest.raises(SignInRefused):
        open_connector(client_secret=None, refresh_token="first").org()
    forms = [form(call) for call in org.calls if call.request.url == TOKEN]
    assert [sent["refresh_token"] for sent in forms] == ["first", "second"]
    assert "client_secret" not in forms[0]


def test_jwt(org: responses.RequestsMock, open_connector: Open) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    org.post(TOKEN, json=GRANTED)
    open_connector(client_secret=None, username="sync@acme.example", private_key=pem).org()
    sent = form(org.calls[0])
    assert sent["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    claims = jwt.decode(sent["assertion"], key.public_key(), algorithms=["RS256"], audience=HOST)
    assert (claims["iss"], claims["sub"]) == ("key", "sync@acme.example")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ({"private_key": "no key"}, "`private_key` holds no RSA key"),
        ({"private_key_file": "/nowhere/key.pem"}, "/nowhere/key.pem: no such file or directory"),
        ({"private_key_file": "/"}, "`private_key_file` cannot be used: /: is a directory"),
        ({"private_key_file": __file__}, "test_sign_in.py (`private_key_file`) holds no RSA key"),
    ],
)
def test_a_key_that_cannot_be_used_is_named(
    crm: responses.RequestsMock, open_connector: Open, key: dict[str, str], words: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        open_connector(client_secret=None, username="u", **key).org()
    assert len(crm.calls) == 0


def test_a_key_file_that_is_no_file_is_not_waited_for(
    crm: responses.RequestsMock, open_connector: Open, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.pem")
    (tmp_path / "large.pem").write_bytes(b"x" * 200_000)
    for name, words in (
        ("pipe.pem", "not a file but a pipe"),
        ("large.pem", "is larger than"),
        ("/dev/zero", "pipe"),
    ):
        with pytest.raises(UsageError, match=words):
            open_connector(client_secret=None, username="u", private_key_file=str(tmp_path / name)).org()
    assert len(crm.calls) == 0


def test_a_given_session_makes_no_call_and_is_not_renewed(org: responses.RequestsMock, open_connector: Open) -> None:
    connector = open_connector(access_token="00D!mine")
    connector.org()
    assert [call.request.headers["Authorization"] for call in org.calls] == ["Bearer 00D!mine"]
    org.replace(
        responses.GET, f"{DATA}/query/", status=401, json=[{"errorCode": "INVALID_SESSION_ID", "message": ""}]
    )
    with pytest.raises(SignInRefused, match="no longer accepts"):
        connector.org()
    assert len(org.calls) == 2


def test_password_with_a_warning(org: responses.RequestsMock, open_connector: Open) -> None:
    org.post(
        SOAP,
        body=f"<r><sessionId>00D!p</sessionId><serverUrl>{HOST}/services/Soap/u/62.0/00D</serverUrl></r>",
        content_type="text/xml",
    )
    connector = open_connector(client_secret=None, username="ann@example.com", password="p&w", security_token="tok")
    with pytest.warns(FutureWarning, match="client credentials"):
        connector.org()
    assert "<n1:password>p&amp;wtok</n1:password>" in str(org.calls[0].request.body)
    assert org.calls[1].request.headers["Authorization"] == "Bearer 00D!p"


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ((500, FAULT), SignInRefused, "INVALID_LOGIN"),
        ((503, "<html>We are down for maintenance"), CrmUnreachable, "HTTP 503"),
        ((200, "<html><br>"), CrmUnreachable, "torn"),
    ],
)
def test_password_refused(
    crm: responses.RequestsMock, open_connector: Open, answer: tuple[int, str], error: type[Exception], words: str
) -> None:
    crm.post(SOAP, status=answer[0], body=answer[1])
    with pytest.raises(error, match=words) as refused:
        open_connector(client_secret=None, username="ann@example.com", password="p", attempts=2).org()
    assert "ann@example.com" not in str(refused.value)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("invalid_client", "invalid_client: the app is not this one"),
        ("invalid_grant", r"invalid_grant: authentication failure of \[e-mail\] … at …"),
        ("inactive_user", "inactive_user: the user was deactivated"),
        ("Ann Lee at Acme", r"HTTP 400: authentication failure of \[e-mail\] … at …"),
    ],
)
def test_refused_credentials(crm: responses.RequestsMock, open_connector: Open, code: str, words: str) -> None:
    description = "authentication failure of ann@example.com Ann Lee at Acme"
    crm.post(TOKEN, status=400, json={"error": code, "error_description": description})
    with pytest.raises(SignInRefused, match=words) as refused:
        open_connector().org()
    assert len(crm.calls) == 1
    assert not [part for part in ("ann@", "Ann", "Lee", "Acme") if part in str(refused.value)]
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({}, "choose the user it runs as"),
        ({"refresh_token": "r"}, "for a new one"),
        ({"client_secret": None, "username": "u", "private_key": "key"}, "the app holds the key's certificate"),
    ],
)
def test_what_to_look_at_depends_on_the_way_of_signing_in(
    crm: responses.RequestsMock,
    open_connector: Open,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, str],
    hint: str,
) -> None:
    monkeypatch.setattr(jwt, "encode", lambda *_, **__: "assertion")
    crm.post(TOKEN, status=400, json={"error": "invalid_grant", "error_description": "no such grant"})
    with pytest.raises(SignInRefused, match="invalid_grant: no such grant") as refused:
        open_connector(**given).org()
    assert hint in str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 503, "body": "<html>We are down for maintenance</html>"},
        {"status": 400, "json": {"error": "rate_limit_exceeded"}},
        {"status": 500, "json": {"error": "unknown_error"}},
        {"status": 200, "body": '{"access_token": "00D'},
        {"status": 200, "json": ["no object"]},
        {"body": requests.ConnectionError("reset")},
        {"body": requests.ReadTimeout("late")},
    ],
)
def test_passing_faults_of_the_sign_in_are_tried_again(
    org: responses.RequestsMock, open_connector: Open, answer: dict[str, object]
) -> None:
    org.post(TOKEN, **answer)
    org.post(TOKEN, json=GRANTED)
    assert open_connector().org().name == "Acme"


@pytest.mark.parametrize(("status", "body"), [(401, "[]"), (404, "<html>"), (403, "[]")])
def test_other_refusals_are_not(crm: responses.RequestsMock, open_connector: Open, status: int, body: str) -> None:
    crm.post(TOKEN, status=status, body=body)
    with pytest.raises(SignInRefused, match=f"HTTP {status}"):
        open_connector().org()
    assert len(crm.calls) == 1


@pytest.mark.parametrize(
    ("code", "description", "hint"),
    [
        ("invalid_grant", "user hasn't approved this consumer", "approve the app for the user"),
        ("invalid_grant", "ip restricted", "login IP ranges"),
        ("invalid_grant", "login hours restricted", "login hours of the user's profile"),
        ("invalid_grant", "audience is invalid", "`audience`"),
        ("invalid_grant", "invalid assertion", "certificate, and this machine's clock"),
        ("invalid_grant", "expired authorization code", "set this machine's clock right"),
        ("app_not_found", "External client app is not installed in this org", "install the external client app"),
        ("invalid_grant", "expired access/refresh token", "approve the app again for a new one"),
        ("invalid_grant", "authentication failure", "allow the client credentials flow"),
        ("invalid_app_access", "user is not admin approved to access this app", "approve the app"),
        ("something_new", "", "check the connection's credentials"),
    ],
)
def test_each_refusal_of_a_sign_in_has_its_own_next_step(
    crm: responses.RequestsMock, open_connector: Open, code: str, description: str, hint: str
) -> None:
    crm.post(TOKEN, status=400, json={"error": code, "error_description": description})
    with pytest.raises(SignInRefused, match=code) as refused:
        open_connector().org()
    assert hint in str(refused.value)
    assert len(crm.calls) == 1


@pytest.mark.parametrize(
    "body", ['{"error":' + "[" * 200_000, '{"error": "unknown user ann@example.com ' + "x " * 9_000 + '"}']
)
def test_a_refusal_of_any_depth_length_and_content_is_a_refusal(
    crm: responses.RequestsMock, open_connector: Open, body: str
) -> None:
    crm.post(TOKEN, status=400, body=body)
    with pytest.raises(SignInRefused) as refused:
        open_connector().org()
    assert len(str(refused.value)) < 1_000
    assert "ann@" not in str(refused.value)


def test_a_fault_code_of_the_soap_login_holds_nobodys_address(
    crm: responses.RequestsMock, open_connector: Open
) -> None:
    crm.post(SOAP, status=500, body=FAULT.replace("INVALID_LOGIN", "ann@example.com" + "x " * 9_000))
    with pytest.warns(FutureWarning), pytest.raises(SignInRefused) as refused:
        open_connector(client_secret=None, username="ann@example.com", password="p", attempts=2).org()
    assert len(str(refused.value)) < 1_000
    assert "ann@" not in str(refused.value)


@pytest.mark.parametrize("status", [200, 400, 403])
def test_a_page_in_place_of_a_sign_in_is_a_server_in_between(
    org: responses.RequestsMock, open_connector: Open, status: int
) -> None:
    org.post(TOKEN, status=status, body="<html>Blocked, incident 4711")
    with pytest.raises(CrmUnreachable, match="a server between this machine and Salesforce answered the sign-in"):
        open_connector(attempts=2).org()
    assert len(org.calls) == 2


def test_over_plain_http_no_token_goes_to_another_machine(crm: responses.RequestsMock, open_connector: Open) -> None:
    crm.post("http://127.0.0.1:8090/services/oauth2/token", json={**GRANTED, "instance_url": "http://evil.example"})
    with pytest.raises(SignInRefused, match="another machine"):
        open_connector(url="http://127.0.0.1:8090").org()
    assert len(crm.calls) == 1


@pytest.mark.parametrize("instance", ["https://[::1", "https://acme:port", "https://", "//"])
def test_an_instance_that_is_no_address_gets_no_credentials(
    crm: responses.RequestsMock, open_connector: Open, instance: str
) -> None:
    crm.post("http://127.0.0.1:8090/services/oauth2/token", json={**GRANTED, "instance_url": instance})
    crm.post(TOKEN, json={**GRANTED, "instance_url": instance})
    for url in ("http://127.0.0.1:8090", HOST):
        with pytest.raises(SignInRefused):
            open_connector(url=url).org()


def test_over_https_an_instance_is_always_spoken_to_over_https(
    org: responses.RequestsMock, open_connector: Open
) -> None:
    org.post(TOKEN, json={**GRANTED, "instance_url": HOST.replace("https", "http")})
    open_connector().org()
    assert {call.request.url.split("://")[0] for call in org.calls} == {"https"}
