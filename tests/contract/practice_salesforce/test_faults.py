"""Faults on demand: what really happens on the wire, and to the data."""

from __future__ import annotations

import json
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
    for keep in (100, True):
        faults(fresh, {"path": "describe", "truncate": keep})
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
        answer = requests.put(f"{fresh.url}/_practice/faults", json=wanted, timeout=300)
        assert answer.status_code == 400, wanted
        assert "error" in answer.json()


@pytest.mark.parametrize(
    "wanted",
    [
        [{"path": "*/limits", "status": 503}],
        {"path": "limits", "status": 503},
        {"rules": [{"path": "limits", "status": 503}]},
        {"faults": {"method": "*", "path": "limits", "status": 503}},
        [{"method": ["post", "get"], "path": "*/limits?here=*", "status": 503}],
    ],
)
def test_rules_can_be_written_in_several_ways(org: Any, wanted: Any) -> None:
    assert org.control("PUT", "faults", json=wanted)[0]["status"] == 503
    assert org.request("GET", "limits?here=1").status_code == 503
    assert org.request("GET", "sobjects/Lead").status_code == 200
    for nothing in ([], {}, None):
        assert org.control("PUT", "faults", data=json.dumps(nothing)) == []
    assert org.request("GET", "limits?here=1").status_code == 200


def test_a_made_up_answer_has_whole_seconds_and_a_fitting_type(org: Any) -> None:
    for body, kind in (('{"a": 1}', "application/json"), ("<p>", "text/html"), ("a", "text/plain")):
        faults(org, {"path": "limits", "status": 429, "body": body, "retry_after_seconds": 0.2})
        answer = org.request("GET", "limits")
        assert (answer.headers["Retry-After"], answer.text) == ("1", body)
        assert answer.headers["Content-Type"].startswith(kind)
    faults(org, {"path": "limits", "status": 503, "retry_after_seconds": 1.5})
    assert org.request("GET", "limits").headers["Retry-After"] == "2"
    faults(org, {"path": "limits", "status": 503})
    assert "Retry-After" not in org.request("GET", "limits").headers
    org.control("DELETE", "faults")


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


def test_the_clock_is_set_and_freed(fresh: Any) -> None:
    for wanted in ({"now": "2031-01-01T01:00:00+01:00"}, "2031-01-01T00:00:00Z"):
        assert fresh.control("PUT", "clock", json=wanted) == {"now": "2031-01-01T00:00:00Z", "set": True}
    assert fresh.request("GET", "limits").headers["Date"] == "Wed, 01 Jan 2031 00:00:00 GMT"
    for wrong in ({}, {"now": "2031-01-01T00:00:00"}, {"now": "9999-12-31T00:00:00Z"}, {"now": 5}, []):
        assert requests.put(f"{fresh.url}/_practice/clock", json=wrong, timeout=300).status_code == 400
    assert fresh.control("PUT", "clock", json={"now": None})["set"] is False


def test_bodies_are_kept_only_when_asked_for(start_org: Any) -> None:
    org = start_org("--leads", "2", "--record")
    org.request("GET", "query", params={"q": "SELECT Id FROM Lead"})
    (entry,) = org.control("GET", "requests")
    assert entry["path"].endswith("/query") and "SELECT" in entry["query"]
    assert '"totalSize":2' in entry["response_body"]
    assert entry["request_headers"]["Authorization".lower()] == "***"
    assert org.control("GET", "requests?after=1") == []
    assert requests.get(f"{org.url}/_practice/requests?after=x", timeout=300).status_code == 400
