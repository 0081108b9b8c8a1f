"""What CRMs tell the service: how much was taken and refused, and what became of a touch."""

from __future__ import annotations

from crmsync.showing.answers.shape import Format, Instant, Shape


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
