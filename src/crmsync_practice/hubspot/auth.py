"""Who calls: tokens, their scopes, and the token endpoints (wire notes, section 1.1).

Any bearer token signs in unless it contains `invalid` (401) or `expired` (401 until a token endpoint gives a new
one). Static tokens (service keys, private apps) have every scope, or those listed in the token after `scopes=`, such
as `pat-na1-x;scopes=crm.objects.contacts.read+crm.objects.owners.read`. Tokens from a token endpoint live 1800
seconds by the practice clock.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from crmsync_practice.hubspot.call import Answer, Call
from crmsync_practice.hubspot.errors import HubSpotError
from crmsync_practice.hubspot.object_types import STANDARD_TYPES
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.settings import APP_ID, PORTAL_ID

LIFETIME_SECONDS = 1_800
_SCOPED = tuple(dict.fromkeys((*(kind.scope for kind in STANDARD_TYPES), "custom")))
ALL_SCOPES = (
    "oauth",
    *(
        f"crm.{family}.{name}.{way}"
        for family in ("objects", "schemas")
        for name in _SCOPED
        for way in ("read", "write")
    ),
    "crm.objects.owners.read",
    "sales-email-read",
    "tickets",
    "forms",
    "automation",
    "content",
    "crm.lists.read",
    "e-commerce",
    "settings.users.read",
)
EVERY_SCOPE = frozenset(ALL_SCOPES)
_LISTED = re.compile(r"scopes[=:]([A-Za-z0-9_.\-+,]+)")


@dataclass(frozen=True)
class Token:
    """A token that signs in: `scopes` None means all; `oauth` tells it came from a token endpoint."""

    text: str
    scopes: frozenset[str] | None
    oauth: bool


def _unauthorized(message: str, category: str) -> HubSpotError:
    return HubSpotError(401, message, category)


def sign_in(portal: Portal, authorization: str | None) -> Token:
    """The caller's token. Raises 401 for none, an invalid or an expired one (categories: MEM for expired)."""
    scheme, _, text = (authorization or "").strip().partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text or "invalid" in text.lower():
        raise _unauthorized(
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
            "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            "INVALID_AUTHENTICATION",
        )
    row = portal.storage.connection.execute(
        "SELECT expires, scopes FROM hubspot_tokens WHERE token = ?", (text,)
    ).fetchone()
    expired = portal.now() >= row[0] if row is not None else "expired" in text.lower()
    if expired:
        raise _unauthorized("The OAuth token used to make this call expired.", "EXPIRED_AUTHENTICATION")
    if row is not None:
        return Token(text, frozenset(row[1].split()), oauth=True)
    listed = _LISTED.search(text)
    scopes = None if listed is None else frozenset(re.split(r"[+,]", listed.group(1)))
    return Token(text, scopes, oauth=False)


def require_scope(portal: Portal, token_scopes: frozenset[str] | None, needed: str | None) -> None:
    """Raises 403 when the token, or by the switch every token, lacks the scope (3P: bodies of real answers)."""
    missing = needed is not None and needed in portal.settings.missing_scopes
    if needed is None or (not missing and (token_scopes is None or needed in token_scopes)):
        return
    raise HubSpotError(
        403,
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
        "https://developers.hubspot.com/scopes.",
        "MISSING_SCOPES",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": [needed]},
            }
        ],
    )


def token(portal: Portal, call: Call) -> Answer:
    """`POST /oauth/{v1|v3|date}/token`: a refresh token comes back unchanged."""
    form = call.form()
    client = f"{form.get('client_id', '')} {form.get('client_secret', '')}".lower()
    if "invalid" in client or not form.get("client_id"):
        return _grant_refused("BAD_CLIENT_SECRET", "missing or unknown client secret", "invalid_client")
    grant = form.get("grant_type")
    sources = {
        "refresh_token": form.get("refresh_token"),
        "authorization_code": form.get("code"),
        "client_credentials": form["client_id"],
    }
    if grant not in sources:
        return _grant_refused("BAD_GRANT_TYPE", "missing or unknown grant type", "unsupported_grant_type")
    source = sources[grant]
    if not source or "invalid" in source.lower():
        return _grant_refused("BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked", "invalid_grant")
    refresh = source if grant == "refresh_token" else f"refresh-{_digest(portal, source)[:32]}"
    scopes = (form.get("scope") or " ".join(ALL_SCOPES)).split()
    text = f"oauth-{_digest(portal, refresh)}"
    expires = portal.now() + LIFETIME_SECONDS * 1_000
    portal.storage.connection.execute(
        "INSERT OR REPLACE INTO hubspot_tokens VALUES (?, ?, ?, ?, ?)",
        (text, refresh, expires, " ".join(scopes), form["client_id"]),
    )
    payload = {
        "token_type": "bearer",
        "refresh_token": refresh,
        "access_token": text,
        "expires_in": LIFETIME_SECONDS,
    }
    if call.dated or call.path.startswith("/oauth/v3/"):
        payload |= {"hub_id": PORTAL_ID, "scopes": scopes, "user_id": 1}
    return Answer(200, payload)


def _digest(portal: Portal, text: str) -> str:
    issued = portal.storage.connection.execute("SELECT count(*) FROM hubspot_tokens").fetchone()[0]
    return hashlib.sha256(f"{portal.context.seed}:{issued}:{text}".encode()).hexdigest()


def _grant_refused(status: str, message: str, error: str) -> Answer:
    return Answer(400, {"status": status, "message": message, "error": error, "error_description": message})


def introspect(portal: Portal, call: Call) -> Answer:
    """`POST /oauth/{version}/token/introspect`."""
    text = call.form().get("token", "")
    row = portal.storage.connection.execute(
        "SELECT expires, scopes, client_id FROM hubspot_tokens WHERE token = ?", (text,)
    ).fetchone()
    left = 0 if row is None else (row[0] - portal.now()) // 1_000
    if row is None or left <= 0:
        return Answer(200, {"active": False})
    return Answer(
        200,
        {
            "active": True,
            "hub_id": PORTAL_ID,
            "user": "admin@example.com",
            "scopes": row[1].split(),
            "client_id": row[2],
            "expires_in": left,
            "token_type": "access_token",
        },
    )


def refresh_token_info(portal: Portal, call: Call) -> Answer:
    """`GET /oauth/v1/refresh-tokens/{token}`."""
    row = portal.storage.connection.execute(
        "SELECT scopes, client_id FROM hubspot_tokens WHERE refresh_token = ? ORDER BY expires DESC",
        (call.params["token"],),
    ).fetchone()
    if row is None:
        raise HubSpotError(404, "refresh token is invalid, expired or revoked", "OBJECT_NOT_FOUND")
    return Answer(
        200,
        {
            "token": call.params["token"],
            "user": "admin@example.com",
            "hub_domain": "practice.example.com",
            "scopes": row[0].split(),
            "hub_id": PORTAL_ID,
            "client_id": row[1],
            "user_id": 1,
            "token_type": "refresh",
        },
    )


def revoke(portal: Portal, call: Call) -> Answer:
    """`DELETE /oauth/v1/refresh-tokens/{token}`, `POST …/token/revoke`: 204; its access tokens end with it."""
    refresh = call.params.get("token") or call.form().get("token", "")
    portal.storage.connection.execute("DELETE FROM hubspot_tokens WHERE refresh_token = ?", (refresh,))
    return Answer(204)


def access_token_info(portal: Portal, call: Call) -> Answer:
    """`GET /oauth/v1/access-tokens/{token}`."""
    row = portal.storage.connection.execute(
        "SELECT expires, scopes, client_id FROM hubspot_tokens WHERE token = ?", (call.params["token"],)
    ).fetchone()
    if row is None or row[0] <= portal.now():
        raise HubSpotError(404, "access token is invalid or expired", "OBJECT_NOT_FOUND")
    return Answer(
        200,
        {
            "token": call.params["token"],
            "user": "admin@example.com",
            "hub_domain": "practice.example.com",
            "scopes": row[1].split(),
            "hub_id": PORTAL_ID,
            "app_id": APP_ID,
            "expires_in": (row[0] - portal.now()) // 1_000,
            "user_id": 1,
            "token_type": "access",
        },
    )
