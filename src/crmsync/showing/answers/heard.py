"""What CRMs tell the service: how much was taken and refused, and what became of a touch."""

from __future__ import annotations

from crmsync.showing.answers.shape import Format, Instant, Shape


class Subscribed(Shape):
    """A channel that the service listens to, or did."""

    channel: str
    """As the CRM calls it."""
    heard_at: Instant
    """The last sign of life."""


class Tellings(Shape):
    """What a CRM, or another program, told of a connection by itself."""

    taken: int
    """Records that were told so far."""
    last_at: Instant | None
    """When the last of them came."""
    waiting: int
    """Those that are still to be read."""
    oldest_at: Instant | None
    """Since when the first of them waits."""
    refused: dict[str, int]
    """Why deliveries were refused → how many."""
    refused_at: Instant | None
    """When the last of them came."""
    lost: int
    """How often it was not told which records had changed, so that all that changed was read."""
    lost_at: Instant | None
    """When it was so last."""
    subscribed: list[Subscribed]
    """Channels that the service listens to."""


class Touched(Shape):
    """What became of a signed touch."""

    format: Format
    connection: str
    """Its name in crmsync.yaml."""
    leads: list[str]
    """The CRM's ids of the leads that were touched."""
    address: str
    """Where the touch was sent."""
    status: int
    """What the service answered; 200 = it was taken."""
    answer: str
    """In its words."""
    read_after_seconds: float | None
    """When the leads had been read; null = they were not, within the time that was waited."""
