"""Answers that a Salesforce org, or somebody in between, should not give: over real sockets."""

from __future__ import annotations

import gzip
import json
import random
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from forged_org import Forged, ForgedOrg, Seen, forged

from crmsync.contract import PullRequest, Write
from crmsync.errors import CrmUnreachable, RunStopped, SignInRefused
from crmsync_salesforce.connection import SalesforceConnector
from crmsync_salesforce.settings import SalesforceSettings

ORG = {"records": [{"Id": "00D", "Name": "Acme", "TimeZoneSidKey": "UTC"}], "done": True, "totalSize": 1}
NONE = {"records": [], "done": True, "totalSize": 0}
BLOCKED = b"<html><head><title>Request blocked</title></head><body>Incident 4711</body></html>"
LEAD = {
    "name": "Lead",
    "replicateable": False,
    "fields": [
        {"name": name, "type": kind, "label": name, "updateable": True}
        for name, kind in (("Id", "id"), ("Title", "string"), ("Company", "string"), ("SystemModstamp", "datetime"))
    ],
}


@pytest.fixture
def org() -> Iterator[ForgedOrg]:
    yield from forged()


class Opened(SalesforceConnector):
    """A connector that never really waits."""

    def __init__(self, org: ForgedOrg, folder: Path, **options: Any) -> None:
        self.waits: list[float] = []
        given = {"url": org.url, "client_id": "app", "client_secret": "s3cret", "attempts": 3, **options}
        settings = SalesforceSettings(**given, refresh_token_file=folder / "tokens.json")
        super().__init__(settings, sleep=self.waits.append, jitter=random.Random(1))


def leads(org: ForgedOrg, page: bytes) -> None:
    """The forged org describes Lead, and answers every query with these bytes."""

    def answer(seen: Seen) -> Forged | None:
        if seen.path.endswith("/describe"):
            return Forged(LEAD)
        return Forged(page) if "/query" in seen.path else None

    org.answer = answer


@pytest.mark.parametrize(
    ("text", "read"),
    [(rb"half \ud83d", "half �"), (b"Caf\xe9", "Caf�"), (b"a \\u0000", "a �")],
)
def test_one_broken_text_harms_no_other(org: ForgedOrg, tmp_path: Path, text: bytes, read: str) -> None:
    page = (
        '{"totalSize": 2, "done": true, '
        '"records": [{"Id": "00Q000000000001", "IsConverted": false, "Company": "Größe 😀", "Title": "'.encode()
        + text
        + '"}, {"Id": "00Q000000000002", "IsConverted": false, "Company": "Zürich Łódź", "Title": "ok"}]}'.encode()
    )
    leads(org, page)
    (pulled,) = Opened(org, tmp_path).pull(PullRequest("Lead", ("Company", "Title")))
    assert pulled.records["Company"].to_list() == ["Größe 😀", "Zürich Łódź"]
    assert pulled.records["Title"].to_list() == [read, "ok"]


def test_a_byte_order_mark_before_an_answer_harms_nothing(org: ForgedOrg, tmp_path: Path) -> None:
    org.answer = lambda _: Forged(b"\xef\xbb\xbf" + json.dumps(ORG).encode())
    assert Opened(org, tmp_path).org().name == "Acme"


@pytest.mark.parametrize("status", [400, 403, 405, 451])
@pytest.mark.parametrize("body", [BLOCKED, b"", b"Access denied", b'{"error": "blocked", "incident": 4711}'])
def test_a_page_of_a_server_in_between_is_tried_again_and_told_as_that(
    org: ForgedOrg, tmp_path: Path, status: int, body: bytes
) -> None:
    pages = [Forged(body, status, {"Content-Type": "text/html"})] * 2
    org.answer = lambda _: pages.pop() if pages else Forged(ORG)
    assert Opened(org, tmp_path).org().name == "Acme"
    org.answer = lambda _: Forged(body, status, {"Content-Type": "text/html"})
    with pytest.raises(CrmUnreachable, match="a server between this machine and Salesforce") as told:
        Opened(org, tmp_path).org()
    assert "no permission is missing" in str(told.value)
    assert "4711" not in str(told.value)


def test_a_page_in_place_of_a_success_is_told_as_that(org: ForgedOrg, tmp_path: Path) -> None:
    org.answer = lambda _: Forged(b"<!doctype html><form>Sign in to the guest network", 200)
    with pytest.raises(CrmUnreachable, match=r"words of its own \(tried 3 times\)"):
        Opened(org, tmp_path).org()


@pytest.mark.parametrize("code", ["GONE", "UNSUPPORTED_API_VERSION", None])
def test_a_retired_api_version_is_told_as_that(org: ForgedOrg, tmp_path: Path, code: str | None) -> None:
    body = [{"errorCode": code, "message": "gone"}] if code else b"<html>Gone"
    org.answer = lambda _: Forged(body, 410)
    with pytest.raises(RunStopped, match="write a newer `api_version`"):
        Opened(org, tmp_path).org()
    assert len(org.calls("/query")) == 1


def test_permission_is_spoken_of_only_where_it_is_missing(org: ForgedOrg, tmp_path: Path) -> None:
    for code in ("MALFORMED_QUERY", "FUNCTIONALITY_NOT_ENABLED", "STORAGE_LIMIT_EXCEEDED", "SOMETHING_NEW"):
        org.answer = lambda _, code=code: Forged([{"errorCode": code, "message": ""}], 400)  # type: ignore[misc]
        with pytest.raises(RunStopped, match=code) as told:
            Opened(org, tmp_path).org()
        assert "permission" not in str(told.value)


def test_an_answer_byte_by_byte_ends_with_the_time(org: ForgedOrg, tmp_path: Path) -> None:
    org.answer = lambda _: Forged({**ORG, "more": "x" * 500}, drip_seconds=0.2)
    began = time.monotonic()
    with pytest.raises(CrmUnreachable, match="did not answer in time"):
        Opened(org, tmp_path, timeout_seconds=0.5, attempts=2).org()
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("status", [200, 400, 503])
def test_an_answer_that_unpacks_to_far_more_is_not_read(org: ForgedOrg, tmp_path: Path, status: int) -> None:
    bomb = gzip.compress(b'{"records": ["' + b" " * 30_000_000)
    org.answer = lambda _: Forged(bomb, status, {"Content-Encoding": "gzip"})
    with pytest.raises(CrmUnreachable, match="larger than this connection reads") as told:
        Opened(org, tmp_path, largest_answer_megabytes=1).org()
    assert "largest_answer_megabytes" in str(told.value)
    assert len(org.calls("/query")) == 1, "the same question brings the same answer"


def test_a_packed_answer_is_unpacked(org: ForgedOrg, tmp_path: Path) -> None:
    org.answer = lambda _: Forged(gzip.compress(json.dumps(ORG).encode()), 200, {"Content-Encoding": "gzip"})
    assert Opened(org, tmp_path).org().name == "Acme"


def test_a_sign_in_that_is_endless_is_not_read(org: ForgedOrg, tmp_path: Path) -> None:
    org.token = lambda _: Forged(b" " * 2_000_000)
    with pytest.raises(CrmUnreachable, match="larger than this connection reads"):
        Opened(org, tmp_path, largest_answer_megabytes=1).org()


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -1200", "soon", ""])
def test_a_date_that_cannot_be_is_none(org: ForgedOrg, tmp_path: Path, date: str) -> None:
    org.answer = lambda _: Forged(ORG, 200, {"Date": date})
    assert Opened(org, tmp_path).org().name == "Acme"


@pytest.mark.parametrize("lost", [Forged(b'{"access_token": "00D'), Forged(b"", 502)], ids=["torn", "gateway"])
def test_a_token_used_up_by_a_lost_answer_is_told_as_that(org: ForgedOrg, tmp_path: Path, lost: Forged) -> None:
    """In the same process, which tries again, and in every later one; a token given anew is another matter."""
    used: list[bytes] = []

    def sign_in(seen: Seen) -> Forged:
        token = next(part for part in seen.body.split(b"&") if part.startswith(b"refresh_token="))
        used.append(token)
        if used.count(token) > 1:
            return Forged({"error": "invalid_grant", "error_description": "expired access/refresh token"}, 400)
        return lost

    org.token = sign_in
    for _ in range(2):
        with pytest.raises(
            SignInRefused, match=r"invalid_grant: the answer to an earlier sign-in .* was lost"
        ) as told:
            Opened(org, tmp_path, client_secret=None, refresh_token="first").org()
        assert "approve the app again" in str(told.value)
    org.token = lambda _: Forged({"error": "invalid_grant", "error_description": "expired access/refresh token"}, 400)
    with pytest.raises(SignInRefused, match="invalid_grant") as other:
        Opened(org, tmp_path, client_secret=None, refresh_token="anew").org()
    assert "was lost" not in str(other.value)
    org.token = lambda _: Forged({"error": "invalid_client", "error_description": "invalid client credentials"}, 400)
    with pytest.raises(SignInRefused, match="invalid_client") as another:
        Opened(org, tmp_path, client_secret=None, refresh_token="first").org()
    assert "was lost" not in str(another.value)


def test_a_login_host_that_takes_each_refresh_token_once(org: ForgedOrg, tmp_path: Path) -> None:
    valid = ["first"]

    def sign_in(seen: Seen) -> Forged:
        if f"refresh_token={valid[-1]}" not in seen.body.decode().split("&"):
            return Forged({"error": "invalid_grant", "error_description": "expired access/refresh token"}, 400)
        valid.append(f"token-{len(valid)}")
        return Forged({"access_token": "00D!t", "instance_url": org.url, "refresh_token": valid[-1]})

    org.token = sign_in
    org.answer = lambda _: Forged(ORG)
    for _ in range(3):
        assert Opened(org, tmp_path, client_secret=None, refresh_token="first").org().name == "Acme"
    assert len(valid) == 4
    (tmp_path / "tokens.json").unlink()
    with pytest.raises(SignInRefused, match="invalid_grant") as told:
        Opened(org, tmp_path, client_secret=None, refresh_token="first").org()
    assert "approve the app again" in str(told.value)
    assert "token-3" not in str(told.value)


def ids(count: int) -> list[str]:
    return [f"00Q5g{n:010d}AAA" for n in range(count)]


def writes_of(seen: Seen) -> tuple[list[Any], Mapping[str, str]] | None:
    """The records of a write and its headers, also where it is a part of another call; none for other calls."""
    if seen.method == "PATCH":
        return seen.json["records"], seen.headers
    if not seen.path.endswith("/composite"):
        return None
    parts = {part["referenceId"]: part for part in seen.json["compositeRequest"]}
    write = parts.get("write")
    return write and (write["body"]["records"], write["httpHeaders"])


def answered(seen: Seen, body: Any, status: int = 200) -> Forged:
    """The answer to a write, as a part where the write is one."""
    if seen.method == "PATCH":
        return Forged(body, status)
    looked = {"httpStatusCode": 200, "body": [], "referenceId": "before"}
    write = {"httpStatusCode": status, "body": body, "referenceId": "write"}
    return Forged({"compositeResponse": [looked, write, {**looked, "referenceId": "after"}]})


def limited(
    org: ForgedOrg, most: int, code: str, message: str, status: int | None = None, *, composite: bool = True
) -> None:
    """The org's code bears so many records in a call; a larger one is refused, each record or the call (`status`)."""

    def answer(seen: Seen) -> Forged | None:
        if seen.path.endswith("/describe"):
            return Forged(LEAD)
        if (seen.path.endswith("/composite") and not composite) or (write := writes_of(seen)) is None:
            return None
        records, _ = write
        if len(records) <= most:
            return answered(seen, [{"id": each["id"], "success": True, "errors": []} for each in records])
        if status is not None:
            return answered(seen, [{"errorCode": code, "message": message}], status)
        no = {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}]}
        return answered(seen, [no] * len(records))

    org.answer = answer


TRIGGER = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (TRIGGER, "LeadTrigger: System.LimitException: Too many SOQL queries: 101"),
        (
            TRIGGER,
            "LeadTrigger: execution of AfterUpdate caused by: System.LimitException: Apex CPU time limit exceeded",
        ),
        (TRIGGER, "LeadTrigger: System.LimitException: Apex heap size too large: 6500000"),
        (TRIGGER, "LeadTrigger: System.LimitException: Too many DML rows: 10001"),
        (TRIGGER, "LeadTrigger: System.LimitException: Too many DML statements: 151"),
        (TRIGGER, "LeadTrigger: System.LimitException: Too many query rows: 50001"),
        (TRIGGER, "LeadTrigger: System.LimitException: Too many future calls: 51"),
        (TRIGGER, "npsp: Too many queueable jobs added to the queue: 2"),
        ("CANNOT_EXECUTE_FLOW_TRIGGER", "LIMIT_EXCEEDED: System.LimitException: Too many SOQL queries: 101"),
        ("LIMIT_EXCEEDED", "You have exceeded a limit"),
    ],
)
@pytest.mark.parametrize("composite", [True, False])
def test_a_limit_of_the_whole_call_is_met_in_smaller_calls(
    org: ForgedOrg, tmp_path: Path, code: str, message: str, composite: bool
) -> None:
    limited(org, 10, code, message, composite=composite)
    connector = Opened(org, tmp_path)
    results = connector.push("Lead", [Write(id_, {"Title": "x"}, {}) for id_ in ids(33)])
    assert [(result.id, result.outcome) for result in results] == [(id_, "accepted") for id_ in ids(33)]
    before = len(org.seen)
    connector.push("Lead", [Write(id_, {"Title": "y"}, {}) for id_ in ids(33)])
    sizes = [len(write[0]) for seen in org.seen[before:] if (write := writes_of(seen))]
    assert 0 < max(sizes) <= 10, "what failed by design is not asked again unchanged"


@pytest.mark.parametrize("status", [400, 500])
def test_a_limit_that_refuses_the_call_itself_is_met_likewise(org: ForgedOrg, tmp_path: Path, status: int) -> None:
    limited(org, 10, "UNKNOWN_EXCEPTION", "System.LimitException: Too many SOQL queries: 101", status)
    results = Opened(org, tmp_path).push("Lead", [Write(id_, {"Title": "x"}, {}) for id_ in ids(33)])
    assert {result.outcome for result in results} == {"accepted"}


def test_a_limit_that_one_record_alone_reaches_is_told(org: ForgedOrg, tmp_path: Path) -> None:
    limited(org, 0, TRIGGER, "System.LimitException: Too many SOQL queries: 101")
    results = Opened(org, tmp_path).push("Lead", [Write(id_, {"Title": "x"}, {}) for id_ in ids(3)])
    assert {result.outcome for result in results} == {"refused"}
    assert "even with one record" in results[0].message
    assert len(org.calls("composite")) == 1 + 3


def test_a_trigger_that_refuses_a_record_is_no_limit(org: ForgedOrg, tmp_path: Path) -> None:
    limited(org, 0, TRIGGER, "LeadTrigger: this lead is under review")
    results = Opened(org, tmp_path).push("Lead", [Write(id_, {"Title": "x"}, {}) for id_ in ids(3)])
    assert {result.outcome for result in results} == {"refused"}
    assert len(org.calls("composite")) == 1


@pytest.mark.parametrize("composite", [True, False])
def test_duplicate_rules_are_told_with_the_setting_and_met_by_it(
    org: ForgedOrg, tmp_path: Path, composite: bool
) -> None:
    def answer(seen: Seen) -> Forged | None:
        if seen.path.endswith("/describe"):
            return Forged(LEAD)
        if (seen.path.endswith("/composite") and not composite) or (write := writes_of(seen)) is None:
            return None
        if write[1].get("Sforce-Duplicate-Rule-Header") == "allowSave=true":
            return answered(seen, [{"id": ids(1)[0], "success": True, "errors": []}])
        told = {"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these records?", "fields": []}
        return answered(seen, [{"success": False, "errors": [told]}])

    org.answer = answer
    writes = [Write(ids(1)[0], {"Title": "x"}, {})]
    (refused,) = Opened(org, tmp_path).push("Lead", writes)
    assert refused.outcome == "refused"
    assert "`allow_duplicates: true`" in refused.message
    (saved,) = Opened(org, tmp_path, allow_duplicates=True).push("Lead", writes)
    assert saved.outcome == "accepted"


@pytest.mark.parametrize("kind", ["same", "none", "more"])
def test_pages_without_end_are_left(org: ForgedOrg, tmp_path: Path, kind: str) -> None:
    """Always another address: to the same records, to none, to ever new ones beyond those that were counted."""
    count = 0

    def answer(seen: Seen) -> Forged | None:
        nonlocal count
        if seen.path.endswith("/describe"):
            return Forged(LEAD)
        count += 1
        number = count if kind == "more" else 1
        records = [] if kind == "none" and count > 1 else [{"Id": f"00Q{number:012d}", "Title": "x"}]
        following = f"/services/data/v62.0/query/{count}"
        return Forged({"totalSize": 2, "done": False, "nextRecordsUrl": following, "records": records})

    org.answer = answer
    with pytest.raises(CrmUnreachable, match=r"nothing new on them; reading on would never end"):
        list(Opened(org, tmp_path).pull(PullRequest("Lead", ("Title",))))
    assert count < 70
    with pytest.raises(CrmUnreachable, match=r"reading on would never end"):
        Opened(org, tmp_path).users()
    assert count < 200


def test_many_pages_with_an_end_are_read(org: ForgedOrg, tmp_path: Path) -> None:
    def answer(seen: Seen) -> Forged | None:
        if seen.path.endswith("/describe"):
            return Forged(LEAD)
        number = int(seen.path.rpartition("/")[2]) if "/query/?" not in seen.path else 0
        record = {"Id": f"00Q{number:012d}", "IsConverted": False, "Title": "x"}
        page = {"totalSize": 120, "done": number == 119, "records": [record]}
        return Forged({**page, "nextRecordsUrl": f"/services/data/v62.0/query/{number + 1}"})

    org.answer = answer
    pages = list(Opened(org, tmp_path).pull(PullRequest("Lead", ("Title",))))
    assert sum(page.records.height for page in pages) == 120


def test_one_odd_choice_or_label_keeps_no_object_from_being_read(org: ForgedOrg, tmp_path: Path) -> None:
    choices = [{"value": None, "label": "?"}, {"value": "Open", "label": None}]
    odd = {"name": "Rating", "type": "picklist", "label": None, "picklistValues": choices}
    described = {**LEAD, "fields": [*LEAD["fields"], odd, {"name": "X", "type": "id", "picklistValues": None}]}
    org.answer = lambda seen: Forged(described if seen.path.endswith("/describe") else NONE)
    fields = {field.name: field for field in Opened(org, tmp_path).fields("Account")}
    assert [(choice.value, choice.label) for choice in fields["Rating"].choices] == [("Open", "Open")]
    assert fields["Rating"].label == "Rating"


def test_a_result_without_a_list_of_errors_is_a_refusal_without_words(org: ForgedOrg, tmp_path: Path) -> None:
    def answer(seen: Seen) -> Forged | None:
        if seen.path.endswith("/describe"):
            return Forged(LEAD)
        return answered(seen, [{"success": False, "errors": None}]) if writes_of(seen) else None

    org.answer = answer
    (refused,) = Opened(org, tmp_path).push("Lead", [Write(ids(1)[0], {"Title": "x"}, {})])
    assert refused.outcome == "refused"


@pytest.mark.parametrize(
    "body",
    [b"[" * 200_000, b'{"a":' * 200_000, b'{"records": [], "done": true, "totalSize": ' + b"9" * 5000 + b"}"],
    ids=["lists", "objects", "number"],
)
@pytest.mark.parametrize("status", [200, 400])
def test_json_that_is_too_deep_or_too_long_a_number_is_torn(
    org: ForgedOrg, tmp_path: Path, body: bytes, status: int
) -> None:
    org.answer = lambda _: Forged(body, status)
    with pytest.raises(RunStopped):
        Opened(org, tmp_path, attempts=2).org()


def test_endless_words_of_a_refusal_take_no_time(org: ForgedOrg, tmp_path: Path) -> None:
    org.answer = lambda _: Forged([{"errorCode": "API_DISABLED_FOR_ORG", "message": "a" * 5_000_000}], 403)
    began = time.process_time()
    with pytest.raises(RunStopped) as told:
        Opened(org, tmp_path).org()
    assert time.process_time() - began < 5
    assert len(str(told.value)) < 1000


@pytest.mark.parametrize("stamp", ["9999-12-31T23:59:59.000-1200", "0001-01-01T00:00:00.000+1200", "soon"])
def test_one_instant_that_cannot_be_harms_no_other(org: ForgedOrg, tmp_path: Path, stamp: str) -> None:
    records = [
        {"Id": "00Q000000000001", "IsConverted": False, "SystemModstamp": stamp},
        {"Id": "00Q000000000002", "IsConverted": False, "SystemModstamp": "2026-11-21T12:00:00.000+0000"},
    ]
    leads(org, json.dumps({"totalSize": 2, "done": True, "records": records}).encode())
    (page,) = Opened(org, tmp_path).pull(PullRequest("Lead", ("SystemModstamp",)))
    assert page.records["SystemModstamp"].to_list() == [stamp, "2026-11-21T12:00:00Z"]


def test_an_org_without_composite_requests_is_asked_for_one_once(org: ForgedOrg, tmp_path: Path) -> None:
    def answer(seen: Seen) -> Forged | None:
        if seen.path.endswith("/describe"):
            return Forged(LEAD)
        return Forged(NONE) if "/query" in seen.path else None

    org.answer = answer
    connector = Opened(org, tmp_path)
    for _ in range(3):
        connector.fields("Lead")
        connector.users()
    assert len(org.calls("/composite")) == 1


@pytest.mark.parametrize("odd", [{"WhoId": None}, {"Who": 5}, {"Who": []}, {"Who": None}])
def test_one_activity_without_its_lead_keeps_no_other_from_being_read(
    org: ForgedOrg, tmp_path: Path, odd: dict[str, Any]
) -> None:
    good = {"Id": "00T000000000001", "WhoId": "00Q000000000001", "Who": {"Type": "Lead"}, "Subject": "x"}
    fields = [{"name": name, "type": "string"} for name in ("Id", "WhoId", "Subject")]
    page = {"totalSize": 2, "done": True, "records": [{**good, "Id": "00T000000000000", **odd}, good]}
    org.answer = lambda seen: Forged({"name": "Task", "fields": fields} if "describe" in seen.path else page)
    (pulled,) = Opened(org, tmp_path).pull(PullRequest("Task", ("Subject",), leads_object="Lead"))
    assert pulled.records["@id"].to_list() == ["00T000000000001"]


def test_one_odd_user_keeps_nobody_from_being_read(org: ForgedOrg, tmp_path: Path) -> None:
    people = [
        {"Id": "005000000000001", "Name": None, "Email": 5, "IsActive": None},
        {"Id": "005000000000002", "Name": "Ann", "Email": "a@x"},
    ]

    def answer(seen: Seen) -> Forged | None:
        found = people if "FROM User " in seen.path else []
        page = {"totalSize": len(found), "done": True, "records": found}
        return Forged(page) if "/query" in seen.path else None

    org.answer = answer
    users = Opened(org, tmp_path).users()
    assert [(user.id, user.name, user.email) for user in users] == [
        ("005000000000001", "005000000000001", None),
        ("005000000000002", "Ann", "a@x"),
    ]
