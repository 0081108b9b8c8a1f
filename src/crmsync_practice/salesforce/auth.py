"""Signing in: OAuth token endpoints, SOAP login, and whose token a request carries.

Any credential signs in unless it contains `invalid`, which is refused. One that contains `expired` gets, the first
time, a token that is expired already: a 401 until the client asks for another.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from crmsync_practice.backend import PracticeContext
from crmsync_practice.salesforce.errors import session_expired
from crmsync_practice.salesforce.http import Call, Reply
from crmsync_practice.salesforce.org import INTEGRATION_USER_ID, ORGANIZATION_ID
from crmsync_practice.salesforce.storage import Store

_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_OWN_TOKEN = re.compile(r"00D\w{12,15}!\w+\.(005\w{15})\.\w+")
_ERRORS = {
    "invalid_grant": "authentication failure",
    "invalid_client": "invalid client credentials",
    "unsupported_grant_type": "grant type not supported",
    "invalid_request": "missing required parameter",
}


class Auth:
    """Gives out tokens and reads them back."""

    def __init__(self, store: Store, context: PracticeContext) -> None:
        self._store = store
        self._context = context
        self._given = 0
        self._seen_expired: set[str] = set()
        self._ended: set[str] = set()

    def user_of(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        """The native id of the user whose token a request carries; raises INVALID_SESSION_ID."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() not in {"bearer", "oauth"}:
            # Bulk API v1 has a header of its own, the identity URL takes a parameter.
            token = headers.get("x-sfdc-session", "") or query.get("oauth_token", "")
        return self.user_of_token(token.strip())

    def user_of_token(self, token: str) -> str:
        """The user of a token; raises INVALID_SESSION_ID."""
        if not token or token in self._ended or "invalid" in token.lower() or "expired" in token.lower():
            raise session_expired()
        match = _OWN_TOKEN.fullmatch(token)
        return match.group(1) if match else INTEGRATION_USER_ID

    def token(self, call: Call) -> Reply:
        """`POST /services/oauth2/token`: client credentials, password, refresh and JWT bearer."""
        form = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)) | dict(call.query)
        form |= _basic(call.headers.get("authorization", ""))
        grant = form.get("grant_type", "")
        wanted = {
            "client_credentials": ("client_id", "client_secret"),
            "password": ("client_id", "username", "password"),
            "refresh_token": ("client_id", "refresh_token"),
            _JWT: ("assertion",),
            "authorization_code": ("client_id", "code"),
        }.get(grant)
        if wanted is None:
            return _refused("unsupported_grant_type")
        if any(not form.get(name) for name in wanted):
            return _refused("invalid_request")
        if grant == _JWT:
            claims = _claims(form["assertion"])
            if claims is None or not isinstance(claims.get("sub"), str):
                return _refused("invalid_grant")
            form |= {"username": claims["sub"], "client_id": str(claims.get("iss", ""))}
        secrets = " ".join(
            form.get(name, "") for name in (*wanted, "client_secret", "username") if name != "assertion"
        )
        if "invalid" in secrets.lower():
            return _refused("invalid_client" if grant == "client_credentials" else "invalid_grant")
        user_id = self._user_id(form.get("username"))
        url = self._context.base_url
        return Reply(
            content={
                "access_token": self.give_token(user_id, secrets),
                "instance_url": url,
                "id": f"{url}/id/{ORGANIZATION_ID}/{user_id}",
                "token_type": "Bearer",
                "issued_at": str(int(self._context.clock.now().timestamp() * 1000)),
                "signature": base64.b64encode(b"practice-signature").decode(),
                "scope": "api refresh_token",
                **({"refresh_token": form["refresh_token"]} if grant == "refresh_token" else {}),
            }
        )

    def give_token(self, user_id: str, secrets: str) -> str:
        """A new token; the first one for secrets that contain `expired` is expired."""
        self._given += 1
        state = "AQ"
        if "expired" in secrets.lower() and secrets not in self._seen_expired:
            self._seen_expired.add(secrets)
            state = "expired"
        return f"{ORGANIZATION_ID[:15]}!{state}.{user_id}.{self._given:06d}"

    def revoke(self, call: Call) -> Reply:
        """`/services/oauth2/revoke`: the token is good for nothing from then on."""
        form = dict(parse_qsl(call.body.decode("utf-8", "replace"))) | dict(call.query)
        self._ended.add(form.get("token", ""))
        return Reply(200, raw=b"")

    def soap_logout(self, token: str) -> Reply:
        """The SOAP `logout` operation."""
        self._ended.add(token)
        return soap_reply("<logoutResponse/>")

    def soap_login(self, call: Call) -> Reply:
        """The SOAP `login` operation; the prefixes are those that clients' parsers look for."""
        text = call.body.decode("utf-8", "replace")
        username, password = _element(text, "username"), _element(text, "password")
        if not username or "invalid" in f"{username} {password}".lower():
            return soap_fault("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
        user_id = self._user_id(username)
        url = f"{self._context.base_url}{call.path}/{ORGANIZATION_ID}"
        token = self.give_token(user_id, f"{username} {password}")
        user = self._store.row(self._store.schema["User"], user_id) or {}
        return soap_reply(
            f"<loginResponse><result><metadataServerUrl>{url}</metadataServerUrl><passwordExpired>false</passwordExpired>"
            f"<sandbox>true</sandbox><serverUrl>{url}</serverUrl><sessionId>{token}</sessionId><userId>{user_id}</userId>"
            f"{_user_info(user)}</result></loginResponse>"
        )

    def soap_user_info(self, user_id: str) -> Reply:
        """The SOAP `getUserInfo` operation."""
        user = self._store.row(self._store.schema["User"], user_id) or {}
        info = _user_info(user).replace("userInfo>", "result>")
        return soap_reply(f"<getUserInfoResponse>{info}</getUserInfoResponse>")

    def identity(self, call: Call) -> Reply:
        """`/services/oauth2/userinfo` and `/id/ORG/USER`."""
        user = self._store.row(self._store.schema["User"], call.parts.get("user") or call.user_id) or {}
        user_id = user.get("Id", call.user_id)
        url = self._context.base_url
        rest = f"{url}/services/data/v{{version}}/"
        return Reply(
            content={
                "sub": f"{url}/id/{ORGANIZATION_ID}/{user_id}",
                "id": f"{url}/id/{ORGANIZATION_ID}/{user_id}",
                "asserted_user": True,
                "user_id": user_id,
                "organization_id": ORGANIZATION_ID,
                "preferred_username": user.get("Username"),
                "username": user.get("Username"),
                "nick_name": user.get("Alias"),
                "name": user.get("Name"),
                "display_name": user.get("Name"),
                "email": user.get("Email"),
                "email_verified": True,
                "given_name": user.get("FirstName"),
                "first_name": user.get("FirstName"),
                "family_name": user.get("LastName"),
                "last_name": user.get("LastName"),
                "zoneinfo": user.get("TimeZoneSidKey"),
                "timezone": user.get("TimeZoneSidKey"),
                "active": bool(user.get("IsActive")),
                "user_type": "STANDARD",
                "language": "en_US",
                "locale": "en_US",
                "urls": {"rest": rest, "sobjects": f"{rest}sobjects/", "query": f"{rest}query/"},
            }
        )

    def _user_id(self, username: str | None) -> str:
        """The user whose username or e-mail this is; otherwise the integration user."""
        for column in ("Username", "Email"):
            rows = self._store.rows_where(self._store.schema["User"], column, username) if username else []
            if rows:
                return str(rows[0]["Id"])
        return INTEGRATION_USER_ID


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


def _user_info(user: Mapping[str, Any]) -> str:
    def shown(name: str) -> str:
        return html.escape(str(user.get(name) or ""))

    return (
        f"<userInfo><organizationId>{ORGANIZATION_ID}</organizationId>"
        "<organizationName>Practice Org</organizationName>"
        f"<userEmail>{shown('Email')}</userEmail><userFullName>{shown('Name')}</userFullName>"
        f"<userId>{shown('Id')}</userId><userName>{shown('Username')}</userName>"
        f"<userTimeZone>{shown('TimeZoneSidKey')}</userTimeZone></userInfo>"
    )


def _refused(error: str) -> Reply:
    return Reply(400, {"error": error, "error_description": _ERRORS[error]})


def _basic(header: str) -> dict[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        text = base64.b64decode(encoded).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return {}
    key, _, secret = text.partition(":")
    return {"client_id": key, "client_secret": secret}


def _claims(assertion: str) -> dict[str, Any] | None:
    """A JWT's claims; its signature is not checked, because every key is good here."""
    parts = assertion.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def _element(text: str, name: str) -> str:
    match = re.search(rf"<(?:\w+:)?{name}>(.*?)</(?:\w+:)?{name}>", text, re.DOTALL)
    return html.unescape(match.group(1)) if match else ""
