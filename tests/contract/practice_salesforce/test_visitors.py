"""Both CRMs and the control API at the door: who is let in, and how every answer spells its headers."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from suite.practice import PracticeServer

SIGNED = {"Authorization": "Bearer 00Dx!t"}
PATHS = {
    "salesforce": "/services/data/v59.0/query?q=SELECT+Id+FROM+Lead",
    "hubspot": "/crm/v3/objects/contacts",
}


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, int]]:
    server = PracticeServer("--leads", "300", "--quiet")
    yield {crm: int(url.rsplit(":", 1)[1]) for crm, url in server.urls.items()}
    server.end()


def ask(
    port: int, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[int, dict[str, str], str]:
    """Status, headers as they stand on the wire, body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {**SIGNED, **given})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("crm", PATHS)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:8090", "[::1]:1", "127.0.0.1:65000"])
def test_names_of_this_machine_are_let_in(ports: dict[str, int], crm: str, host: str) -> None:
    for path in (PATHS[crm], "/_practice/calls"):
        assert ask(ports[crm], "GET", path, Host=host)[0] == 200


@pytest.mark.parametrize("crm", PATHS)
@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "",
     "127.0.0.1@evil.example", "[::2]", "10.0.0.1", "salesforce.com.evil.example", "127.0.0.1 evil.example"],
)  # fmt: skip
def test_a_foreign_host_is_refused_in_words_and_changes_nothing(ports: dict[str, int], crm: str, host: str) -> None:
    for method, path, body in (
        ("GET", PATHS[crm], None),
        ("GET", "/_practice/state", None),
        ("PUT", "/_practice/clock", '{"now": "2001-01-01T00:00:00Z"}'),
    ):
        status, _, text = ask(ports[crm], method, path, body, Host=host)
        assert status == 421
        assert "127.0.0.1" in json.loads(text)["error"] and "evil" not in text
    assert not json.loads(ask(ports[crm], "GET", "/_practice/clock")[2])["set"]


@pytest.mark.parametrize("crm", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Origin": "http://["},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "Cross-Site", "Origin": "http://localhost:3000"},
    ],
)
def test_another_sites_page_is_refused_in_words(ports: dict[str, int], crm: str, headers: dict[str, str]) -> None:
    for path in (PATHS[crm], "/_practice/faults"):
        status, _, text = ask(ports[crm], "POST", path, '{"status": 500}', Content_Type="text/plain", **headers)
        assert status == 403
        assert "another site" in json.loads(text)["message"]
    own = {"Origin": f"http://127.0.0.1:{ports[crm]}", "Sec_Fetch_Site": "same-origin"}
    for kind in (own, {"Sec_Fetch_Site": "none"}):
        assert ask(ports[crm], "GET", "/_practice/calls", **kind)[0] == 200


def test_clients_that_know_only_the_vendors_names_reach_the_crm_but_not_the_control_api(
    ports: dict[str, int],
) -> None:
    for crm, host in (("salesforce", "firm.my.salesforce.com"), ("hubspot", "api.hubapi.com")):
        assert ask(ports[crm], "GET", PATHS[crm], Host=host)[0] == 200
        assert ask(ports[crm], "GET", "/_practice/state", Host=host)[0] == 421


COMMON = {"Content-Type", "Content-Length", "Date"}
RATES = {
    "X-HubSpot-Correlation-Id",
    "X-HubSpot-RateLimit-Daily",
    "X-HubSpot-RateLimit-Daily-Remaining",
    "X-HubSpot-RateLimit-Interval-Milliseconds",
    "X-HubSpot-RateLimit-Max",
    "X-HubSpot-RateLimit-Remaining",
    "X-HubSpot-RateLimit-Secondly",
    "X-HubSpot-RateLimit-Secondly-Remaining",
}
LIMIT = {"Sforce-Limit-Info"}


@pytest.mark.parametrize(
    ("crm", "path", "status", "names"),
    [
        ("salesforce", PATHS["salesforce"], 200, COMMON | LIMIT),
        ("salesforce", "/services/data/v59.0/sobjects/Lead/describe", 200, COMMON | LIMIT | {"Last-Modified"}),
        ("salesforce", "/services/data/v59.0/nothing", 404, COMMON | LIMIT),
        ("salesforce", "/services/data/v59.0/query?q=" + "x" * 20_000, 414, COMMON),
        ("hubspot", PATHS["hubspot"], 200, COMMON | RATES),
        ("hubspot", "/crm/v3/objects/contacts/1", 404, COMMON | RATES),
        ("hubspot", "/crm/v3/objects/contacts?properties=" + "x" * 20_000, 414, COMMON),
        ("hubspot", "/_practice/calls", 200, COMMON - {"Date"}),
        ("hubspot", "/_practice/nothing", 404, COMMON - {"Date"}),
    ],
)
def test_headers_are_spelt_as_the_vendors_do(
    ports: dict[str, int], crm: str, path: str, status: int, names: set[str]
) -> None:
    answered, headers, _ = ask(ports[crm], "GET", path)
    assert (answered, set(headers)) == (status, names)


def test_headers_of_injected_and_cut_and_refused_answers_are_spelt_so_too(ports: dict[str, int]) -> None:
    port = ports["salesforce"]
    for rule, names in (
        ({"status": 503, "retry_after_seconds": 2, "times": 1}, {*COMMON, "Retry-After", "Sforce-Limit-Info"}),
        ({"status": 429, "body": {"a": 1}, "times": 1}, COMMON),
        ({"truncate": 5, "times": 1}, COMMON | LIMIT),
    ):
        ask(port, "PUT", "/_practice/faults", json.dumps(rule))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        connection.request("GET", PATHS["salesforce"], headers=SIGNED)
        assert set(dict(connection.getresponse().getheaders())) <= names | {"Connection"}
        connection.close()
    assert {"Content-Type", "Content-Length"} <= set(ask(port, "GET", "/", Host="evil.example")[1])


def test_results_of_a_bulk_query_name_their_locator_as_the_vendor_does(ports: dict[str, int]) -> None:
    port, base = ports["salesforce"], "/services/data/v59.0/jobs/query"
    job = json.loads(ask(port, "POST", base, '{"operation": "query", "query": "SELECT Id FROM Lead"}')[2])["id"]
    while json.loads(ask(port, "GET", f"{base}/{job}")[2])["state"] != "JobComplete":
        pass
    _, headers, _ = ask(port, "GET", f"{base}/{job}/results?maxRecords=100")
    assert headers["Sforce-NumberOfRecords"] == "100" and headers["Sforce-Locator"] not in ("", "null")


def test_what_is_no_http_gets_an_answer_that_is_spelt_so_too(ports: dict[str, int]) -> None:
    with socket.create_connection(("127.0.0.1", ports["hubspot"]), timeout=300) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        found = b""
        while part := connection.recv(4096):
            found += part
    assert found.startswith(b"HTTP/1.1 400 Bad Request\r\nContent-Type: ")


def test_the_log_of_requests_has_header_names_in_small_letters(ports: dict[str, int]) -> None:
    ask(ports["hubspot"], "GET", PATHS["hubspot"])
    last: Any = json.loads(ask(ports["hubspot"], "GET", "/_practice/requests")[2])[-1]
    assert {"content-type", "x-hubspot-ratelimit-max"} <= set(last["response_headers"])
    assert last["request_headers"]["host"].startswith("127.0.0.1")
