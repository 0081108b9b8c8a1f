"""Faults on demand: what really happens on the wire, and to the data."""

from __future__ import annotations

from typing import Any

import pytest
import requests

OFF = {"Sforce-Auto-Assign": "FALSE"}


def faults(org: Any, *rules: dict[str, Any]) -> None:
    org.control("PUT", "faults", json=list(rules))


def test_a_write_whose_answer_is_lost_was_done(fresh: Any) -> None:
    lead = fresh.lead()
    path = f"sobjects/Lead/{lead['Id']}"
    faults(fresh, {"method": "PATCH", "path": "/sobjects/Lead/", "drop": "after", "times": 1})
    with pytest.raises(requests.ConnectionError):
        fresh.request("PATCH", path, json={"Status": "Done"}, headers=OFF)
    assert fresh.lead(f"Id = '{lead['Id']}'")["Status"] == "Done"
    assert [entry["after"] for entry in fresh.control("GET", "log")] == [{"Status": "Done"}]
    faults(fresh, {"method": "PATCH", "path": "/services/data/*/sobjects/Lead/*", "drop": "before", "times": 1})
    with pytest.raises(requests.ConnectionError):
        fresh.request("PATCH", path, json={"Status": "Not done"}, headers=OFF)
    assert fresh.lead(f"Id = '{lead['Id']}'")["Status"] == "Done"
    assert fresh.request("PATCH", path, json={"Status": "Now"}, headers=OFF).status_code == 204
    statuses = [entry["status"] for entry in fresh.control("GET", "requests") if entry["method"] == "PATCH"]
    assert statuses == [None, None, 204]


def test_rules_skip_count_and_answer(fresh: Any) -> None:
    faults(
        fresh,
        {"path": "limits$", "status": 503, "after": 1, "times": 2, "retry_after_seconds": 3},
        {"path": "query", "status": 429, "body": {"made": "up"}},
        {"path": "describe", "status": 502},
    )
    assert [fresh.request("GET", "limits").status_code for _ in range(4)] == [200, 503, 503, 200]
    assert fresh.request("GET", "query").json() == {"made": "up"}
    page = fresh.request("GET", "sobjects/Lead/describe")
    assert page.status_code == 502 and page.headers["Content-Type"].startswith("text/html")
    report = fresh.control("GET", "faults")
    assert [(rule["matches"], rule["fired"]) for rule in report] == [(4, 2), (1, 1), (1, 1)]
    fresh.control("DELETE", "faults")
    assert fresh.request("GET", "sobjects/Lead/describe").status_code == 200


def test_the_shapes_of_failures_are_salesforces(fresh: Any) -> None:
    expected = {
        401: "INVALID_SESSION_ID",
        403: "REQUEST_LIMIT_EXCEEDED",
        500: "UNKNOWN_EXCEPTION",
        503: "SERVER_UNAVAILABLE",
    }
    for status, code in expected.items():
        faults(fresh, {"path": "limits", "status": status})
        answer = fresh.request("GET", "limits")
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)
    faults(fresh, {"path": "limits", "status": 406})
    assert fresh.request("GET", "limits").content == b""


def test_a_truncated_answer_breaks_off(fresh: Any) -> None:
    faults(fresh, {"path": "describe", "truncate": 100})
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        fresh.request("GET", "sobjects/Lead/describe")


def test_probability_is_drawn_from_the_seed(fresh: Any) -> None:
    def pattern(seed: int) -> list[int]:
        faults(fresh, {"path": "limits", "status": 503, "probability": 0.5, "seed": seed})
        return [fresh.request("GET", "limits").status_code for _ in range(30)]

    first = pattern(1)
    assert first == pattern(1)
    assert first != pattern(2)
    assert {200, 503} == set(first)


def test_a_rule_that_makes_no_sense_is_refused(fresh: Any) -> None:
    for wanted in ([{"drop": "sometimes"}], [{"unknown": 1}], {"profile": "hurricane"}, [{"status": 9}], "x", [1]):
        answer = requests.put(f"{fresh.url}/_practice/faults", json=wanted, timeout=10)
        assert answer.status_code == 400, wanted
        assert "error" in answer.json()


def test_profiles_can_be_put_on_a_running_org(fresh: Any) -> None:
    fresh.control("PUT", "faults", json={"profile": "stormy", "seed": 5})
    seen = set()
    for _ in range(150):
        try:
            seen.add(fresh.request("GET", "limits").status_code)
        except requests.RequestException:
            seen.add(0)
    assert {200, 0, 503, 401} <= seen
    fresh.control("DELETE", "faults")


def test_bodies_are_kept_only_when_asked_for(start_org: Any) -> None:
    org = start_org("--leads", "2", "--record")
    org.request("GET", "query", params={"q": "SELECT Id FROM Lead"})
    (entry,) = org.control("GET", "requests")
    assert entry["path"].endswith("/query") and "SELECT" in entry["query"]
    assert '"totalSize":2' in entry["response_body"]
    assert entry["request_headers"]["Authorization".lower()] == "***"
    assert org.control("GET", "requests?after=1") == []
    assert requests.get(f"{org.url}/_practice/requests?after=x", timeout=10).status_code == 400
