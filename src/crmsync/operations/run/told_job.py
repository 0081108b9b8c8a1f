"""What a service does about tellings of one connection: some of them are read at once, decided and written."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import datetime
from time import monotonic

import structlog

from crmsync.connection.opening import Opened, opened
from crmsync.errors import AnotherRunInProgress, CrmsyncError, Unforeseen
from crmsync.operations.run.connection_job import ConnectionJob, Ended, RunEnd, outcomes_of, tell_run, tell_stop
from crmsync.operations.run.every_connection import ConnectionReport
from crmsync.run.aims.told import ToldLeads, WholeRunNeeded
from crmsync.run.meter import Meter
from crmsync.run.running import RunRequest
from crmsync.run.story import run_connection
from crmsync.run.unforeseen import unforeseen_in_words
from crmsync.settings import Settings
from crmsync.store import Store, Waiting
from crmsync.values import replace

log = structlog.get_logger()

MOST_AT_ONCE = 200
"""So many records are read by one run: it ends soon, and the schedule has its turn."""
OPEN_SECONDS = 60.0
"""So long a connection stays signed in between two runs, with what was read of users and fields."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 2.0, 60.0
_READ = frozenset({0, 3, 4})
"""Exit codes of runs that have read all that changed."""
_SOON_SECONDS = 0.2
"""Until the next look, where another process or the schedule is at work on the connection."""


class ToldJob:
    """Runs by tellings of one connection. Used by one thread."""

    def __init__(
        self,
        name: str,
        settings: Callable[[], Settings],
        clock: Callable[[], datetime],
        run: ConnectionJob,
        ended: Ended,
        listened_to: Callable[[str], bool] = lambda _name: False,
    ) -> None:
        """`settings`: those by which the service runs by now. `run`: the connection's runs by schedule.

        `listened_to`: whether the service has a subscription of the connection.
        """
        self._name = name
        self._settings = settings
        self._clock = clock
        self._run = run
        self._ended = ended
        self._listened_to = listened_to
        self._kept = _KeptOpen(name, clock)
        self._failures = 0

    def close(self) -> None:
        """Sign out."""
        self._kept.close()

    def __call__(self, stop: Callable[[], bool]) -> float | None:
        """Read what waits. Gives the seconds until it wants to look again, null = when something is told.

        Nothing is raised; everything goes to the log.
        """
        settings, line = self._settings(), log.bind(connection=self._name)
        is_told = settings.hooks is not None or self._listened_to(self._name)
        if not is_told or self._name in settings.broken:
            return None
        try:
            with unforeseen_in_words():
                return self._read(settings, stop)
        except WholeRunNeeded:
            self._kept.close()
            line.info("told of changes; everything is read first")
            self._run(stop)
            return _SOON_SECONDS
        except AnotherRunInProgress:
            return _SOON_SECONDS
        except CrmsyncError as error:
            self._kept.close()
            tell_stop(line, "what was told could not be read; tried again", error)
            return self._pause()

    def _read(self, settings: Settings, stop: Callable[[], bool]) -> float | None:
        """Some of what waits. Raises `CrmsyncError`."""
        store = self._kept.store(settings)
        told = store.tellings.waiting(self._name, limit=MOST_AT_ONCE)
        if not told:
            self._failures = 0
            return None
        if anything := tuple(each for each in told if each.is_anything):
            return self._read_what_changed(store, anything, stop)
        return self._turn(settings, store, told, stop)

    def _read_what_changed(self, store: Store, told: tuple[Waiting, ...], stop: Callable[[], bool]) -> float:
        """A run of the schedule now, as it was not told what has changed. Gives the seconds until the next look."""
        before = self._clock()
        self._run(stop)
        read = any(
            run.started_at >= before and run.exit_code in _READ
            for run in store.runs.last(self._name, limit=3, with_told=False)
        )
        if not read:
            return self._pause()
        store.tellings.were_read(self._name, told)
        self._failures = 0
        return 0.0

    def _turn(self, settings: Settings, store: Store, told: tuple[Waiting, ...], stop: Callable[[], bool]) -> float:
        """One run, if it is this one's turn; the seconds until the next look."""
        with self._run.turn.of_tellings() as begins:
            if not begins:
                return _SOON_SECONDS
            began, meter = monotonic(), Meter()
            try:
                report = self._one(settings, store, told, stop, meter)
            except (AnotherRunInProgress, WholeRunNeeded):
                raise
            except CrmsyncError as error:
                code = None if isinstance(error, Unforeseen) else error.exit_code
                self._ended(RunEnd(self._name, code, monotonic() - began, meter, told=True))
                raise
        counted = outcomes_of(report)
        self._ended(RunEnd(self._name, report.exit_code, monotonic() - began, meter, counted, told=True))
        if report.error is not None:
            raise report.error
        self._failures = 0
        return 0.0

    def _one(
        self,
        settings: Settings,
        store: Store,
        told: tuple[Waiting, ...],
        stop: Callable[[], bool],
        meter: Meter,
    ) -> ConnectionReport:
        turn = self._run.turn
        with store.hold(self._name, now=self._clock()):
            connection = self._kept.opened(settings)
            try:
                ran = run_connection(
                    connection,
                    store,
                    RunRequest(dry_run=False, aim=ToldLeads(told)),
                    now=self._clock,
                    progress=lambda _what, _done, _total: None,
                    stop=lambda: stop() or turn.awaited,
                    meter=meter,
                )
            finally:
                meter.used(connection.connector.usage().since(connection.before))
            store.tellings.were_read(self._name, told)
        report = ConnectionReport(ran.plan, False, connection.prepared.user_names, ran.lead_names, ran.error)
        if ran.plan.changes or ran.plan.set_aside:
            tell_run(log.bind(connection=self._name, told=len(told)), report)
        else:
            log.debug("told of changes; nothing follows", connection=self._name, told=len(told))
        return report

    def _pause(self) -> float:
        self._failures += 1
        return float(min(FIRST_PAUSE_SECONDS * 2 ** (self._failures - 1), LONGEST_PAUSE_SECONDS))


class _KeptOpen:
    """The store, and the connection signed in, for some runs that follow each other closely."""

    def __init__(self, name: str, clock: Callable[[], datetime]) -> None:
        self._name = name
        self._clock = clock
        self._stack = ExitStack()
        self._opened: Opened | None = None
        self._by: Settings | None = None
        self._since = 0.0
        self._store: Store | None = None

    def store(self, settings: Settings) -> Store:
        """The store, which is kept open, too: it remembers how it asked. Raises `CrmsyncError`."""
        if self._store is None:
            self._store = Store(settings.store)
        return self._store

    def opened(self, settings: Settings) -> Opened:
        """By these settings, and not for long. Raises `CrmsyncError`."""
        if self._opened is None or self._by is not settings or monotonic() - self._since > OPEN_SECONDS:
            self._sign_out()
            configuration = settings.connection(self._name)
            self._opened = self._stack.enter_context(opened(settings, configuration, self._clock()))
            self._by, self._since = settings, monotonic()
            return self._opened
        return replace(self._opened, before=self._opened.connector.usage())

    def close(self) -> None:
        """Release sockets."""
        self._sign_out()
        store, self._store = self._store, None
        if store is not None:
            with suppress(CrmsyncError):
                store.close()

    def _sign_out(self) -> None:
        with suppress(CrmsyncError):
            self._stack.close()
        self._stack, self._opened, self._by = ExitStack(), None, None
