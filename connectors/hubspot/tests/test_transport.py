"""One call, and all the ways in which it can fail, over real sockets."""

from __future__ import annotations

import logging
import time

import pytest

from crmsync.errors import CrmUnreachable, RunStopped, SignInRefused, UsageError
from crmsync.sdk import OutcomeUncertain, Write

ACCOUNT = {"portalId": 12345, "timeZone": "Europe/Oslo", "accountType": "STANDARD"}
DAILY = {"X-HubSpot-RateLimit-Daily-Remaining": "249321"}


def limited(policy, message):
    return {"status": "error", "message": message, "errorType": "RATE_LIMIT", "policyName": policy}


def test_a_call_is_signed_counted_and_tells_what_is_left(forge, reply, connect):
    forge.answer = lambda _: reply(200, ACCOUNT, DAILY)
    connector = connect(forge.url)
    org = connector.org()
    assert (org.id, org.time_zone) == ("12345", "Europe/Oslo")
    assert forge.seen[0].headers["authorization"] == "Bearer pat-eu1-practice"
    assert (connector.usage().calls, connector.usage().calls_left) == (1, 249321)


def test_many_calls_of_many_kinds_share_one_connection(forge, reply, connect):
    forge.answer = lambda seen: reply(200, ACCOUNT if "account" in seen.path else {"results": []})
    connector = connect(forge.url)
    for _ in range(5):
        connector.org()
        connector.users()
        connector.fields("contacts")
        connector.read("contacts", ["1"], ["email"])
        connector.fields("form_submissions")
    assert len(forge.seen) > 20
    assert len({seen.port for seen in forge.seen}) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, limited("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit.")),
        (429, limited("SECONDLY", "You have reached your secondly limit.")),
        (423, {"status": "error", "message": "locked"}),
        (500, {"status": "error", "message": "internal"}),
        (502, b"<html><body>Bad gateway</body></html>"),
        (503, b"<html>\xff\xfe not UTF-8</html>"),
        (504, b""),
        (521, b"<html></html>"),
        (524, b"<html></html>"),
    ],
)
def test_a_passing_fault_is_waited_out(forge, reply, connect, status, body):
    forge.script(reply(status, body), reply(status, body), reply(200, ACCOUNT))
    assert connect(forge.url).org().id == "12345"
    assert len(forge.seen) == 3


def test_calls_refused_and_made_again_are_counted(forge, reply, connect):
    busy = reply(429, limited("SECONDLY", "You have reached your secondly limit."), {"Retry-After": "0"})
    forge.script(busy, reply(503, b"<html></html>"), busy, reply(200, ACCOUNT))
    connector = connect(forge.url)
    connector.org()
    usage = connector.usage()
    assert (usage.calls, usage.retries, usage.refused) == (len(forge.seen), 3, 2)
    assert 0 < usage.waited_seconds < 2


def test_a_call_that_is_refused_for_good_is_counted_too(forge, reply, connect):
    forge.answer = lambda _: reply(429, limited("DAILY", "You have reached your daily limit."))
    connector = connect(forge.url)
    with pytest.raises(RunStopped, match="daily limit"):
        connector.org()
    usage = connector.usage()
    assert (usage.calls, usage.retries, usage.refused) == (1, 0, 1)


@pytest.mark.parametrize("torn", [{"drop": True}, {"cut": 12}])
def test_a_broken_connection_is_tried_again(forge, reply, connect, torn):
    forge.script(reply(200, ACCOUNT, **torn), reply(200, ACCOUNT))
    assert connect(forge.url).org().id == "12345"
    assert len(forge.seen) == 2


@pytest.mark.parametrize("body", [b"<html>maintenance</html>", b'{"portalId": 1', b"[1]", b"\xff"])
def test_a_success_that_is_no_json_object_is_tried_again(forge, reply, connect, body):
    forge.script(reply(200, body), reply(200, ACCOUNT))
    assert connect(forge.url).org().id == "12345"


def test_a_lasting_fault_ends_in_words_after_the_attempts(forge, reply, connect):
    forge.answer = lambda _: reply(503, b"<html>secret@example.com</html>")
    with pytest.raises(CrmUnreachable) as stopped:
        connect(forge.url, attempts=3).org()
    assert len(forge.seen) == 3
    assert "503" in str(stopped.value)
    assert "@" not in str(stopped.value)


def test_nobody_listening_is_told_in_words(forge, connect):
    url = forge.url
    forge.close()
    with pytest.raises(CrmUnreachable, match="cannot be reached"):
        connect(url, attempts=2).org()


def test_tls_against_a_plain_server_is_told_in_words(forge, connect):
    with pytest.raises(CrmUnreachable, match="safe"):
        connect(forge.url.replace("http://", "https://"), attempts=1).org()


def test_a_silent_server_meets_the_time_limit(forge, reply, connect):
    forge.answer = lambda _: reply(200, ACCOUNT, delay_seconds=300)
    began = time.monotonic()
    with pytest.raises(CrmUnreachable, match="in time"):
        connect(forge.url, timeout_seconds=0.2, attempts=2).org()
    assert time.monotonic() - began < 60


def test_a_dripping_answer_meets_the_time_limit_too(forge, reply, connect):
    forge.answer = lambda _: reply(200, {**ACCOUNT, "more": "x" * 500}, drip_seconds=0.3)
    began = time.monotonic()
    with pytest.raises(CrmUnreachable, match="in time"):
        connect(forge.url, timeout_seconds=0.4, attempts=1).org()
    assert time.monotonic() - began < 60


def test_the_daily_limit_stops_at_once(forge, reply, connect):
    forge.answer = lambda _: reply(429, limited("DAILY", "You have reached your daily limit."))
    with pytest.raises(RunStopped, match="daily") as stopped:
        connect(forge.url).org()
    assert len(forge.seen) == 1
    assert "midnight" in str(stopped.value)


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        (limited("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit."), {}, (None, 10.0)),
        (limited("SECONDLY", "You have reached your secondly limit."), {}, (None, 1.0)),
        ({"message": "You have reached your secondly limit."}, {}, (None, 1.0)),
        ({"category": "RATE_LIMITS", "message": "slow down"}, {}, (None, 10.0)),
        (limited("SECONDLY", "You have reached your secondly limit."), {"retry-after": "7"}, (7.0, 1.0)),
        (limited("SECONDLY", "You have reached your secondly limit."), {"retry-after": "soon"}, (None, 1.0)),
        (limited("SECONDLY", "You have reached your secondly limit."), {"retry-after": "nan"}, (None, 1.0)),
    ],
)
def test_a_rate_limit_says_how_long_to_wait(body, headers, seconds):
    import json

    from crmsync_hubspot.errors import fault_of

    fault = fault_of("list contacts", 429, headers, json.dumps(body).encode())
    assert (fault.after_seconds, fault.usual_seconds) == seconds


@pytest.mark.parametrize("wish", ["900", "Sat, 21 Nov 2026 12:15:00 GMT"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_wish_beyond_our_patience_stops_at_once_and_says_when(forge, reply, connect, status, wish):
    forge.answer = lambda _: reply(status, {}, {"Retry-After": wish})
    with pytest.raises(CrmUnreachable, match="left alone for 15 minutes") as stopped:
        connect(forge.url).org()
    assert "run again after 2" in str(stopped.value)
    assert len(forge.seen) == 1


@pytest.mark.parametrize("wish", ["nan", "inf", "-inf", "-5", "1e400", "soon", "Fri, 31 Dec 9999 23:59:59 GMT", ""])
@pytest.mark.parametrize("status", [423, 429, 503])
def test_a_wish_that_cannot_be_meant_is_none(forge, reply, connect, status, wish):
    forge.script(reply(status, {}, {"Retry-After": wish}), reply(200, ACCOUNT))
    assert connect(forge.url).org().id == "12345"


def test_moving_house_stops_with_the_time_to_come_back(forge, reply, connect):
    forge.answer = lambda _: reply(477, b"<html></html>", {"Retry-After": "7200"})
    with pytest.raises(RunStopped, match="120 minutes"):
        connect(forge.url).org()
    assert len(forge.seen) == 1


def test_a_missing_scope_is_named(forge, reply, connect):
    forge.answer = lambda _: reply(
        403,
        {
            "status": "error",
            "message": "This app hasn't been granted all required scopes to make this call.",
            "errors": [
                {
                    "message": "One or more of the following scopes are required.",
                    "context": {"requiredGranularScopes": ["crm.objects.owners.read"]},
                }
            ],
            "category": "MISSING_SCOPES",
        },
    )
    with pytest.raises(UsageError, match=r"crm\.objects\.owners\.read"):
        connect(forge.url).users()
    assert len(forge.seen) == 1


@pytest.mark.parametrize("attempts", [1, 6])
@pytest.mark.parametrize("status", [401, 530])
def test_refused_credentials_stop_after_one_more_try(forge, reply, connect, status, attempts):
    forge.answer = lambda _: reply(status, {"status": "error", "category": "INVALID_AUTHENTICATION"})
    with pytest.raises(SignInRefused, match="refused the credentials") as stopped:
        connect(forge.url, attempts=attempts).org()
    assert len(forge.seen) == 2
    assert "pat-eu1" not in str(stopped.value)


def test_a_single_odd_401_is_survived(forge, reply, connect):
    forge.script(reply(401, {}), reply(200, ACCOUNT))
    assert connect(forge.url).org().id == "12345"


def test_a_redirect_is_not_followed_with_the_token(forge, reply, connect):
    forge.answer = lambda _: reply(302, {}, {"Location": forge.url + "/elsewhere"})
    with pytest.raises(CrmUnreachable, match="302"):
        connect(forge.url).org()
    assert len(forge.seen) == 1


def test_a_refusal_tells_hubspots_words_without_personal_data(forge, reply, connect):
    forge.answer = lambda _: reply(400, {"status": "error", "message": "bad value jane@example.com +47 22 33 44 55"})
    with pytest.raises(RunStopped) as stopped:
        connect(forge.url).org()
    assert "bad value" in str(stopped.value)
    assert "jane" not in str(stopped.value)
    assert "22 33" not in str(stopped.value)


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        (
            'Property values were not valid: [{"message":"\\"Zebra GmbH\\" was not one of the allowed options"}]',
            "allowed",
        ),
        ("Cannot set PropertyValueCoordinates{propertyName=hubspot_owner_id, value=Zebra GmbH}", "hubspot_owner_id"),
        ("the company 'Zebra GmbH' is there already", "there already"),
        ("the company “Zebra GmbH” is there, not “hubspot_owner_id”", "hubspot_owner_id"),
        ("you sent pat-secret-1 and Zebra's word", "you sent [secret]"),
    ],
)
def test_a_refusal_repeats_no_value_of_a_record_and_no_secret_of_ours(forge, reply, connect, message, kept):
    forge.answer = lambda _: reply(400, {"status": "error", "message": message})
    with pytest.raises(RunStopped) as stopped:
        connect(forge.url, access_token="pat-secret-1").org()
    assert kept in str(stopped.value)
    assert "Zebra GmbH" not in str(stopped.value)
    assert "pat-secret-1" not in str(stopped.value)


def test_the_secret_of_an_app_stands_in_no_message(forge, reply, connect):
    """HubSpot's token endpoint was seen to repeat what it was sent."""
    forge.answer = lambda seen: reply(400, {"status": "BAD_CLIENT", "message": f"not known: {seen.body.decode()}"})
    given = {"client_id": "app", "client_secret": "very-secret/1", "refresh_token": "refresh-me+1"}
    with pytest.raises(SignInRefused) as stopped:
        connect(forge.url, access_token=None, **given).org()
    assert "very-secret" not in str(stopped.value)
    assert "refresh-me" not in str(stopped.value)


def test_a_lost_answer_of_a_write_is_uncertain_and_not_sent_again(forge, reply, knowing):
    forge.answer = lambda _: reply(200, {}, drop=True)
    results = knowing("hubspot_owner_id").push("contacts", [Write("1", {"hubspot_owner_id": "7"}, {})])
    assert [result.outcome for result in results] == ["uncertain"]
    assert len(forge.seen) == 1


def test_a_write_that_was_not_taken_is_sent_again(forge, reply, knowing):
    forge.script(
        reply(429, limited("TEN_SECONDLY_ROLLING", "…")),
        reply(503, b""),
        reply(200, {"results": [{"id": "1", "properties": {}}]}),
    )
    results = knowing("hubspot_owner_id").push("contacts", [Write("1", {"hubspot_owner_id": "7"}, {})])
    assert [result.outcome for result in results] == ["accepted"]


def test_no_write_reaches_a_server_that_is_away(forge, knowing):
    connector = knowing("hubspot_owner_id", attempts=2)
    forge.close()
    with pytest.raises(CrmUnreachable) as stopped:
        connector.push("contacts", [Write("1", {"hubspot_owner_id": "7"}, {})])
    assert not isinstance(stopped.value, OutcomeUncertain)


def test_logs_hold_neither_token_nor_bodies(forge, reply, connect, caplog):
    caplog.set_level(logging.DEBUG)
    forge.script(
        reply(500, {"message": "jane@example.com"}),
        reply(200, {"results": [{"id": "9", "email": "jane@example.com"}]}),
    )
    connect(forge.url).users()
    assert "jane" not in caplog.text
    assert "pat-eu1" not in caplog.text
