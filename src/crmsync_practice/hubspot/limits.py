"""The three rate limits, their headers and their refusals (wire notes, sections 6.1 to 6.3).

Ten seconds rolling and one second (search) go by the monotonic clock; the day is the account's own by the practice
clock. Search is exempt from the ten-second limit and its answers carry no rate headers.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, time, timedelta

from crmsync_practice.backend import PracticeContext
from crmsync_practice.hubspot.errors import HubSpotError
from crmsync_practice.hubspot.instants import to_ms
from crmsync_practice.hubspot.settings import APP_ID, Settings


class Limits:
    """Counts calls and refuses those above a limit, when the settings say so."""

    def __init__(self, context: PracticeContext, settings: Settings) -> None:
        self._context = context
        self._settings = settings
        self._calls: deque[float] = deque()
        self._searches: deque[float] = deque()
        self._day = context.clock.today(context.zone)
        self._today = 0

    def take(self, *, search: bool) -> None:
        """Counts one call. Raises the 429 of the limit it breaks."""
        now = self._context.clock.monotonic()
        self._forget(now)
        limited = self._settings.limited
        if limited and self.used_today() >= self._settings.daily:
            raise rate_limited("daily", headers=self._wait(None))
        window, most = (
            (self._searches, self._settings.search_secondly) if search else (self._calls, self._settings.ten_secondly)
        )
        if limited and len(window) >= most:
            raise rate_limited(search=search, headers=self._wait(1 if search else 10))
        window.append(now)
        self._today += 1

    def _forget(self, now: float) -> None:
        while self._calls and self._calls[0] <= now - 10:
            self._calls.popleft()
        while self._searches and self._searches[0] <= now - 1:
            self._searches.popleft()

    def used_today(self) -> int:
        """Calls since the account's midnight."""
        today = self._context.clock.today(self._context.zone)
        if today != self._day:
            self._day, self._today = today, 0
        return self._today

    def resets_at(self) -> int:
        """The account's next midnight, in epoch milliseconds."""
        today = self._context.clock.today(self._context.zone)
        return to_ms(datetime.combine(today + timedelta(days=1), time.min, self._context.zone))

    def headers(self, *, oauth: bool) -> dict[str, str]:
        """The rate headers of an answer that is no search; the daily ones not for OAuth."""
        settings = self._settings
        self._forget(self._context.clock.monotonic())
        second = max(settings.ten_secondly // 10, 1)
        found = {
            "X-HubSpot-RateLimit-Max": str(settings.ten_secondly),
            "X-HubSpot-RateLimit-Remaining": str(max(settings.ten_secondly - len(self._calls), 0)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Secondly": str(second),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(second - 1),
        }
        if not oauth:
            found["X-HubSpot-RateLimit-Daily"] = str(settings.daily)
            found["X-HubSpot-RateLimit-Daily-Remaining"] = str(max(settings.daily - self.used_today(), 0))
        return found

    def _wait(self, seconds: int | None) -> dict[str, str]:
        """`Retry-After`, when the settings want it; None waits for the account's midnight."""
        if not self._settings.retry_after:
            return {}
        left = max((self.resets_at() - to_ms(self._context.clock.now())) // 1_000, 1)
        return {"Retry-After": str(left if seconds is None else seconds)}


def rate_limited(
    limit: str = "ten_secondly_rolling", *, search: bool = False, headers: dict[str, str] | None = None
) -> HubSpotError:
    """The 429 body: `errorType` and `policyName`, no category (wire notes, section 6.3).

    A search meets the limit of its own, of one second.
    """
    name = "secondly" if search else limit
    group = f"publicapi:private-app-api-calls-{name.removesuffix('_rolling').replace('_', '-')}:{APP_ID}"
    return HubSpotError(
        429,
        f"You have reached your {name} limit.",
        headers=headers,
        errorType="RATE_LIMIT",
        policyName=name.upper(),
        groupName=group,
    )
