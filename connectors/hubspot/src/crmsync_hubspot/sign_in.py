"""Where the bearer token comes from: given once, or exchanged for an OAuth app's refresh token.

OAuth access tokens live 1,800 seconds; HubSpot asks for a renewal by the clock, not by a 401.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Protocol

from crmsync.sdk import (
    UNANSWERED,
    UNANSWERED_HINT,
    CrmUnreachable,
    KeptToken,
    SignInRefused,
    crm_code,
    meaning_of,
)
from crmsync_hubspot.codes import SIGN_IN
from crmsync_hubspot.errors import HubSpotRefused
from crmsync_hubspot.settings import HubSpotSettings

EARLY_SECONDS = 120.0
"""An OAuth token is renewed this long before it expires, so that none expires on its way."""

Exchange = Callable[[dict[str, str]], Any]
"""Posts these form fields to the token endpoint and returns the decoded JSON answer."""


class Credentials(Protocol):
    """A source of bearer tokens."""

    def token(self) -> str:
        """The token to send now."""

    def renew(self) -> None:
        """HubSpot answered 401: get another token if that is possible. Raises `SignInRefused` if it is refused."""


class GivenToken:
    """A service key, a private app's token, or an access token that somebody else renews."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        """The token as it was given."""
        return self._token

    def renew(self) -> None:
        """There is nothing to renew; the same token is tried once more."""


class RefreshedToken:
    """Access tokens of an OAuth app, renewed before they expire and after a 401."""

    def __init__(
        self,
        settings: HubSpotSettings,
        exchange: Exchange,
        until_answered: Callable[[Callable[[], None]], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`until_answered` calls a function again after passing faults; `clock` gives seconds that never go back."""
        self._settings = settings
        self._exchange = exchange
        self._until_answered = until_answered
        self._clock = clock
        assert settings.client_id and settings.refresh_token
        self._refresh_token = KeptToken(
            settings.refresh_token_file,
            f"{settings.url} {settings.client_id}",
            settings.refresh_token.get_secret_value(),
        )
        self._token: str | None = None
        self._renew_at = 0.0

    def token(self) -> str:
        """The present access token, fresh for at least `EARLY_SECONDS`."""
        if self._token is None or self._clock() >= self._renew_at:
            self.renew()
        assert self._token is not None
        return self._token

    def renew(self) -> None:
        """Exchange the refresh token. A 400 names a revoked token, a missing account or a wrong secret."""
        self._until_answered(self._renew_once)

    def _renew_once(self) -> None:
        with self._refresh_token.in_turn() as refresh_token:
            answer = self._exchanged(refresh_token)
            replaced = answer.get("refresh_token") if isinstance(answer, dict) else None
            self._refresh_token.keep(replaced if isinstance(replaced, str) else None)
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise CrmUnreachable("HubSpot's answer to the OAuth renewal holds no token", hint="check `url`")
        lasts = answer.get("expires_in")
        lasts_seconds = float(lasts) if isinstance(lasts, int | float) and 0 < lasts < math.inf else 1800.0
        self._token = token
        self._renew_at = self._clock() + max(lasts_seconds - EARLY_SECONDS, lasts_seconds / 2)

    def _exchanged(self, refresh_token: str) -> Any:
        secret = self._settings.client_secret
        assert self._settings.client_id and secret
        try:
            return self._exchange(
                {
                    "grant_type": "refresh_token",
                    "client_id": self._settings.client_id,
                    "client_secret": secret.get_secret_value(),
                    "refresh_token": refresh_token,
                }
            )
        except HubSpotRefused as refused:
            status = crm_code(refused.detail.get("status")) or str(refused.status)
            meaning = meaning_of(SIGN_IN, status)
            if status == "BAD_REFRESH_TOKEN" and self._refresh_token.unanswered:
                raise SignInRefused(
                    f"HubSpot refused to renew the OAuth token ({status}): {UNANSWERED}", hint=UNANSWERED_HINT
                ) from refused
            raise SignInRefused(
                f"HubSpot refused to renew the OAuth token ({status})",
                hint=meaning.hint
                if meaning
                else "check client_id and client_secret; if they are right, install the app again for a new "
                "refresh_token",
            ) from refused
