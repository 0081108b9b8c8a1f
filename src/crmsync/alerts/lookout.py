"""The service's lookout: a thread that looks after what needs a person, and tells it. Runs never wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime

import structlog

from crmsync.alerts.telling import ChannelMessage, tell_due
from crmsync.alerts.unusable_store import UnusableStore
from crmsync.errors import CrmsyncError, Finding, StoreUnavailable
from crmsync.operations.status.needs import NextRun
from crmsync.operations.status.standing import statuses
from crmsync.run.unforeseen import unforeseen_in_words
from crmsync.sdk import without_addresses
from crmsync.settings import Channel, Settings, alert_channels
from crmsync.store import Store

log = structlog.get_logger()

LOOK_SECONDS = 60.0
"""How often it looks without being woken."""
_STOP_SECONDS = 5.0

Served = Callable[[], tuple[Settings, Sequence[str]]]
"""Settings by which the service runs by now, and the connections that it runs."""


class Lookout:
    """Looks once a minute, and whenever it is woken. What goes wrong goes to the log, and nowhere else."""

    def __init__(
        self,
        served: Served,
        now: Callable[[], datetime],
        next_run: NextRun,
        told: Callable[[ChannelMessage], None] = lambda _telling: None,
    ) -> None:
        """`told`: is told of each message."""
        self._served = served
        self._now = now
        self._next_run = next_run
        self._told = told
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._wrong: tuple[str, ...] = ()
        self._store = UnusableStore()

    def wake(self) -> None:
        """Look now: a run has ended."""
        self._wanted.set()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Look while the block runs. A message under way at its end is not waited for long."""
        thread = threading.Thread(target=self._work, name="alerts", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._wanted.set()
            thread.join(_STOP_SECONDS)

    def look(self) -> None:
        """Once. Raises nothing that is crmsync's own."""
        settings, names = self._served()
        if not settings.alerts.channels:
            return
        channels, findings = alert_channels(settings.alerts, settings.file, settings.directory)
        self._tell_wrong(findings)
        try:
            with unforeseen_in_words():
                self._look(settings, names, channels)
        except StoreUnavailable as error:
            log.error("alerts: the store cannot be used", message=error.message)
            self._note(self._store.tell(settings, names, channels, now=self._now()))
        except CrmsyncError as error:
            log.error("alerts: not looked", error=type(error).__name__, message=without_addresses(error.message))

    def _look(self, settings: Settings, names: Sequence[str], channels: Sequence[Channel]) -> None:
        found = statuses(settings, names, now=self._now, next_run=self._next_run)
        with closing(Store(settings.store)) as store:
            self._note(tell_due(settings, store, found, channels, now=self._now))
        self._note(self._store.over(settings, channels, now=self._now()))

    def _note(self, tellings: Iterable[ChannelMessage]) -> None:
        for telling in tellings:
            line = log.bind(channel=telling.channel, alerts=telling.alerts)
            if not telling.taken:
                line.warning("alerts not taken, tried again later", why=telling.trouble)
            elif telling.trouble:
                line.warning("alerts not taken by all", why=telling.trouble)
            else:
                line.info("alerts taken")
            self._told(telling)

    def _tell_wrong(self, findings: Sequence[Finding]) -> None:
        """What is wrong with a channel goes to the log once, and again when it changes."""
        wrong = tuple(map(str, findings))
        if wrong != self._wrong:
            for words in wrong:
                log.error("alerts: a channel cannot be used", message=without_addresses(words))
            self._wrong = wrong

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
            except Exception:
                log.exception("alerts: this is a fault of crmsync, the next look tries again")
            self._wanted.wait(LOOK_SECONDS)
            self._wanted.clear()
