"""The texts of SOAP answers, with the prefixes that clients' parsers look for."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from crmsync_practice.salesforce.http import Reply
from crmsync_practice.salesforce.org import ORGANIZATION_ID


def soap_reply(inner: str) -> Reply:
    """A SOAP answer with the default namespace, so that its elements carry no prefix."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>'
    )
    return Reply(200, raw=text.encode(), media_type="text/xml;charset=UTF-8")


def soap_fault(code: str, message: str) -> Reply:
    """A SOAP fault: HTTP 500 with `sf:exceptionCode` and `sf:exceptionMessage`."""
    safe = html.escape(message)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>{code}</faultcode><faultstring>{code}: {safe}</faultstring><detail>"
        f'<sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>{code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{safe}</sf:exceptionMessage></sf:LoginFault></detail>"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Reply(500, raw=text.encode(), media_type="text/xml;charset=UTF-8")


def user_info(user: Mapping[str, Any]) -> str:
    """The `userInfo` element of a login, with the user's currency and zone."""

    def shown(name: str) -> str:
        return html.escape(str(user.get(name) or ""))

    return (
        f"<userInfo><organizationId>{ORGANIZATION_ID}</organizationId>"
        "<organizationName>Practice Org</organizationName>"
        f"<orgDefaultCurrencyIsoCode>{shown('DefaultCurrencyIsoCode')}</orgDefaultCurrencyIsoCode>"
        f"<userDefaultCurrencyIsoCode>{shown('DefaultCurrencyIsoCode')}</userDefaultCurrencyIsoCode>"
        f"<userEmail>{shown('Email')}</userEmail><userFullName>{shown('Name')}</userFullName>"
        f"<userId>{shown('Id')}</userId><userName>{shown('Username')}</userName>"
        f"<userTimeZone>{shown('TimeZoneSidKey')}</userTimeZone></userInfo>"
    )


def element(text: str, name: str) -> str:
    """The text of the first element of this name; empty when there is none."""
    match = re.search(rf"<(?:\w+:)?{name}>(.*?)</(?:\w+:)?{name}>", text, re.DOTALL)
    return html.unescape(match.group(1)) if match else ""
