"""Salesforce's outbound messages: whether they may come in, and which records they are about. Values are not read.

Source: SOAP API Developer Guide, "Outbound Messaging" (at most 100 notifications in a message, of one object; sent
again for 24 hours until it is acknowledged, out of order, and now and then twice). Nothing in a message is signed: it
proves itself by the key in the address to which it is sent, and by the organization's id. The session id that may
stand in one is never looked at.
"""

from __future__ import annotations

import hmac
from urllib.parse import parse_qs, urlsplit
from xml.parsers import expat

from crmsync.sdk import Delivery, Doubt, Telling
from crmsync_salesforce.ids import is_id, long_id
from crmsync_salesforce.settings import SalesforceSettings

_OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
_RECORD = "urn:sobject.enterprise.soap.sforce.com"
_TYPE = "http://www.w3.org/2001/XMLSchema-instance type"
_MOST_CHARACTERS = 100
"""Of the texts that are read: ids."""

_ACKNOWLEDGED = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    b'<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    b"</soapenv:Body></soapenv:Envelope>"
)


class MessageReader:
    """Reads messages that come to the address with the key."""

    acknowledgement = (_ACKNOWLEDGED, "text/xml")

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def read(self, delivery: Delivery) -> tuple[Telling, ...] | Doubt:
        """What the notifications are about; or why they are not believed."""
        given = parse_qs(urlsplit(delivery.url).query).get("key", [])
        if not given:
            return "unsigned"
        if len(given) > 1 or not hmac.compare_digest(given[0].encode(), self._key):
            return "wrong_key"
        message = _Message()
        if not message.holds(delivery.body) or not is_id(message.organization):
            return "not_readable"
        account = long_id(message.organization)
        objects: dict[str, dict[str, None]] = {}
        for name, number in message.records:
            objects.setdefault(name, {})[number] = None
        return tuple(Telling(account, name, tuple(numbers)) for name, numbers in objects.items())


def reader(settings: SalesforceSettings) -> MessageReader | None:
    """Null where there is no key."""
    key = settings.outbound_message_key
    return MessageReader(key.get_secret_value()) if key else None


class _Refused(Exception):
    """What no such message has: a document type, with which a small text could be made a huge one."""


class _Message:
    """The organization's id, and object and id of each record. `records`: in their order."""

    def __init__(self) -> None:
        self.organization = ""
        self.records: list[tuple[str, str]] = []
        self._way: list[str] = []
        self._text = ""
        self._object = ""
        self._notifications = False

    def holds(self, body: bytes) -> bool:
        """Whether this is such a message; it is read then."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._begun
        parser.EndElementHandler = self._ended
        parser.CharacterDataHandler = self._written
        try:
            parser.Parse(body, True)
        except (expat.ExpatError, _Refused, ValueError):
            return False
        return self._notifications

    def _refuse(self, *_: object) -> None:
        raise _Refused

    def _begun(self, name: str, attributes: dict[str, str]) -> None:
        self._way.append(name)
        self._text = ""
        self._notifications = self._notifications or name == f"{_OUTBOUND} notifications"
        if self._within("Notification", "sObject"):
            self._object = attributes.get(_TYPE, "").rpartition(":")[2]

    def _ended(self, name: str) -> None:
        text = self._text.strip()
        if self._within("notifications", "OrganizationId"):
            self.organization = text
        is_records = name == f"{_RECORD} Id" and self._way[-2:-1] == [f"{_OUTBOUND} sObject"]
        if is_records and is_id(text) and self._object.isidentifier():
            self.records.append((self._object, long_id(text)))
        self._text = ""
        self._way.pop()

    def _written(self, text: str) -> None:
        if len(self._text) < _MOST_CHARACTERS:
            self._text += text

    def _within(self, *names: str) -> bool:
        return self._way[-len(names) :] == [f"{_OUTBOUND} {name}" for name in names]
