"""`crmsync serve`: what it runs, by files that may change meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

import structlog

from crmsync.errors import CrmsyncError, UsageError
from crmsync.operations.run.clocks import ClockLook
from crmsync.operations.run.connection_job import ConnectionJob, Ended, tell_stop
from crmsync.operations.run.told_job import ToldJob
from crmsync.run.unforeseen import unforeseen_in_words
from crmsync.settings import GATHER_SECONDS, ScheduleSettings, Settings
from crmsync.store import Store

log = structlog.get_logger()

Job = Callable[[Callable[[], bool]], None]
"""One run of a connection; it is given `stop`, which it asks between batches."""


Jobs = Mapping[str, tuple[ScheduleSettings, datetime | None, Job]]
"""Connection → (its schedule, the start of its last finished run, its job), for `schedule.serve`."""


class ServedConnections:
    """What the service runs, by the files as they are now; a set of files that is not right is never taken."""

    def __init__(
        self,
        settings: Settings,
        names: tuple[str, ...],
        clock: Callable[[], datetime],
        read_again: Callable[[], Settings],
        ended: Ended = lambda _end: None,
        listened_to: Callable[[str], bool] = lambda _name: False,
    ) -> None:
        """A connection whose files are wrong is told here and scheduled all the same: it runs once they are mended.

        `read_again` reads crmsync.yaml and all it names, and may raise `UsageError`. Raises `UsageError` for a name
        that is not configured, `ConfigurationError` when no connection is right. `listened_to`: whether the service
        has a subscription of the connection.
        """
        chosen = settings.named(names)
        if all(name in settings.broken for name in chosen):
            settings.chosen(chosen)
        for name in chosen:
            if name in settings.broken:
                tell_stop(
                    log.bind(connection=name), "connection is not right; it waits until mended", settings.broken[name]
                )
        self._names = names
        self._settings = settings
        self._clock = clock
        self._read_again = read_again
        self._ended = ended
        self._listened_to = listened_to
        self._jobs = {name: self._job(name) for name in chosen}
        self._told: dict[str, ToldJob] = {}
        self._taken = self._seen = stamps(_files(settings))
        self._refused: str | None = None

    def served(self) -> tuple[Settings, tuple[str, ...]]:
        """What runs go by now, and the connections that are run."""
        return self._settings, tuple(self._jobs)

    def jobs(self) -> Jobs:
        """What to run. Raises `CrmsyncError` when the store cannot be used."""
        with closing(Store(self._settings.store)) as store:
            runs: dict[str, tuple[ScheduleSettings, datetime | None, Job]] = {
                name: (self._settings.configured[name].schedule, _last_run(store, name), job)
                for name, job in self._jobs.items()
            }
        return runs | self._clock_looks()

    def told_jobs(self) -> Mapping[str, ToldJob]:
        """What to do when CRMs tell of changes: of the connections that are run."""
        for name, job in self._jobs.items():
            if name not in self._told:
                self._told[name] = ToldJob(
                    name, lambda: self._settings, self._clock, job, self._ended, self._listened_to
                )
        self._told = {name: told for name, told in self._told.items() if name in self._jobs}
        return dict(self._told)

    def gather_seconds(self) -> float:
        """How long tellings gather before what they name is read together."""
        return self._settings.hooks.gather_seconds if self._settings.hooks else GATHER_SECONDS

    @property
    def shared(self) -> bool:
        """Whether other machines may be told of changes, too."""
        return self._settings.store.startswith("postgresql")

    def _clock_looks(self) -> dict[str, tuple[ScheduleSettings, datetime | None, Job]]:
        """Looks at clocks on schedules of their own, beside the runs."""
        looks: dict[str, tuple[ScheduleSettings, datetime | None, Job]] = {}
        for name, job in self._jobs.items():
            if (schedule := self._settings.configured[name].schedule.clocks) is not None:
                look = ClockLook(name, lambda: self._settings, self._clock, job)
                looks[f"{name} (clocks)"] = (schedule, None, look)
        return looks

    def run_elsewhere(self, name: str) -> datetime | None:
        """The start of the connection's last finished run, where machines share the store; else null.

        Null as well where the store cannot be asked: the run will tell. And of looks at clocks: each machine looks.
        """
        if name not in self._jobs:
            return None
        try:
            with unforeseen_in_words(), closing(Store(self._settings.store)) as store:
                return _last_run(store, name) if store.shared else None
        except CrmsyncError:
            return None

    def abandoned(self) -> tuple[str, ...]:
        """Connections on which a process of another machine was at work when it died or froze."""
        try:
            with unforeseen_in_words(), closing(Store(self._settings.store)) as store:
                return store.abandoned(self._jobs)
        except CrmsyncError:  # told by runs, and by whoever watches
            return ()

    def reread(self, asked: bool) -> Jobs | None:
        """What to run from now on, where the files have changed and are right; else null, and the old goes on.

        A change is looked at once the files have stayed as they are since the look before, unless somebody `asked`.
        What is wrong with them is told once.
        """
        stamp = stamps(_files(self._settings))
        settled, self._seen = stamp == self._seen, stamp
        if not asked and (not settled or stamp == self._taken):
            return None
        try:
            new = self._read_again()
            self._refuse_what_needs_care(new)
            jobs = self._take(new)
        except CrmsyncError as error:
            if asked or str(error) != self._refused:
                tell_stop(log, "the files have changed and are not taken; what was read before goes on", error)
            self._refused = str(error)
            return None
        log.info("files read again", connections=list(jobs))
        return jobs

    def _refuse_what_needs_care(self, new: Settings) -> None:
        """Raises `UsageError`: a set of files goes on as a whole, and on the same store."""
        worse = [name for name in new.named(self._names) if name in new.broken and name not in self._settings.broken]
        if worse:
            new.chosen(worse)
        if new.store != self._settings.store:
            raise UsageError("the store is another one now", hint="restart `crmsync serve` to change over to it")

    def _take(self, new: Settings) -> Jobs:
        before, self._settings = self._settings, new
        try:
            kept = {name: self._jobs.get(name) or self._job(name) for name in new.named(self._names)}
            for name, job in kept.items():
                job.take(new, to_mend=name in new.broken)
            self._jobs = kept
            jobs = self.jobs()
        except CrmsyncError:
            self._settings = before
            raise
        self._taken = self._seen = stamps(_files(new))
        self._refused = None
        return jobs

    def _job(self, name: str) -> ConnectionJob:
        return ConnectionJob(name, self._settings, self._clock, self._read_again, self._ended)


def _files(settings: Settings) -> tuple[Path, ...]:
    """What is looked at for changes: `.env`, too, by which the service itself is watched."""
    return (*settings.files, settings.directory / ".env")


def stamps(files: Iterable[Path]) -> tuple[tuple[int, int, int] | None, ...]:
    """What changes when a file does: time, size and inode of each; null for one that is not there."""
    return tuple(_stamp(file) for file in files)


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _last_run(store: Store, connection: str) -> datetime | None:
    last = store.runs.last_of_everybody(connection)
    return last.started_at if last else None
