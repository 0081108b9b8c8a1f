"""Everything a handler needs, in one place: storage, types, properties, owners, clock and switches."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from crmsync_practice.backend import PracticeContext
from crmsync_practice.hubspot.forms import Forms
from crmsync_practice.hubspot.instants import to_ms
from crmsync_practice.hubspot.limits import Limits
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.owners import Owners
from crmsync_practice.hubspot.properties import Properties
from crmsync_practice.hubspot.search_memory import SearchMemory
from crmsync_practice.hubspot.settings import Settings
from crmsync_practice.hubspot.storage import Storage
from crmsync_practice.hubspot.type_registry import Types

FIRST_OTHER_ID = 18_000_000_001
FIRST_IDS = {
    "contacts": 51,
    "companies": 5_790_939_001,
    "deals": 7_100_200_001,
    "leads": 391_000_001,
    "meetings": 28_000_000_001,
    "emails": 38_000_000_001,
    "notes": 48_000_000_001,
    "tasks": 58_000_000_001,
    "communications": 68_000_000_001,
    "postal_mail": 78_000_000_001,
}
"""Where record ids begin: contacts small (as in HubSpot, so that ids of unlike length occur), others large. No two
kinds of engagement share an id, because the oldest resources tell them apart by it alone.
"""

Event = dict[str, Any]


class Portal:
    """One HubSpot account on loopback. `lead_object`: where owner and stage of the import's leads stand."""

    def __init__(self, context: PracticeContext, settings: Settings) -> None:
        self.context = context
        self.settings = settings
        self.storage = Storage(context.connect())
        self.storage.lag = self._invisible_until
        self.searches = SearchMemory(self.storage.connection)
        self.types = Types(self.storage)
        self.properties = Properties(self.storage)
        self.owners = Owners(self.storage)
        self.forms = Forms(self.storage)
        self.limits = Limits(context, settings)
        self.events: list[Event] = []
        self.listener: Callable[[list[Event]], None] | None = None
        self.lead_object = self.storage.meta("lead_object") or context.lead_object or "contacts"
        self._next: dict[str, int] = {}
        self._exchanges = 0
        self.written_rows = 0

    def now(self) -> int:
        """The present instant by the practice clock, in epoch milliseconds."""
        return to_ms(self.context.clock.now())

    def _invisible_until(self) -> int | None:
        lag = self.settings.index_lag_seconds
        return None if lag <= 0 else self.now() + round(lag * 1000)

    def next_id(self, kind: ObjectType) -> int:
        """A fresh record id: one more than the highest ever used."""
        number = self._next.get(kind.id)
        if number is None:
            last = self.storage.last_id(kind)
            number = FIRST_IDS.get(kind.name, FIRST_OTHER_ID) if last is None else last + 1
        self._next[kind.id] = number + 1
        return number

    def correlation_id(self) -> str:
        """A new exchange's id: the same for the same seed and order of requests."""
        self._exchanges += 1
        digest = hashlib.sha256(f"{self.context.seed}:{self._exchanges}".encode()).digest()
        return str(uuid.UUID(bytes=digest[:16], version=4))

    def tell(self, event: Event) -> None:
        """Notes an event for the webhooks; it is sent once the request has been committed."""
        if self.settings.webhook_url is not None:
            self.events.append(event)

    def send_events(self) -> None:
        """Hands the noted events to the webhook sender."""
        if self.events and self.listener is not None:
            self.listener(list(self.events))
        self.events.clear()

    def forget(self) -> None:
        """Drops everything held in memory that a rolled-back request may have changed."""
        self.events.clear()
        self._next.clear()
        self.searches.forget()
        self.properties.forget()
        self.storage.forget_indexes()
        self.owners.reload()
