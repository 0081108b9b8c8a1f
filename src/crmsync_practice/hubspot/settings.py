"""The switches of the practice portal: what HubSpot leaves open, how strict its limits are, and profile defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

PORTAL_ID = 24_601_377
APP_ID = 1_160_452

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Count = Annotated[int, Meta(ge=0, le=10**9)]
Share = Annotated[float, Meta(ge=0, le=1)]


@dataclass
class Settings:
    """May be changed while the portal runs.

    `lifecycle`: what a backward stage write does: `silent` answers 200 and keeps the value (as documented), `refused`
    answers 400, `accepted` takes it. `archived_owner`: whether a deactivated owner may be assigned.
    `index_lag_seconds`: how long search does not see a write, by the practice clock. Limits: calls per rolling ten
    seconds, per account day and searches per second; `limited` says whether they are enforced or only shown in the
    headers. `retry_after`: whether a 429 carries that header (undocumented for HubSpot). `longest_url`: bytes, above
    which the gateway answers 414. Webhooks are sent when `webhook_url` is set.
    `repeated_rows`: how many rows of the page before a list page begins with. `refused_row_every`: every n-th row of
    a batch write is refused (0: none). `missing_scopes`: scopes that no token has, whatever it says: what needs them
    answers 403. `workflow_rewrites`: property → value → what a workflow puts in its place once it is set.
    """

    lifecycle: Literal["silent", "refused", "accepted"] = "silent"
    archived_owner: Literal["refused", "accepted"] = "refused"
    index_lag_seconds: Seconds = 0.0
    limited: bool = False
    ten_secondly: Count = 190
    daily: Count = 650_000
    search_secondly: Count = 5
    retry_after: bool = False
    longest_url: Count = 16_200
    repeated_rows: Count = 0
    refused_row_every: Count = 0
    missing_scopes: list[str] = field(default_factory=list)
    workflow_rewrites: dict[str, dict[str, str]] = field(default_factory=dict)
    webhook_url: str | None = None
    webhook_secret: str = "practice-client-secret"  # noqa: S105 - signs deliveries of a rehearsal, on loopback
    webhook_duplicates: Share = 0.0
    webhook_retry_seconds: Seconds = 1.0


def settings_of(profile: str) -> Settings:
    """The switches of a named profile: calm (nothing enforced), busy, stormy, quota-poor."""
    if profile == "busy":
        return Settings(limited=True, index_lag_seconds=2.0)
    if profile == "stormy":
        return Settings(limited=True, index_lag_seconds=10.0, ten_secondly=100, webhook_duplicates=0.1)
    if profile == "quota-poor":
        return Settings(limited=True, ten_secondly=100, daily=400, search_secondly=4)
    return Settings()
