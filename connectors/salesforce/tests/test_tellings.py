"""Salesforce's outbound messages: who is believed, and what they are about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from crmsync.sdk import Delivery, Telling
from crmsync_salesforce import SalesforceSettings
from crmsync_salesforce.tellings import MessageReader, reader

KEY = "a-key-of-some-length"
URL = f"https://crmsync.example/hooks/salesforce?key={KEY}"
LEAD, TASK, ORG = "00QKp0000000001MAA", "00TKp0000000001MAA", "00DKp0000000001MAA"


def message(*records: tuple[str, str], organization: str = ORG, before: str = "") -> bytes:
    notifications = "".join(
        f'<n:Notification><n:Id>04lKp0000000001MAA</n:Id><n:sObject xsi:type="s:{name}"><s:Id>{number}</s:Id>'
        f"<s:Company>&lt;Id&gt;</s:Company></n:sObject></n:Notification>"
        for name, number in records
    )
    return (
        f'<?xml version="1.0"?>{before}<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:n="http://soap.sforce.com/2005/09/outbound" xmlns:s="urn:sobject.enterprise.soap.sforce.com" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body><n:notifications>'
        f"<n:OrganizationId>{organization}</n:OrganizationId><n:SessionId>00D!secret</n:SessionId>{notifications}"
        "</n:notifications></e:Body></e:Envelope>"
    ).encode()


def read(body: bytes, url: str = URL) -> Any:
    return MessageReader(KEY).read(Delivery("POST", url, {}, body, datetime(2026, 3, 1, tzinfo=UTC)))


def test_a_message_names_its_records_and_nothing_else() -> None:
    told = read(message(("Lead", LEAD), ("Task", TASK[:15]), ("Lead", LEAD)))
    assert told == (Telling(ORG, "Lead", (LEAD,)), Telling(ORG, "Task", (TASK,)))
    assert (
        read(
            message(
                organization=ORG[:15],
            )
        )
        == ()
    )


@pytest.mark.parametrize(
    ("url", "doubt"),
    [
        (URL.partition("?")[0], "unsigned"),
        (URL + "x", "wrong_key"),
        (URL[:-1], "wrong_key"),
        (f"{URL}&key={KEY}", "wrong_key"),
        (URL.replace(KEY, "%C3%A9"), "wrong_key"),
    ],
)
def test_the_key_decides(url: str, doubt: str) -> None:
    assert read(message(("Lead", LEAD)), url) == doubt


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a/>",
        b"\xff\xfe",
        message(("Lead", LEAD))[:-20],
        message(("Lead", LEAD), organization="<x/>"),
        message(("Lead", LEAD), before='<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'),
    ],
)
def test_what_is_no_message_is_told_as_such(body: bytes) -> None:
    assert read(body) == "not_readable"


def test_what_is_no_record_is_left() -> None:
    assert read(message(("Lead", "no id"), ("Le ad", LEAD), ("Lead", "x" * 100_000))) == ()


def test_a_key_is_long_and_without_it_there_is_no_reader() -> None:
    settings = {"url": "https://acme.my.salesforce.com", "access_token": "t"}
    assert reader(SalesforceSettings(**settings)) is None
    assert reader(SalesforceSettings(**settings, outbound_message_key=KEY)) is not None
    for key in ("short", KEY + "&", "k" * 201):
        with pytest.raises(ValidationError, match="16 to 200 letters"):
            SalesforceSettings(**settings, outbound_message_key=key)
