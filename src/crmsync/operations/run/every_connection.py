"""`crmsync run`: every chosen connection, each by itself; one failing does not keep the others from running."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from crmsync.clock import local_day
from crmsync.connection.named_leads import named_leads, not_stored
from crmsync.connection.opening import opened
from crmsync.errors import ConfigurationError, CrmsyncError
from crmsync.model import Plan
from crmsync.operations.run.another_run import once_it_has_ended
from crmsync.progress import Progress
from crmsync.run.aims.chosen import Chosen
from crmsync.run.meter import Meter
from crmsync.run.running import RunRequest
from crmsync.run.stopped_early import stops_noted
from crmsync.run.story import run_connection
from crmsync.run.unforeseen import unforeseen_in_words
from crmsync.settings import ConnectionConfiguration, Settings
from crmsync.store import Store

_PATIENCE_SECONDS, _AGAIN_SECONDS = 20.0, 0.05
EXIT_ORDER = (2, 1, 3, 4)
"""Several connections: the code is the first of these that occurred (contracts)."""


class ConnectionReport(Struct, frozen=True):
    """One connection's plan, and the names that make it readable. `error`: why it stopped while writing."""

    plan: Plan
    dry_run: bool
    user_names: Mapping[str, str]
    lead_names: Mapping[str, str]
    error: CrmsyncError | None = None
    clock_notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """The error's, else the plan's."""
        return self.error.exit_code if self.error else self.plan.exit_code


class StoppedConnection(Struct, frozen=True):
    """A connection whose run stopped."""

    connection: str
    error: CrmsyncError


@dataclass
class RunReport:
    """What `crmsync run` answers."""

    dry_run: bool
    as_of: date
    done: list[ConnectionReport] = field(default_factory=list)
    failures: list[StoppedConnection] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """The first of EXIT_ORDER that occurred, else 0."""
        codes = {report.exit_code for report in self.done} | {failure.error.exit_code for failure in self.failures}
        return next((code for code in EXIT_ORDER if code in codes), 0)

    def errors_to_json(self) -> list[dict[str, Any]]:
        """The stopped connections, for the JSON answer."""
        return [error_to_json(failure.connection, failure.error) for failure in self.failures]


def error_to_json(connection: str | None, error: CrmsyncError) -> dict[str, Any]:
    """`connection`: null where the command did not begin."""
    return {
        "connection": connection,
        "exit_code": error.exit_code,
        "error": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
        "findings": [each.to_json() for each in error.findings] if isinstance(error, ConfigurationError) else [],
    }


def run_all(
    settings: Settings,
    names: Sequence[str],
    request: RunRequest,
    *,
    now: Callable[[], datetime],
    progress: Progress,
    stop: Callable[[], bool] = lambda: False,
) -> RunReport:
    """Run the named connections, or all; one that is broken or stops is told, and the others run.

    Raises `UsageError` for a name that is not configured.
    """
    requests = dict.fromkeys(settings.named(names), request)
    return run_each(settings, requests, dry_run=request.dry_run, now=now, progress=progress, stop=stop)


def run_each(
    settings: Settings,
    requests: Mapping[str, RunRequest],
    *,
    dry_run: bool,
    now: Callable[[], datetime],
    progress: Progress,
    stop: Callable[[], bool] = lambda: False,
) -> RunReport:
    """The same, each connection with a request of its own."""
    asked_for = next((request.as_of for request in requests.values()), None)
    report = RunReport(dry_run, asked_for or local_day(now(), "UTC"))
    with closing(Store(settings.store)) as store:
        for name, request in requests.items():
            try:
                request.interruption.begins()
                configuration = settings.connection(name)
                with unforeseen_in_words():
                    done = run_one(settings, configuration, store, request, now=now, progress=progress, stop=stop)
            except CrmsyncError as error:
                report.failures.append(StoppedConnection(name, error))
            except KeyboardInterrupt:
                if request.interruption.by is None:
                    raise
                report.failures.append(StoppedConnection(name, request.interruption.stopped()))
            else:
                report.done.append(done)
                if done.error:
                    report.failures.append(StoppedConnection(name, done.error))
            request.interruption.tells()
        report.failures += _named_nowhere(settings, store, requests, report.done)
    if report.done:
        report.as_of = report.done[0].plan.as_of
    return report


def _named_nowhere(
    settings: Settings, store: Store, requests: Mapping[str, RunRequest], done: Sequence[ConnectionReport]
) -> list[StoppedConnection]:
    """A lead that is named for several connections is in one of them; in none it is a slip, told by each."""
    names = [report.plan.connection for report in done]
    looked = {
        name: aim.known(settings.connection(name), store)
        for name in names
        if isinstance(aim := requests[name].aim, Chosen) and not aim.alone
    }
    if not looked or len(done) < len(requests):  # who did not run may know it
        return []
    there = {lead for known in looked.values() for lead, ids in known.items() if ids}
    missing = {name: [lead for lead in known if lead not in there] for name, known in looked.items()}
    return [
        StoppedConnection(name, not_stored(name, named_leads(settings.connection(name), store, leads)))
        for name, leads in missing.items()
        if leads
    ]


@contextmanager
def _held(settings: Settings, store: Store, name: str, now: Callable[[], datetime]) -> Iterator[None]:
    """The connection's lock. Where CRMs tell of changes it is asked for again: runs by tellings are short."""
    is_told = settings.hooks is not None or store.tellings.standing(name).subscribed
    with ExitStack() as held:
        once_it_has_ended(
            lambda: held.enter_context(store.hold(name, now=now())),
            patience_seconds=_PATIENCE_SECONDS if is_told else 0,
            apart_seconds=_AGAIN_SECONDS,
        )
        yield


def run_one(
    settings: Settings,
    configuration: ConnectionConfiguration,
    store: Store,
    request: RunRequest,
    *,
    now: Callable[[], datetime],
    progress: Progress,
    stop: Callable[[], bool] = lambda: False,
    meter: Meter | None = None,
) -> ConnectionReport:
    """One connection: hold its lock, sign in, run. Raises `CrmsyncError`."""
    meter = meter or Meter()
    with ExitStack() as held:
        held.enter_context(_held(settings, store, configuration.name, now))
        with stops_noted(store, configuration.name, now):
            connection = held.enter_context(opened(settings, configuration, now(), meter.used))
        ran = run_connection(connection, store, request, now=now, progress=progress, stop=stop, meter=meter)
        names = connection.prepared.user_names
        return ConnectionReport(ran.plan, request.dry_run, names, ran.lead_names, ran.error, ran.clock_notes)
