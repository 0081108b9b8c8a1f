"""Signing in with a provider of OpenID Connect: code flow with PKCE, state and nonce; what the provider says of
somebody is believed once its signature is right and it was said to this console, now.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from crmsync.errors import RunStopped
from crmsync.settings import SignInElsewhere
from crmsync.values import asdict

SCOPE: Final = "openid email"
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a key that the provider alone has. `none`, and those with a shared secret, are no proof."""
_SECONDS = 10.0
_LEEWAY_SECONDS = 60
_KEPT_SECONDS = 3_600.0
_LARGEST_BYTES = 1_000_000


class NotProven(Exception):
    """What came back proves nothing: nobody is signed in. The text is for the log, and tells of nobody."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser keeps until it comes back: it must bring the same state, its token the same nonce."""

    state: str
    nonce: str
    verifier: str
    to: str

    @classmethod
    def to_go(cls, to: str) -> Begun:
        """Of a browser that sets out now. `to`: where it wants to get."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(64), to)

    def to_text(self) -> str:
        """As the browser keeps it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Begun | None:
        """Null for what is no such text."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None


class Provider:
    """One provider, and what it says of itself, which is kept for an hour."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def address(self, settings: SignInElsewhere, begun: Begun, back: str) -> str:
        """Where the browser is sent. Raises `RunStopped` where the provider cannot be asked."""
        told = self._metadata(settings)
        with OAuth2Session(
            settings.client_id, scope=SCOPE, redirect_uri=back, code_challenge_method="S256"
        ) as session:
            url, _ = session.create_authorization_url(
                told["authorization_endpoint"], state=begun.state, nonce=begun.nonce, code_verifier=begun.verifier
            )
        return str(url)

    def email(
        self, settings: SignInElsewhere, secret: str | None, begun: Begun, code: str, back: str, now: datetime
    ) -> str:
        """The address that the provider says is theirs who came back with this code.

        Raises `NotProven`, and `RunStopped` where the provider cannot be asked.
        """
        told = self._metadata(settings)
        try:
            with OAuth2Session(settings.client_id, secret, redirect_uri=back) as session:
                answer = session.fetch_token(
                    told["token_endpoint"], code=code, code_verifier=begun.verifier, timeout=_SECONDS
                )
        except AuthlibBaseError as error:
            raise NotProven(f"the provider refused the code: {error.error}") from None
        except (requests.RequestException, ValueError) as error:
            raise _unreachable(settings) from error
        claims = self._claims(settings, told, str(answer.get("id_token", "")), begun.nonce, now)
        email = claims.get("email")
        if not isinstance(email, str) or not email:
            raise NotProven("the provider told no e-mail address")
        if claims.get("email_verified", True) not in (True, "true"):  # as a word, with some
            raise NotProven("the provider has not verified the e-mail address")
        return email

    def _claims(
        self, settings: SignInElsewhere, told: Mapping[str, Any], token: str, nonce: str, now: datetime
    ) -> Mapping[str, Any]:
        keys = self._kept(told["jwks_uri"], settings)
        try:
            try:
                decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))
            except (JoseError, ValueError):  # they have changed their keys since
                keys = self._kept(told["jwks_uri"], settings, anew=True)
                decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))
            jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                leeway=_LEEWAY_SECONDS,
                iss={"essential": True, "value": told["issuer"]},
                aud={"essential": True, "value": settings.client_id},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise NotProven(f"its token proves nothing: {type(error).__name__}") from None
        claims: Mapping[str, Any] = decoded.claims
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != settings.client_id:
            raise NotProven("its token was given to another program")
        return claims

    def _metadata(self, settings: SignInElsewhere) -> Mapping[str, Any]:
        told: Mapping[str, Any] = self._kept(f"{settings.issuer}/.well-known/openid-configuration", settings)
        if str(told.get("issuer", "")).rstrip("/") != settings.issuer:
            raise RunStopped(
                f"{settings.issuer} says that it is another provider",
                hint="write `issuer` in crmsync.yaml as the provider itself does",
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            parts = urlsplit(str(told.get(name, "")))
            if parts.scheme != "https" and parts.hostname != urlsplit(settings.issuer).hostname:
                raise RunStopped(f"{settings.issuer} names no safe {name}", hint="ask whoever runs the provider")
        return told

    def _kept(self, url: str, settings: SignInElsewhere, *, anew: bool = False) -> Any:
        with self._lock:
            since, told = self._known.get(url, (0.0, {}))
            if told and not anew and monotonic() - since < _KEPT_SECONDS:
                return told
        try:
            with requests.get(url, timeout=_SECONDS, allow_redirects=False, stream=True) as answer:
                body = answer.raw.read(_LARGEST_BYTES, decode_content=True)
                found = json.loads(body) if answer.status_code == 200 else None
        except (requests.RequestException, ValueError, OSError) as error:
            raise _unreachable(settings) from error
        if not isinstance(found, dict):
            raise _unreachable(settings)
        with self._lock:
            self._known[url] = (monotonic(), found)
        return found


def _unreachable(settings: SignInElsewhere) -> RunStopped:
    return RunStopped(
        f"{settings.issuer} cannot be asked who you are", hint="try again; names with passwords can sign in meanwhile"
    )
