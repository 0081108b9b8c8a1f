"""Answers that HubSpot, or somebody in between, should not give: over real sockets."""

from __future__ import annotations

import gzip
import json
import time

import pytest

from crmsync.contract import STILL_THERE, PullRequest
from crmsync.errors import CrmUnreachable, RunStopped, UsageError

ACCOUNT = {"portalId": 12345, "timeZone": "Europe/Oslo"}
BLOCKED = b"<html><head><title>Request blocked</title></head><body>Incident 4711</body></html>"


@pytest.mark.parametrize(
    ("text", "read"),
    [(rb"half \ud83d", "half �"), (b"Caf\xe9", "Caf�"), (b"a \\u0000", "a �")],
)
def test_one_broken_text_harms_no_other(forge, reply, knowing, text, read):
    page = (
        '{"results": [{"id": "1", "properties": {"company": "Größe 😀", "jobtitle": "'.encode()
        + text
        + '"}}, {"id": "2", "properties": {"company": "Zürich Łódź", "jobtitle": "ok"}}]}'.encode()
    )
    connector = knowing("company", "jobtitle")
    forge.answer = lambda _: reply(200, page)
    (pulled,) = connector.pull(PullRequest("contacts", ("company", "jobtitle")))
    assert pulled.records["company"].to_list() == ["Größe 😀", "Zürich Łódź"]
    assert pulled.records["jobtitle"].to_list() == [read, "ok"]


@pytest.mark.parametrize("status", [400, 403, 405])
@pytest.mark.parametrize("body", [BLOCKED, b"", b"Access denied", b'{"error": "blocked", "incident": 4711}'])
def test_a_page_of_a_server_in_between_is_tried_again_and_told_as_that(forge, reply, connect, status, body):
    forge.script(reply(status, body or b" "), reply(status, body or b" "), reply(200, ACCOUNT))
    assert connect(forge.url).org().id == "12345"
    forge.answer = lambda _: reply(status, body or b" ")
    with pytest.raises(CrmUnreachable, match="a server between this machine and HubSpot") as told:
        connect(forge.url, attempts=2).org()
    assert "no permission is missing" in str(told.value)
    assert "4711" not in str(told.value)


def test_a_page_in_place_of_a_success_is_told_as_that(forge, reply, connect):
    forge.answer = lambda _: reply(200, b"<!doctype html><form>Sign in to the guest network")
    with pytest.raises(CrmUnreachable, match="words of its own"):
        connect(forge.url, attempts=2).org()


@pytest.mark.parametrize("status", [200, 400, 503])
def test_an_answer_that_unpacks_to_far_more_is_not_read(forge, reply, connect, status):
    bomb = gzip.compress(b'{"results": ["' + b" " * 30_000_000)
    forge.answer = lambda _: reply(status, bomb, {"Content-Encoding": "gzip"})
    with pytest.raises(CrmUnreachable, match="larger than this connection reads") as told:
        connect(forge.url, largest_answer_megabytes=1).org()
    assert "largest_answer_megabytes" in str(told.value)
    assert len(forge.seen) == 1, "the same question brings the same answer"


def test_a_packed_answer_is_unpacked(forge, reply, connect):
    forge.answer = lambda _: reply(200, gzip.compress(json.dumps(ACCOUNT).encode()), {"Content-Encoding": "gzip"})
    assert connect(forge.url).org().id == "12345"


def test_a_refusal_byte_by_byte_ends_with_the_time(forge, reply, connect):
    forge.answer = lambda _: reply(400, {"message": "x" * 500}, drip_seconds=0.2)
    began = time.monotonic()
    with pytest.raises(CrmUnreachable, match="in time"):
        connect(forge.url, timeout_seconds=0.4, attempts=1).org()
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -1200", "soon", ""])
def test_a_date_that_cannot_be_is_none(forge, reply, knowing, date):
    connector = knowing("jobtitle")
    forge.date = date
    forge.answer = lambda _: reply(200, {"results": []})
    (page,) = connector.pull(PullRequest("contacts", ("jobtitle",)))
    assert page.cursor is not None
    assert page.cursor.startswith("20")


@pytest.mark.parametrize("status", [405, 410, 415])
def test_what_no_record_can_be_the_reason_for_is_asked_once(forge, reply, knowing, status):
    connector = knowing("jobtitle")
    forge.answer = lambda _: reply(status, {"status": "error", "message": "no"})
    with pytest.raises(RunStopped):
        connector.read("contacts", ["1", "2", "3", "4"], ["jobtitle"])
    assert len(forge.seen) == 1


def test_permission_is_spoken_of_only_where_it_is_missing(forge, reply, connect):
    forge.answer = lambda _: reply(403, {"status": "error", "message": "no", "category": "MISSING_SCOPES"})
    with pytest.raises(UsageError, match="permission"):
        connect(forge.url).org()
    for status, body in ((400, {"message": "no"}), (410, {"message": "no"}), (414, BLOCKED)):
        forge.answer = lambda _, status=status, body=body: reply(status, body)
        with pytest.raises(RunStopped) as told:
            connect(forge.url, attempts=1).org()
        assert "permission" not in str(told.value)


def test_one_odd_owner_or_property_keeps_nobody_from_being_read(forge, reply, connect):
    owners = [{"id": None}, {"id": "7", "email": "a@x", "teams": [None, {"name": "East"}]}, {}]
    options = [{"value": None}, {"value": "b", "displayOrder": None}, {"value": "a", "displayOrder": "first"}]
    properties = [{"label": "?"}, {"name": "kind", "type": "enumeration", "options": options}]
    forge.answer = lambda seen: reply(200, {"results": owners if "owners" in seen.path else properties})
    connector = connect(forge.url)
    assert [(user.id, user.teams) for user in connector.users()] == [("7", ("East",))]
    (field,) = connector.fields("contacts")
    assert [choice.value for choice in field.choices] == ["b", "a"]


@pytest.mark.parametrize("body", [b'{"a":' * 200_000, b'{"results": [' + b"[" * 200_000])
@pytest.mark.parametrize("status", [200, 400])
def test_json_that_is_too_deep_is_torn(forge, reply, connect, body, status):
    forge.answer = lambda _: reply(status, body)
    with pytest.raises(RunStopped):
        connect(forge.url, attempts=2).org()


@pytest.mark.parametrize("message", ["a" * 5_000_000, "values were not valid: " + "[" * 5_000_000])
def test_endless_words_of_a_refusal_take_no_time(forge, reply, connect, message):
    forge.answer = lambda _: reply(400, {"message": message})
    began = time.process_time()
    with pytest.raises(RunStopped) as told:
        connect(forge.url).org()
    assert time.process_time() - began < 5
    assert len(str(told.value)) < 1000


def test_a_record_that_was_archived_at_no_instant_counts_as_archived(forge, reply, knowing):
    connector = knowing("jobtitle")
    archived = [{"id": "1", "archivedAt": "soon"}, {"id": "2", "archivedAt": "2020-01-01T00:00:00Z"}]
    forge.answer = lambda seen: reply(
        200, {"results": archived if seen.query.get("archived") == ["True"] or "archived=true" in seen.target else []}
    )
    (page,) = connector.pull(PullRequest("contacts", ("jobtitle",), cursor="2026-11-21T11:00:00Z"))
    assert page.gone == ("1",)


@pytest.mark.parametrize("odd", [None, 5, {}, {"id": None}, {"id": "2"}, {"id": "2", "properties": None}])
def test_one_entry_that_is_no_record_keeps_no_other_from_being_read(forge, reply, knowing, odd):
    connector = knowing("jobtitle")
    one = {"id": "1", "properties": {"jobtitle": "x"}}
    forge.answer = lambda seen: reply(200, {"results": [odd, one]})
    (page,) = connector.pull(PullRequest("contacts", ("jobtitle",)))
    assert page.records["@id"].to_list() == ["1"]
    [told] = connector.left_out()
    assert told.startswith("1 of the entries that HubSpot lists as contacts came without id or properties")
    reading = connector.read("contacts", ["1", "2"], ["jobtitle"])
    assert reading.records["@id"].to_list() == ["1"]
    torn = isinstance(odd, dict) and odd.get("id") == "2"
    assert reading.gone["2"].startswith(STILL_THERE) == torn


@pytest.mark.parametrize("properties", [None, [], "x", {}, {"jobtitle": "2"}], ids=str)
@pytest.mark.parametrize("cursor", [None, "2026-11-21T11:00:00Z"])
def test_a_torn_entry_is_read_by_itself(forge, reply, knowing, properties, cursor):
    """What is missing in one entry and told of others is not empty."""
    connector = knowing("jobtitle", "city")
    one, two = ({"id": each, "properties": {"jobtitle": each, "city": each}} for each in "12")
    torn, again = {"id": "2", "properties": properties}, [two]

    def answer(seen):
        if "archived=true" in seen.target.lower():
            return reply(200, {"results": []})
        return reply(200, {"results": again if "batch/read" in seen.path else [one, torn]})

    forge.answer = answer
    (page,) = connector.pull(PullRequest("contacts", ("jobtitle", "city"), cursor=cursor))
    assert sorted(page.records.select("@id", "jobtitle", "city").rows()) == [("1", "1", "1"), ("2", "2", "2")]
    assert connector.left_out() == ()
    again[:] = [torn]  # and by itself it is torn, too
    (page,) = connector.pull(PullRequest("contacts", ("jobtitle", "city"), cursor=cursor))
    [told] = connector.left_out()
    assert told.startswith("1 of the entries that HubSpot lists as contacts came without")
    assert page.records["@id"].to_list() == ["1"]
    if cursor:
        assert str(page.cursor).split(" ")[0] == cursor, "the next pull reads it again"


def test_a_record_that_is_listed_without_its_properties_is_read_by_itself(forge, reply, knowing):
    connector = knowing("jobtitle")
    one, two = ({"id": each, "properties": {"jobtitle": each}} for each in "12")
    forge.answer = lambda seen: reply(200, {"results": [two] if "batch/read" in seen.path else [{"id": "2"}, one]})
    (page,) = connector.pull(PullRequest("contacts", ("jobtitle",)))
    assert page.records.sort("@id")["jobtitle"].to_list() == ["1", "2"]
    assert connector.left_out() == ()


@pytest.mark.parametrize("properties", [{}, {"jobtitle": "2"}], ids=str)
def test_one_that_is_read_by_id_is_there_and_not_empty(forge, reply, knowing, properties):
    """Alone it has no other to be compared with: what is defined is told."""
    connector = knowing("jobtitle", "city")
    forge.answer = lambda _: reply(200, {"results": [{"id": "2", "properties": properties}]})
    reading = connector.read("contacts", ["2"], ["jobtitle", "city"])
    assert reading.records.height == 0
    assert reading.gone["2"].startswith(STILL_THERE)
    assert connector.read("contacts", ["2"], ["undefined"]).records.rows() == [("2", None)]


@pytest.mark.parametrize("zone", [None, "", 5])
def test_no_days_are_counted_in_a_zone_that_nobody_told(forge, reply, connect, zone):
    forge.answer = lambda _: reply(200, {"portalId": 1, **({} if zone is None else {"timeZone": zone})})
    with pytest.raises(CrmUnreachable, match="tells no id, or a time zone that is none"):
        connect(forge.url).org()
