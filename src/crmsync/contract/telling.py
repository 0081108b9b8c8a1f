"""What a CRM tells by itself: that records have changed. Never a value: what changed is read afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from crmsync.errors import RunStopped

ALL_ACTIVITIES = ("*",)
"""Of a telling's `activities`: those of every object."""


class Delivery(Struct, frozen=True):
    """A request that came from outside. `url`: by which it was called there. `headers`: names in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    came_at: datetime


class Telling(Struct, frozen=True):
    """That records of one object have changed, were made, merged or deleted.

    `account`: as `Org.id` has it. `happened_at`: null = not told. `activities`: objects of activities of which those
    that belong to these records may have changed, too.
    """

    account: str
    object: str
    ids: tuple[str, ...]
    happened_at: datetime | None = None
    activities: tuple[str, ...] = ()


Doubt = Literal["unsigned", "wrong_signature", "wrong_key", "old", "not_readable"]
"""Why a delivery is not believed: nothing proves whose it is, what does is wrong, it was sent too long ago (or will
be), or it proves itself and holds no tellings."""


class TellingReader(Protocol):
    """Reads what a CRM sends by itself, after it has looked whether it is the CRM that sends it. Makes no call."""

    acknowledgement: tuple[bytes, str]
    """What the CRM wants to hear when a delivery was taken, and of which media type that is."""

    def read(self, delivery: Delivery) -> tuple[Telling, ...] | Doubt:
        """What the delivery tells, empty where that concerns nobody; or why it is not believed. Raises nothing."""


class Heard(Struct, frozen=True):
    """What came at once over a subscription. `position`: from where it goes on after this, in the CRM's own terms.

    `untold`: something has changed of which the CRM does not say which record it is. Without tellings it is a sign of
    life.
    """

    tellings: tuple[Telling, ...]
    position: str
    untold: bool = False


class PositionLost(RunStopped):
    """The CRM no longer knows what came after the position. Listen from now on, and read what changed since."""


class Subscription(Protocol):
    """What a CRM tells over a connection that is opened from here, and kept open."""

    @property
    def channel(self) -> str:
        """What is subscribed to, as the CRM calls it."""

    def heard(self, account: str, position: str | None) -> Iterator[Heard]:
        """What comes after the position (null = from now on), until the subscription is closed.

        `account`: as `Org.id` has it. What was given out is kept when the next is asked for: no sooner does the CRM
        send more than it was asked for before. Raises `PositionLost`, `RunStopped` and its children; then it may be
        called again.
        """

    def close(self) -> None:
        """End it, from any thread, for good."""
