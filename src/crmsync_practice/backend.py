"""What each CRM side gets (PracticeContext) and what it must offer (Backend)."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import BaseRoute

from crmsync_practice.clock import Clock
from crmsync_practice.record_page import RecordView
from crmsync_practice.records import Crm, World
from crmsync_practice.writelog import WriteLog


@dataclass
class PracticeContext:
    """One CRM's surroundings. Each side has its own: clocks and logs are per port, as two real CRMs would
    be.

    `timezone` is the org's zone, `today` the day that the data is anchored to (an activity on a later
    local day is still planned), `base_url` is `http://127.0.0.1:PORT` once the socket is bound, before the
    first request. `lead_object` is which of the CRM's objects holds the leads of an import; None: the usual one.
    """

    crm: Crm
    timezone: str
    today: date
    seed: int = 1
    profile: str = "calm"
    database: Path | None = None
    base_url: str = ""
    lead_object: str | None = None
    clock: Clock = field(default_factory=Clock)
    writes: WriteLog = field(init=False)
    switches: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.writes = WriteLog(self.clock)

    @property
    def zone(self) -> ZoneInfo:
        """The org's time zone."""
        return ZoneInfo(self.timezone)

    def connect(self) -> sqlite3.Connection:
        """A SQLite connection of this side's own, to the file (shared with the other side) or to memory.

        Transactions are explicit (`isolation_level=None`); the server is one thread, but a test may build
        a side in one thread and serve it in another. Durability is traded for speed: it is a rehearsal.
        """
        connection = sqlite3.connect(self.database or ":memory:", isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -200000")
        connection.execute("PRAGMA busy_timeout = 10000")
        return connection


class Backend(Protocol):
    """One CRM side. Constructed with a PracticeContext; handlers may be `async` and must not block for
    long.
    """

    name: Crm

    @property
    def lead_object(self) -> str:
        """The object whose records are the import's leads."""

    def holds_data(self) -> bool:
        """Whether the database file already held this side's data when it was opened (then nothing is
        loaded).
        """

    def load(self, world: World) -> None:
        """Fills the empty CRM, bypassing its own required and unique rules."""

    def users(self) -> list[dict[str, Any]]:
        """The `users` of `state` alone."""

    def attribute_fields(self) -> dict[str, tuple[str, str]]:
        """Import attribute → (native field of the lead, `text`, `number`, `integer` or `boolean`)."""

    def lead_fields(self) -> set[str]:
        """The native fields that a lead has."""

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """`{users, leads, activities}` in the import shape plus `native_id`, without the CRM's own system
        users.

        Records that a client created have their native id as `id`.
        """

    def edit(self, payload: dict[str, Any], by: str | None) -> dict[str, Any]:
        """Upserts `{users, leads, activities}` by import id (a native id will do), partially.

        The payload has been through `reading.read_edit`: times are aware datetimes, an absent key is
        untouched, a null empties. The native records are marked as modified by the user `by` (import id;
        None: an administrator) at `clock.now()`. Raises reading.RecordRefused for an unknown reference.
        Answers `{"users": n, …}` or more.
        """

    def record_at(self, path: str) -> RecordView | None:
        """What the page of a record shows, by the path of its address; None when there is no such record."""

    def routes(self) -> Sequence[BaseRoute]:
        """The CRM's own routes (everything but `/_practice/`)."""

    def endpoint_of(self, method: str, path: str) -> str:
        """The name under which `calls` counts a request: the path without ids, such as `PATCH
        composite/sobjects`.
        """

    def within(self, method: str, path: str, body: bytes) -> Sequence[tuple[str, str]]:
        """Method and path of the requests that one request carries inside; faults meant for them meet the whole."""

    def failure(
        self, status: int, retry_after_seconds: float | None = None, *, method: str = "GET", path: str = "/"
    ) -> Response:
        """A CRM-shaped answer of an unasked or injected failure (401, 403, 429, 500, 502 HTML, 503 …).

        `method` and `path` are those of the request, for answers that tell which limit it met.
        """

    def switches(self) -> dict[str, Any]:
        """What of this CRM's behaviour can be turned while it runs, as it stands."""

    def switch(self, changes: Mapping[str, Any]) -> None:
        """Turns some switches. Raises reading.RecordRefused, and then none is turned."""
