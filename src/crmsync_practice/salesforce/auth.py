"""Signing in: OAuth token endpoints, SOAP login, and whose token a request carries.

Any credential signs in unless it contains `invalid`, which is refused. One that contains `expired` gets, the first
time, a token that is expired already: a 401 until the client asks for another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from crmsync_practice.backend import PracticeContext
from crmsync_practice.salesforce.errors import SalesforceError, session_expired
from crmsync_practice.salesforce.http import Call, Reply
from crmsync_practice.salesforce.org import INTEGRATION_USER_ID, ORGANIZATION_ID
from crmsync_practice.salesforce.soap_texts import element, soap_fault, soap_reply, user_info
from crmsync_practice.salesforce.storage import Store

SCOPE = "api refresh_token"
LIFETIME_SECONDS = 7_200
"""What introspection tells; a token here is good until it is revoked."""
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_OWN_TOKEN = re.compile(r"00D\w{12,15}!\w+\.(005\w{15})\.\w+")
_ERRORS = {
    "invalid_grant": "authentication failure",
    "invalid_client": "invalid client credentials",
    "unsupported_grant_type": "grant type not supported",
    "invalid_request": "missing required parameter",
}


@dataclass(frozen=True, slots=True)
class _Grant:
    """What is known of a token: to which client it was given, and when."""

    client_id: str
    at: datetime


class Auth:
    """Gives out tokens and reads them back."""

    def __init__(self, store: Store, context: PracticeContext) -> None:
        self._store = store
        self._context = context
        self._given = 0
        self._seen_expired: set[str] = set()
        self._ended: set[str] = set()
        self._secrets: dict[str, str] = {}
        self._granted: dict[str, _Grant] = {}

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
        form = _form(call)
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
        refresh = form.get("refresh_token") if grant == "refresh_token" else None
        if refresh is not None and refresh in self._ended:
            return _refused("invalid_grant", "expired access/refresh token")
        if form.get("client_secret"):
            self._secrets[form["client_id"]] = form["client_secret"]
        return Reply(content=self._answer(form, secrets, refresh, call.address(self._context.base_url)))

    def _answer(self, form: Mapping[str, str], secrets: str, refresh: str | None, url: str) -> dict[str, Any]:
        """The token's answer, signed with the client's secret where the client has told it once."""
        now = self._context.clock.now()
        user_id = self._user_id(form.get("username"))
        token = self.give_token(user_id, secrets)
        self._granted[token] = _Grant(form.get("client_id", ""), now)
        if refresh is not None and self._context.switches["rotate_refresh_tokens"]:
            self._ended.add(refresh)
            refresh = f"5Aep{self._given:08d}.practice"
        identity, issued_at = f"{url}/id/{ORGANIZATION_ID}/{user_id}", str(int(now.timestamp() * 1000))
        return {
            "access_token": token,
            "instance_url": url,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued_at,
            "signature": _signature(self._secrets.get(form.get("client_id", ""), ""), identity + issued_at),
            "scope": SCOPE,
            **({} if refresh is None else {"refresh_token": refresh}),
        }

    def introspect(self, call: Call) -> Reply:
        """`POST /services/oauth2/introspect`: whether a token is good, for a client that signs in (documented)."""
        form = _form(call)
        scheme, _, own = call.headers.get("authorization", "").partition(" ")
        named = form.get("client_id") and form.get("client_secret")
        if scheme.lower() == "bearer" and not named:
            self.user_of_token(own.strip())
        elif not named or "invalid" in f"{form['client_id']} {form['client_secret']}".lower():
            return _refused("invalid_client", status=401)
        token = form.get("token", "")
        if not token:
            return _refused("invalid_request")
        try:
            user_id = self.user_of_token(token)
        except SalesforceError:
            return Reply(content={"active": False})
        grant = self._granted.get(token) or _Grant(form.get("client_id", ""), self._context.clock.now())
        user = self._store.row(self._store.schema["User"], user_id) or {}
        at = int(grant.at.timestamp())
        return Reply(
            content={
                "active": True,
                "scope": SCOPE,
                "client_id": grant.client_id,
                "username": user.get("Username"),
                "sub": f"{call.address(self._context.base_url)}/id/{ORGANIZATION_ID}/{user_id}",
                "token_type": "access_token",
                "iat": at,
                "nbf": at,
                "exp": at + LIFETIME_SECONDS,
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

    def end_sessions(self) -> None:
        """Tokens given so far are good for nothing from now on."""
        self._ended.update(self._granted)

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
        username, password = element(text, "username"), element(text, "password")
        if not username or "invalid" in f"{username} {password}".lower():
            return soap_fault("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
        user_id = self._user_id(username)
        url = f"{call.address(self._context.base_url)}{call.path}/{ORGANIZATION_ID}"
        token = self.give_token(user_id, f"{username} {password}")
        user = self._store.row(self._store.schema["User"], user_id) or {}
        return soap_reply(
            f"<loginResponse><result><metadataServerUrl>{url}</metadataServerUrl><passwordExpired>false</passwordExpired>"
            f"<sandbox>true</sandbox><serverUrl>{url}</serverUrl><sessionId>{token}</sessionId><userId>{user_id}</userId>"
            f"{user_info(user)}</result></loginResponse>"
        )

    def soap_user_info(self, user_id: str) -> Reply:
        """The SOAP `getUserInfo` operation."""
        user = self._store.row(self._store.schema["User"], user_id) or {}
        info = user_info(user).replace("userInfo>", "result>")
        return soap_reply(f"<getUserInfoResponse>{info}</getUserInfoResponse>")

    def _user_id(self, username: str | None) -> str:
        """The user whose username or e-mail this is; otherwise the integration user."""
        for column in ("Username", "Email"):
            rows = self._store.rows_where(self._store.schema["User"], column, username) if username else []
            if rows:
                return str(rows[0]["Id"])
        return INTEGRATION_USER_ID


def _form(call: Call) -> dict[str, str]:
    """The fields of a form-encoded body, the query and Basic credentials, the later the stronger."""
    form = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)) | dict(call.query)
    return form | _basic(call.headers.get("authorization", ""))


def _signature(secret: str, text: str) -> str:
    """How an answer is signed, so that its client can tell where it came from: HMAC-SHA256 in Base64 (documented)."""
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _refused(error: str, description: str = "", *, status: int = 400) -> Reply:
    return Reply(status, {"error": error, "error_description": description or _ERRORS[error]})


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
