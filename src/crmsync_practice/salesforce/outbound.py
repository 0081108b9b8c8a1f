"""Outbound messages: SOAP notifications of saved records, sent until they are acknowledged.

Source: SOAP API Developer Guide, "Outbound Messaging". At most 100 notifications in a message, of one object; a
message counts as taken when its answer says `<Ack>true</Ack>`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from crmsync_practice.deliveries import Deliveries, posted
from crmsync_practice.salesforce.org import ORGANIZATION_ID
from crmsync_practice.salesforce.storage import Saved

MOST_NOTIFICATIONS = 100
MOST_RETRIES = 20
_ACTION = "04k000000000001AAA"
_TAKEN = re.compile(rb"<(?:\w+:)?Ack>\s*true\s*</(?:\w+:)?Ack>")


class Outbound:
    """Tells of saved records of some objects, as an admin's flow would. `switches`: `outbound_*` of `switches.py`."""

    def __init__(self, switches: Mapping[str, Any]) -> None:
        self._switches = switches
        self._sent = 0
        self._deliveries = Deliveries(
            "outbound-messages", lambda: float(switches["outbound_retry_seconds"]), MOST_RETRIES
        )

    def saved(self, records: Sequence[Saved]) -> None:
        """Takes them over and returns at once. Deleting alone is no saving."""
        if self._switches["outbound_url"] is None:
            return
        for name in self._switches["outbound_objects"]:
            ids = [each.record for each in records if each.object == name and each.saved]
            for start in range(0, len(ids), MOST_NOTIFICATIONS):
                message = self._message(name, ids[start : start + MOST_NOTIFICATIONS])
                self._deliveries.put(lambda _, message=message: self._deliver(message))  # type: ignore[misc]

    def _deliver(self, message: bytes) -> bool:
        url = self._switches["outbound_url"]
        if url is None:
            return True
        answer = posted(url, message, {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'})
        return answer is not None and answer[0] == 200 and _TAKEN.search(answer[1]) is not None

    def _message(self, name: str, ids: Sequence[str]) -> bytes:
        notifications = "".join(self._notification(name, record_id) for record_id in ids)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            '<soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
            f"<OrganizationId>{ORGANIZATION_ID}</OrganizationId><ActionId>{_ACTION}</ActionId>"
            '<SessionId xsi:nil="true"/><EnterpriseUrl>https://practice.my.salesforce.com/services/Soap/c/62.0/'
            "</EnterpriseUrl><PartnerUrl>https://practice.my.salesforce.com/services/Soap/u/62.0/</PartnerUrl>"
            f"{notifications}</notifications></soapenv:Body></soapenv:Envelope>"
        ).encode()

    def _notification(self, name: str, record_id: str) -> str:
        self._sent += 1
        return (
            f"<Notification><Id>04l{self._sent:012d}AAA</Id>"
            f'<sObject xsi:type="sf:{escape(name)}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
            f"<sf:Id>{record_id}</sf:Id></sObject></Notification>"
        )
