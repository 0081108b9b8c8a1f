"""What a CRM tells by itself: that records have changed. Never a value: what changed is read afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

ALL_ACTIVITIES = ("*",)
"""Of a telling's `activities`: those of every object."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request that came from outside. `url`: by which it was called there. `headers`: names in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    came_at: datetime


@dataclass(frozen=True, slots=True)
class Telling:
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
