"""Getting an access token. Five ways; which one is decided by the settings.

Sources: Salesforce Help, "OAuth 2.0 Client Credentials Flow", "OAuth 2.0 JWT Bearer Flow", "OAuth 2.0 Refresh
Token Flow"; the SOAP login is simple-salesforce's.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from xml.parsers.expat import ExpatError

import jwt
import msgspec
import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from crmsync.sdk import (
    UNANSWERED,
    UNANSWERED_HINT,
    AnswerLost,
    KeptToken,
    SignInRefused,
    TryAgain,
    Unreadable,
    UsageError,
    crm_code,
    crm_words,
    decoded_json,
    meaning_of,
    read_text,
)
from crmsync_salesforce import errors
from crmsync_salesforce.codes import SIGN_IN
from crmsync_salesforce.replies import Token
from crmsync_salesforce.settings import SalesforceSettings, SignInWay

_ASSERTION_SECONDS = 180
_LARGEST_KEY_BYTES = 100_000
_HINT = "check the connection's credentials in the environment or `.env`, and the app's policies in Salesforce Setup"


@dataclass(frozen=True, slots=True, repr=False)
class Session:
    """An accepted token and the address of the org's instance."""

    token: str
    instance_url: str


class SignIn:
    """Signs in as often as needed; knows when it cannot."""

    def __init__(self, settings: SalesforceSettings, http: requests.Session) -> None:
        self._settings = settings
        self._http = http
        self._refresh_token = (
            KeptToken(
                settings.refresh_token_file,
                f"{settings.url} {settings.client_id}",
                settings.refresh_token.get_secret_value(),
            )
            if settings.refresh_token
            else None
        )

    @property
    def renewable(self) -> bool:
        """False for a given session: once it has expired, nobody but its giver can renew it."""
        return self._settings.sign_in_way != "session"

    def session(self) -> Session:
        """Sign in. Raises `SignInRefused`, or `TryAgain` for a passing fault."""
        settings = self._settings
        match settings.sign_in_way:
            case "session":
                assert settings.access_token is not None
                return Session(settings.access_token.get_secret_value(), settings.url)
            case "password":
                return self._by_password()
            case "jwt":
                form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": self._assertion()}
            case "refresh_token":
                return self._by_refresh_token()
            case "client_credentials":
                form = {"grant_type": "client_credentials", **self._client()}
        token = self._granted(form)
        return Session(token.access_token, token.instance_url)

    def _by_refresh_token(self) -> Session:
        assert self._refresh_token is not None
        with self._refresh_token.in_turn() as refresh_token:
            token = self._granted({"grant_type": "refresh_token", "refresh_token": refresh_token, **self._client()})
            self._refresh_token.keep(token.refresh_token)
        return Session(token.access_token, token.instance_url)

    @property
    def _unanswered(self) -> bool:
        return self._refresh_token is not None and self._refresh_token.unanswered

    def _granted(self, form: dict[str, str]) -> Token:
        """What the token endpoint gives for this form."""
        try:
            answer = self._http.post(f"{self._settings.url}/services/oauth2/token", data=form)
        except requests.RequestException as error:
            raise errors.from_connection(error) from error
        if answer.status_code != HTTPStatus.OK:
            raise _refused(answer, self._settings.sign_in_way, unanswered=self._unanswered)
        try:
            return msgspec.json.decode(answer.content, type=Token)
        except (msgspec.DecodeError, RecursionError) as error:
            if errors.is_page(answer.text):
                raise errors.page_instead("the sign-in", answer.headers) from error
            raise AnswerLost("Salesforce's sign-in gave a torn answer", hint=errors.ADDRESS_HINT) from error

    def _by_password(self) -> Session:
        settings = self._settings
        assert settings.password is not None
        warnings.warn(
            "signing in with a password: Salesforce ends this with API version 65; use client credentials",
            FutureWarning,
            stacklevel=2,
        )
        try:
            token, instance = SalesforceLogin(
                username=settings.username,
                password=settings.password.get_secret_value(),
                security_token=settings.security_token.get_secret_value() if settings.security_token else "",
                scratch_url=settings.url,
                sf_version=settings.api_version,
                session=self._http,
            )
        except SalesforceAuthenticationFailed as failed:
            if isinstance(failed.code, int):  # no SOAP fault: a server before the API answered
                raise TryAgain(f"Salesforce is busy (HTTP {failed.code})", hint=errors.ADDRESS_HINT) from failed
            meaning = meaning_of(SIGN_IN, str(failed.code).rpartition(":")[2])
            hint = meaning.hint if meaning else _HINT
            code = crm_code(failed.code) or "for a reason that is no code"
            raise SignInRefused(f"Salesforce refused the sign-in: {code}", hint=hint) from failed
        except ExpatError as error:
            raise AnswerLost("Salesforce's sign-in gave a torn answer", hint=errors.ADDRESS_HINT) from error
        except requests.RequestException as error:
            raise errors.from_connection(error) from error
        return Session(token, f"https://{instance}")

    def _client(self) -> dict[str, str]:
        secret = self._settings.client_secret
        client = {"client_id": self._settings.client_id or ""}
        return {**client, "client_secret": secret.get_secret_value()} if secret else client

    def _assertion(self) -> str:
        settings = self._settings
        key = settings.private_key.get_secret_value() if settings.private_key else _read_key(settings)
        try:
            claims = {
                "iss": settings.client_id,
                "sub": settings.username,
                "aud": settings.audience or settings.url,
                "exp": int(time.time()) + _ASSERTION_SECONDS,
            }
            return jwt.encode(claims, key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            where = "`private_key`" if settings.private_key else f"{settings.private_key_file} (`private_key_file`)"
            raise UsageError(
                f"{where} holds no RSA key that can sign",
                hint="give a private RSA key as PEM text, without a passphrase: it begins with "
                "-----BEGIN PRIVATE KEY----- or -----BEGIN RSA PRIVATE KEY-----",
            ) from error


def _read_key(settings: SalesforceSettings) -> str:
    file = settings.private_key_file
    assert file is not None
    try:
        return read_text(file, largest_bytes=_LARGEST_KEY_BYTES)
    except Unreadable as error:
        raise UsageError(
            f"`private_key_file` cannot be used: {file}: {error}",
            hint=error.hint or "name a PEM file that this user may read; the path is relative to crmsync.yaml",
        ) from None


_GRANT_HINTS: Mapping[SignInWay, str] = {
    "refresh_token": "the refresh token is revoked, expired or used up by another program: let a user approve the "
    "app again for a new one",
    "jwt": "check username and `audience`, that the app holds the key's certificate and lets this user in",
    "client_credentials": "allow the client credentials flow in the app, and choose the user it runs as",
}


def _refused(answer: requests.Response, way: SignInWay, *, unanswered: bool) -> Exception:
    """OAuth errors are an object `{"error": code}`; anything else comes from a server before the API.

    `unanswered`: an earlier sign-in with this refresh token got no answer.
    """
    try:
        body = decoded_json(answer.content)
    except ValueError:
        body = None
    told = body if isinstance(body, dict) else {}
    status = answer.status_code
    code = crm_code(told.get("error")) or f"HTTP {status}"
    description = str(told.get("error_description") or "")
    meaning = meaning_of(SIGN_IN, code, description)
    if (meaning and meaning.deed == "tried again") or errors.passing(status):
        return errors.passing_fault(TryAgain, f"Salesforce's sign-in is busy ({code})", answer.headers)
    if meaning is None and not told and errors.is_page(answer.text):
        return errors.page_instead(f"the sign-in ({code})", answer.headers)
    hint = meaning.hint if meaning else _GRANT_HINTS.get(way) if code == "invalid_grant" else None
    words = meaning.why if meaning else crm_words(description)
    if unanswered and code == "invalid_grant" and (meaning is None or "refresh token" in description.lower()):
        words, hint = UNANSWERED, UNANSWERED_HINT
    return SignInRefused(
        f"Salesforce refused the sign-in: {': '.join(filter(None, (code, words)))}", hint=hint or _HINT
    )
