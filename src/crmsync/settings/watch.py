"""Where the service can be looked at, as crmsync.yaml says it."""

from __future__ import annotations

from pydantic import Field

from crmsync.settings.listening import Listening


class WatchSettings(Listening):
    """Where `crmsync serve` answers `/healthz`, `/readyz` and `/metrics`."""

    listen: str = Field(
        description="address and port; one that other machines reach needs CRMSYNC_WATCH_TOKEN",
        examples=["127.0.0.1:9464"],
    )
