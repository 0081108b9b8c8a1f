"""What was told goes to the store before it is acknowledged: many deliveries in one transaction, by one thread.

This is the one place through which tellings come in, whatever brings them: connection, object, native ids, when it
happened and when it came. Nothing of what a record holds comes this way.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import structlog

from crmsync.contract import Telling
from crmsync.errors import CrmsyncError
from crmsync.hooks.desk import account_of
from crmsync.run.unforeseen import unforeseen_in_words
from crmsync.store import ANYTHING, HeardUpTo, Store, ToldRecord

log = structlog.get_logger()

MOST_WAITING = 1_000
"""So many deliveries may wait for the store at once; more are refused, and their senders send them again."""
TOGETHER = 200
"""So many are written at once."""
COUNT_SECONDS = 5.0
"""How often refusals are written down: an attack must not keep the store busy."""
ACCOUNT_SECONDS = 30.0

Counted = Callable[[str, str, int], None]
"""Told of (connection, what, number): records that were taken (`taken`), deliveries refused (their reason)."""


@dataclass(frozen=True, slots=True)
class _Incoming:
    connection: str
    tellings: tuple[Telling, ...]
    came_at: datetime
    kept: Future[None]
    heard: HeardUpTo | None = None
    untold: bool = False

    def records(self) -> Iterator[ToldRecord]:
        """What is to be read."""
        for telling in self.tellings:
            yield from _records(telling)
        if self.untold:
            yield ANYTHING


class Intake:
    """Takes tellings in. `location`: of the store. `told`: called with a connection when something of it was kept."""

    def __init__(
        self,
        location: Callable[[], str],
        clock: Callable[[], datetime],
        told: Callable[[str], None],
        counted: Counted = lambda _connection, _what, _number: None,
    ) -> None:
        self._location = location
        self._clock = clock
        self._told = told
        self._counted = counted
        self._queue: queue.Queue[_Incoming | None] = queue.Queue(MOST_WAITING)
        self._refused: Counter[tuple[str, str]] = Counter()
        self._counting = threading.Lock()
        self._store: Store | None = None
        self._accounts: dict[str, tuple[float, str | None]] = {}

    def take(
        self,
        connection: str,
        tellings: Sequence[Telling],
        came_at: datetime,
        *,
        heard: HeardUpTo | None = None,
        untold: bool = False,
    ) -> Future[None]:
        """Keep what was told; the future ends when it is in the store. Raises `queue.Full` where too much waits.

        `heard`: how far a channel was heard by that; kept together with it. `untold`: records have changed, and it
        was not told which.
        """
        incoming = _Incoming(connection, tuple(tellings), came_at, Future(), heard, untold)
        self._queue.put_nowait(incoming)
        return incoming.kept

    def refuse(self, connection: str | None, reason: str, number: int = 1) -> None:
        """Count a delivery that was refused."""
        self._counted(connection or "", reason, number)
        if connection is not None:
            with self._counting:
                self._refused[connection, reason] += number

    def account(self, connection: str) -> str | None:
        """The id of the connection's account, as it was last seen; null before it was read for the first time."""
        at, known = self._accounts.get(connection, (0.0, None))
        if known is None or monotonic() - at > ACCOUNT_SECONDS:
            with suppress(CrmsyncError):
                store = Store(self._location())
                try:
                    known = account_of(store, connection)
                finally:
                    store.close()
                self._accounts[connection] = (monotonic(), known)
        return known

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Keep what is told while the block runs; what waits at its end is kept, too."""
        thread = threading.Thread(target=self._work, name="intake", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._queue.put(None)
            thread.join()

    def _work(self) -> None:
        ends, counted_at = False, monotonic()
        while not ends:
            incoming, ends = self._next()
            refused = {}
            if incoming or ends or monotonic() - counted_at >= COUNT_SECONDS:
                refused, counted_at = self._refusals(), monotonic()
            self._keep(incoming, refused)
        if self._store is not None:
            self._store.close()

    def _next(self) -> tuple[list[_Incoming], bool]:
        """What has come, at most `TOGETHER`, and whether it is to end."""
        found: list[_Incoming] = []
        try:
            each = self._queue.get(timeout=COUNT_SECONDS)
            while each is not None:
                found.append(each)
                if len(found) >= TOGETHER:
                    return found, False
                each = self._queue.get_nowait()
        except queue.Empty:
            return found, False
        return found, True

    def _refusals(self) -> dict[str, dict[str, int]]:
        with self._counting:
            counted, self._refused = self._refused, Counter()
        by_connection: dict[str, dict[str, int]] = {}
        for (connection, reason), number in counted.items():
            by_connection.setdefault(connection, {})[reason] = number
        return by_connection

    def _keep(self, incoming: Sequence[_Incoming], refused: dict[str, dict[str, int]]) -> None:
        for connection in dict.fromkeys((*(each.connection for each in incoming), *refused)):
            mine = [each for each in incoming if each.connection == connection]
            records = [record for each in mine for record in each.records()]
            heard = [each.heard for each in mine if each.heard is not None]
            try:
                with unforeseen_in_words():
                    self._store = self._store or Store(self._location())
                    now = min((each.came_at for each in mine), default=self._clock())
                    taken = self._store.tellings.take_in(
                        connection, records, now=now, refused=refused.get(connection), heard=heard
                    )
            except CrmsyncError as error:
                log.error("what was told could not be kept", connection=connection, message=error.message)
                self._give_up(mine, error)
                continue
            for each in mine:
                each.kept.set_result(None)
            if records:
                self._counted(connection, "taken", taken)
                self._told(connection)

    def _give_up(self, incoming: Sequence[_Incoming], error: CrmsyncError) -> None:
        """Their senders send them again."""
        for each in incoming:
            each.kept.set_exception(error)
        store, self._store = self._store, None
        if store is not None:
            with suppress(CrmsyncError):
                store.close()


def _records(telling: Telling) -> Iterator[ToldRecord]:
    for number in telling.ids:
        yield ToldRecord(telling.object, number, telling.happened_at, telling.activities)
