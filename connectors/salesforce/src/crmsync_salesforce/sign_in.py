"""Getting an access token. Five ways; which one is decided by the settings.

Sources: Salesforce Help, "OAuth 2.0 Client Credentials Flow", "OAuth 2.0 JWT Bearer Flow", "OAuth 2.0 Refresh
Token Flow"; the SOAP login is simple-salesforce's.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from http import HTTPStatus
from xml.parsers.expat import ExpatError

import jwt
import msgspec
import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from crmsync.sdk import AnswerLost, SignInRefused, TryAgain, UsageError
from crmsync_salesforce import errors
from crmsync_salesforce.replies import Token
from crmsync_salesforce.settings import SalesforceSettings

_ASSERTION_SECONDS = 180
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
        self._refresh_token = settings.refresh_token.get_secret_value() if settings.refresh_token else None

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
                form = {"grant_type": "refresh_token", "refresh_token": self._refresh_token or "", **self._client()}
            case "client_credentials":
                form = {"grant_type": "client_credentials", **self._client()}
        return self._by_token_endpoint(form)

    def _by_token_endpoint(self, form: dict[str, str]) -> Session:
        try:
            answer = self._http.post(f"{self._settings.url}/services/oauth2/token", data=form)
        except requests.RequestException as error:
            raise errors.from_connection(error) from error
        if answer.status_code != HTTPStatus.OK:
            raise _refused(answer)
        try:
            token = msgspec.json.decode(answer.content, type=Token)
        except msgspec.DecodeError as error:
            raise AnswerLost("Salesforce's sign-in gave a torn answer", hint=errors.ADDRESS_HINT) from error
        self._refresh_token = token.refresh_token or self._refresh_token
        return Session(token.access_token, token.instance_url)

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
            raise SignInRefused(f"Salesforce refused the sign-in: {failed.code}", hint=_HINT) from failed
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
        try:
            key = settings.private_key.get_secret_value() if settings.private_key else _read_key(settings)
            claims = {
                "iss": settings.client_id,
                "sub": settings.username,
                "aud": settings.audience or settings.url,
                "exp": int(time.time()) + _ASSERTION_SECONDS,
            }
            return jwt.encode(claims, key, algorithm="RS256")
        except (OSError, ValueError, TypeError, jwt.PyJWTError) as error:
            raise UsageError(
                "the private key for signing in to Salesforce cannot be used",
                hint="give an RSA key as PEM text in `private_key`, or its file in `private_key_file`",
            ) from error


def _read_key(settings: SalesforceSettings) -> str:
    assert settings.private_key_file is not None
    return settings.private_key_file.read_text(encoding="ascii")


def _refused(answer: requests.Response) -> Exception:
    """OAuth errors are an object `{"error": code}`; anything else comes from a server before the API."""
    try:
        body = answer.json()
    except requests.exceptions.JSONDecodeError:
        body = None
    code = body.get("error") if isinstance(body, dict) else None
    status = answer.status_code
    if code == "rate_limit_exceeded" or errors.passing(status):
        return TryAgain(
            f"Salesforce's sign-in is busy ({code or f'HTTP {status}'})",
            after_seconds=errors.retry_after(answer.headers),
            hint=errors.ADDRESS_HINT,
        )
    return SignInRefused(f"Salesforce refused the sign-in: {code or f'HTTP {status}'}", hint=_HINT)
