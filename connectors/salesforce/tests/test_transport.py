"""One call: time limits, headers, retries, re-authentication, torn answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import responses
from requests.adapters import HTTPAdapter

from crmsync.contract import PullRequest, Write
from crmsync.errors import CrmUnreachable, RunStopped, SignInRefused
from crmsync_salesforce.adapter import session_for
from crmsync_salesforce.connection import SalesforceConnector
from crmsync_salesforce.settings import SalesforceSettings

HOST = "https://acme.my.salesforce.com"
DATA = f"{HOST}/services/data/v62.0"
TOKEN = f"{HOST}/services/oauth2/token"
Open = Callable[..., SalesforceConnector]

ORG = {"records": [{"Id": "00D", "Name": "Acme", "TimeZoneSidKey": "UTC"}], "done": True, "totalSize": 1}
EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
LEAD = "00Q5g00000ABCDEFAA"


def refusal(code: str, message: str = "") -> list[dict[str, str]]:
    return [{"errorCode": code, "message": message}]


def write(lead: str = LEAD, **values: str | None) -> Write:
    return Write(lead, values or {"Status": "Open"}, {})


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 503, "body": "<html>We are down for maintenance</html>"},
        {"status": 503, "json": refusal("SERVER_UNAVAILABLE")},
        {"status": 502, "body": "<html>Bad Gateway"},
        {"status": 500, "json": refusal("UNKNOWN_EXCEPTION")},
        {"status": 406, "body": ""},
        {"status": 420, "body": "<html>We are setting things up"},
        {"status": 429, "body": ""},
        {"status": 403, "json": refusal("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.")},
        {"status": 400, "json": refusal("QUERY_TIMEOUT", "Your query request was running for too long.")},
        {"status": 200, "body": '{"totalSize": 1, "done": true, "records": [{"Id"'},
        {"status": 200, "body": ""},
        {"status": 200, "body": "[]"},
        {"status": 200, "body": "null"},
        {"status": 200, "body": "7"},
        {"status": 200, "json": {"totalSize": 1, "done": True}},
        {"status": 200, "json": {"totalSize": 1, "done": False, "records": []}},
        {"status": 200, "json": {"totalSize": 1, "done": True, "records": ["text"]}},
        {"body": requests.ConnectionError("reset")},
        {"body": requests.ReadTimeout("late")},
        {"body": requests.exceptions.ChunkedEncodingError("broke off")},
    ],
)
def test_passing_faults_are_tried_again(
    token: responses.RequestsMock, open_connector: Open, waits: list[float], answer: dict[str, Any]
) -> None:
    token.get(f"{DATA}/query/", **answer)
    token.get(f"{DATA}/query/", json=ORG)
    assert open_connector().org().name == "Acme"
    assert len(waits) == 1


def test_calls_refused_and_made_again_are_counted(
    token: responses.RequestsMock, open_connector: Open, waits: list[float]
) -> None:
    at_once = refusal("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.")
    token.get(f"{DATA}/query/", status=403, json=at_once)
    token.get(f"{DATA}/query/", status=429, body="")
    token.get(f"{DATA}/query/", status=503, body="<html>")
    token.get(f"{DATA}/query/", json=ORG)
    connector = open_connector()
    connector.org()
    usage = connector.usage()
    assert (usage.calls, usage.retries, usage.refused) == (len(token.calls), 3, 2)
    assert usage.waited_seconds == pytest.approx(sum(waits))


def test_a_call_that_is_refused_for_good_is_counted_too(
    token: responses.RequestsMock, open_connector: Open, waits: list[float]
) -> None:
    token.get(f"{DATA}/query/", status=403, json=refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    connector = open_connector()
    with pytest.raises(RunStopped, match="used up"):
        connector.org()
    assert (connector.usage().retries, connector.usage().refused) == (0, 1)


def test_a_lasting_fault_stops_the_run_in_words(
    token: responses.RequestsMock, open_connector: Open, waits: list[float]
) -> None:
    token.get(f"{DATA}/query/", status=503, body="<html>We are down for maintenance</html>")
    with pytest.raises(CrmUnreachable, match=r"HTTP 503.*tried 3 times") as stopped:
        open_connector(attempts=3).org()
    assert len(waits) == 2
    assert "html" not in str(stopped.value)
    assert "status.salesforce.com" in str(stopped.value)


def test_retry_after_is_obeyed(token: responses.RequestsMock, open_connector: Open, waits: list[float]) -> None:
    token.get(f"{DATA}/query/", status=503, headers={"Retry-After": "7"})
    token.get(f"{DATA}/query/", status=503, headers={"Retry-After": "0.5"})
    token.get(f"{DATA}/query/", json=ORG)
    open_connector(longest_wait_seconds=2).org()
    assert waits == [7.0, 0.5], "a wish is obeyed also beyond the longest wait of our own"


@pytest.mark.parametrize("wish", ["900", "Sat, 21 Nov 2026 12:15:30 GMT"])
def test_a_wish_beyond_our_patience_stops_at_once_and_says_when(
    token: responses.RequestsMock, open_connector: Open, waits: list[float], wish: str
) -> None:
    headers = {"Retry-After": wish, "Date": "Sat, 21 Nov 2026 12:00:30 GMT"}
    token.get(f"{DATA}/query/", status=503, headers=headers)
    with pytest.raises(CrmUnreachable, match=r"tried once\); it asks to be left alone for 15 minutes") as told:
        open_connector().org()
    assert re.search(r"run again after \d{4}-\d\d-\d\d \d\d:\d\d UTC", str(told.value))
    assert waits == []


@pytest.mark.parametrize("wish", ["nan", "inf", "-inf", "-5", "1e400", "soon", "Fri, 31 Dec 9999 23:59:59 GMT", ""])
def test_a_wish_that_cannot_be_meant_is_none(
    token: responses.RequestsMock, open_connector: Open, waits: list[float], wish: str
) -> None:
    token.get(f"{DATA}/query/", status=503, headers={"Retry-After": wish})
    token.get(f"{DATA}/query/", json=ORG)
    assert open_connector().org().name == "Acme"
    assert [0 < wait < 1 for wait in waits] == [True]


def test_the_used_up_quota_stops_at_once(
    token: responses.RequestsMock, open_connector: Open, waits: list[float]
) -> None:
    body = refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    token.get(f"{DATA}/query/", status=403, json=body)
    with pytest.raises(RunStopped, match="limit of API calls"):
        open_connector().org()
    assert waits == []


def test_other_refusals_carry_their_code_and_what_it_means(
    token: responses.RequestsMock, open_connector: Open
) -> None:
    body = refusal("API_DISABLED_FOR_ORG", "not for ann@example.com")
    token.get(f"{DATA}/query/", status=403, json=body)
    with pytest.raises(RunStopped, match="API_DISABLED_FOR_ORG: the org has no API"):
        open_connector().org()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("SOMETHING_NEW", r"SOMETHING_NEW: not for \[e-mail\] … of …"),
        ("Ann Lee of Acme", r"an unreadable code: not for \[e-mail\] … of …"),
        ("X" * 5000, "an unreadable code: not for"),
        (17, "an unreadable code: not for"),
    ],
)
def test_a_code_that_nobody_knows_is_told_within_bounds(
    token: responses.RequestsMock, open_connector: Open, code: str, told: str
) -> None:
    token.get(f"{DATA}/query/", status=403, json=refusal(code, "not for ann@example.com Ann Lee of Acme"))
    with pytest.raises(RunStopped, match=told):
        open_connector().org()


@pytest.mark.parametrize(
    ("code", "next_step"),
    [
        ("INSUFFICIENT_ACCESS", "access to this object in a permission set"),
        ("API_CURRENTLY_DISABLED", "API Enabled"),
        ("SOMETHING_NEW", "API Enabled and access to this object"),
    ],
)
def test_a_403_says_what_is_forbidden_to_whom_and_what_to_give(
    token: responses.RequestsMock, open_connector: Open, code: str, next_step: str
) -> None:
    token.get(f"{DATA}/query/", status=403, json=refusal(code))
    with pytest.raises(RunStopped, match=f"forbids this connection's user the query on Organization: {code}") as told:
        open_connector().org()
    assert next_step in str(told.value)


@pytest.mark.parametrize(
    ("url", "proxy", "words"),
    [
        ("https://no-such-host.invalid", None, "no host of the name in `url` is known"),
        ("https://127.0.0.1:9", None, "no connection could be opened"),
        ("https://127.0.0.1:9", "http://127.0.0.1:9", "the proxy between this machine and Salesforce"),
        ("https://127.0.0.1:9", "http://no-such-host.invalid:9", "the proxy between this machine and Salesforce"),
    ],
)
def test_addresses_that_lead_nowhere_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, open_connector: Open, url: str, proxy: str | None, words: str
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    if proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(CrmUnreachable, match=words):
        open_connector(url=url, attempts=1).org()


def test_certificates_that_are_not_there_are_told(monkeypatch: pytest.MonkeyPatch, open_connector: Open) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/certificates.pem")
    with pytest.raises(CrmUnreachable, match="certificate") as told:
        open_connector(url="https://127.0.0.1:9", attempts=1).org()
    assert "REQUESTS_CA_BUNDLE" in str(told.value)


def test_limits_are_listened_to_also_on_refusals(token: responses.RequestsMock, open_connector: Open) -> None:
    token.get(f"{DATA}/query/", json=ORG, headers={"Sforce-Limit-Info": "api-usage=18/15000"})
    connector = open_connector()
    connector.org()
    assert connector.usage().calls_left == 14982
    info = "per-app-api-usage=17/250(appName=crmsync); api-usage=14999/15000"
    body = refusal("SERVER_UNAVAILABLE")
    token.replace(responses.GET, f"{DATA}/query/", status=503, json=body, headers={"Sforce-Limit-Info": info})
    with pytest.raises(CrmUnreachable):
        connector.org()
    assert connector.usage().calls_left == 1


@pytest.mark.parametrize("body", [EXPIRED, EXPIRED[0], "<html>", ""])
def test_an_expired_token_is_renewed_once(
    token: responses.RequestsMock, open_connector: Open, waits: list[float], body: Any
) -> None:
    forged: dict[str, Any] = {"body": body} if isinstance(body, str) else {"json": body}
    token.get(f"{DATA}/query/", status=401, **forged)
    token.get(f"{DATA}/query/", json=ORG)
    connector = open_connector()
    connector.org()
    assert connector.usage().calls == 4
    assert waits == []


def test_a_token_refused_for_ever_ends_after_one_renewal(token: responses.RequestsMock, open_connector: Open) -> None:
    token.get(f"{DATA}/query/", status=401, json=EXPIRED)
    connector = open_connector()
    with pytest.raises(SignInRefused, match="just given out"):
        connector.org()
    assert connector.usage().calls == 4


def test_every_write_forbids_assignment_rules_also_after_a_renewal(
    lead: responses.RequestsMock, open_connector: Open
) -> None:
    lead.patch(f"{DATA}/composite/sobjects", status=401, json=EXPIRED)
    lead.patch(f"{DATA}/composite/sobjects", json=[{"id": LEAD, "success": True, "errors": []}])
    assert [result.outcome for result in open_connector().push("Lead", [write()])] == ["accepted"]
    patches = [call.request for call in lead.calls if call.request.method == "PATCH"]
    assert [request.headers["Sforce-Auto-Assign"] for request in patches] == ["FALSE", "FALSE"]
    assert patches[0].body == patches[1].body


def test_every_request_has_time_limits_and_none_asks_for_pretty_print(
    lead: responses.RequestsMock, open_connector: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, Any, requests.PreparedRequest]] = []
    forged = HTTPAdapter.send

    def send(adapter: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        sent.append((str(request.method), options["timeout"], request))
        return forged(adapter, request, *args, **options)

    monkeypatch.setattr(HTTPAdapter, "send", send)
    lead.get(f"{DATA}/query/", json={"records": [], "done": True, "totalSize": 0})
    lead.patch(f"{DATA}/composite/sobjects", json=[{"id": LEAD, "success": True, "errors": []}])
    connector = open_connector(connect_timeout_seconds=3, timeout_seconds=8)
    list(connector.pull(PullRequest("Lead", ("Status",))))
    connector.push("Lead", [write()])
    assert [method for method, _, _ in sent] == ["POST", "GET", "GET", "GET", "POST", "PATCH"]
    assert {timeout for _, timeout, _ in sent} == {(3.0, 8.0)}
    assert not any("X-PrettyPrint" in request.headers for _, _, request in sent)


def test_netrc_does_not_replace_the_token(
    token: responses.RequestsMock, open_connector: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login ann password pw\n", encoding="ascii")
    monkeypatch.setenv("NETRC", str(netrc))
    token.get(f"{DATA}/query/", json=ORG)
    open_connector().org()
    assert token.calls[1].request.headers["Authorization"] == "Bearer 00D!t"


def test_a_redirect_is_not_followed(token: responses.RequestsMock, open_connector: Open) -> None:
    token.get(f"{DATA}/query/", status=302, headers={"Location": "https://other.example/"})
    with pytest.raises(CrmUnreachable, match="elsewhere"):
        open_connector().org()
    assert [call.request.url.split("/")[2] for call in token.calls] == ["acme.my.salesforce.com"] * 2


LEADS_AWAY = (
    "@acme.my.salesforce.com:45689/x",
    ":45689/x",
    "query/01g-2000",
    "",
    "https://evil.example/services/data/v62.0/query/01g-2000",
    "@evil.example/services/data/v62.0/query/01g-2000",
    ".evil.example/services/data/v62.0/query/01g-2000",
    "//evil.example/query/01g-2000",
)


@pytest.mark.parametrize("address", LEADS_AWAY)
def test_a_next_page_elsewhere_gets_no_credentials(
    lead: responses.RequestsMock, open_connector: Open, address: str
) -> None:
    page = {"records": [{"Id": LEAD, "Status": "Open"}], "done": False, "totalSize": 2, "nextRecordsUrl": address}
    lead.get(f"{DATA}/query/", json=page)
    lead.add(responses.GET, re.compile("evil|45689|/x"), json={"records": [], "done": True, "totalSize": 0})
    with pytest.raises(CrmUnreachable):
        list(open_connector(attempts=2).pull(PullRequest("Lead", ("Status",))))
    assert {urlsplit(call.request.url or "").netloc for call in lead.calls} == {urlsplit(HOST).netloc}


@pytest.mark.parametrize(
    ("instance", "trusted"),
    [
        ("https://acme.my.salesforce.com", True),
        ("https://na139.salesforce.com", True),
        ("https://acme--full.sandbox.my.salesforce.com", True),
        ("https://evil.example", False),
        ("https://acme.my.salesforce.com:45689", False),
        ("https://na139.salesforce.com:45689", False),
        ("https://acme.my.salesforce.com:x", False),
        ("https://salesforce.com.evil.example", False),
        ("https://evilsalesforce.com", False),
        ("https://acme.my.salesforce.com@evil.example", False),
        ("evil.example", False),
        ("", False),
    ],
)
def test_credentials_travel_to_instances_of_salesforce_only(
    crm: responses.RequestsMock, open_connector: Open, instance: str, trusted: bool
) -> None:
    crm.post(f"{HOST}/services/oauth2/token", json={"access_token": "00D!t", "instance_url": instance})
    crm.add(responses.GET, re.compile("https://.*/query/"), json=ORG)
    if trusted:
        open_connector().org()
        assert urlsplit(crm.calls[-1].request.url or "").netloc == urlsplit(instance).netloc
    else:
        with pytest.raises(SignInRefused, match="takes no credentials there"):
            open_connector().org()
        assert len(crm.calls) == 1


def test_what_was_secret_in_a_request_stands_in_no_message(crm: responses.RequestsMock, open_connector: Open) -> None:
    """A server that repeats what it was sent: the sign-in's form, then the access token."""

    def repeats(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        said = f"{request.headers.get('Authorization')} {request.body or ''}"
        return 400, {}, json.dumps({"error": "invalid_client", "error_description": said})

    crm.add_callback(responses.POST, f"{HOST}/services/oauth2/token", repeats)
    with pytest.raises(SignInRefused) as stopped:
        open_connector(client_secret="s3cret/of the app").org()
    assert "s3cret" not in str(stopped.value)
    crm.upsert(
        responses.POST, f"{HOST}/services/oauth2/token", json={"access_token": "tok-1234", "instance_url": HOST}
    )
    refusal = [{"errorCode": "MALFORMED_QUERY", "message": "you sent tok-1234"}]
    crm.get(f"{DATA}/query/", status=400, json=refusal)
    with pytest.raises(RunStopped) as refused:
        open_connector().org()
    assert "you sent [secret]" in str(refused.value)


def test_a_bad_certificate_stops_at_once(token: responses.RequestsMock, open_connector: Open) -> None:
    token.get(f"{DATA}/query/", body=requests.exceptions.SSLError("certificate verify failed"))
    with pytest.raises(CrmUnreachable, match="certificate"):
        open_connector().org()
    assert len(token.calls) == 2


def test_nobody_at_the_address(open_connector: Open, waits: list[float]) -> None:
    with pytest.raises(CrmUnreachable, match="cannot be reached"):
        open_connector(url="http://127.0.0.1:9", attempts=2).org()
    assert len(waits) == 1


def test_answers_through_a_proxy_have_an_end_too() -> None:
    session, adapter = session_for(SalesforceSettings(url=HOST, client_id="key", client_secret="s3cret"))
    first = adapter.proxy_manager_for("http://127.0.0.1:9")
    classes = dict(first.pool_classes_by_scheme)
    assert all(pool.ConnectionCls.response_class.__name__ == "Bounded" for pool in classes.values())
    second = adapter.proxy_manager_for("http://127.0.0.1:9")
    assert second is first
    assert dict(second.pool_classes_by_scheme) == classes, "bounded once"
    session.close()
