"""The parts of the service, put together: what runs, what listens, what tells, all by the files as they are now."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path

from crmsync.alerts import Lookout
from crmsync.clock import now
from crmsync.console import ConsoleListener
from crmsync.hooks import Followers, HooksListener, Intake
from crmsync.operations.run.connection_job import RunEnd
from crmsync.operations.run.serve import ServedConnections
from crmsync.schedule import LOOK_SECONDS, Jobs, OnCall, beginning, first_due, serve
from crmsync.settings import KeptSettings, Settings, load_settings
from crmsync.watch import Counted, Heartbeat, Listener, StandingGauges


class Service:
    """What `crmsync serve` is made of. Each part asks `_served` which files count by now."""

    def __init__(self, config: Path, settings: Settings, connections: tuple[str, ...]) -> None:
        """Nothing runs or listens yet. Raises as `ServedConnections` does."""
        self._settings = settings
        self._counted, self._heartbeat = Counted(), Heartbeat(5 * LOOK_SECONDS)
        self._served = ServedConnections(
            settings, connections, now, lambda: load_settings(config), self._ended, self._listened_to
        )
        self._watch_parts()
        self._hook_parts()
        self._console = ConsoleListener(KeptSettings(config), now, first_due)

    def run(self) -> None:
        """Until somebody asks it to stop. Raises `CrmsyncError` for what keeps it from beginning."""
        with beginning(), ExitStack() as at_work:
            at_work.enter_context(closing(self._watch))
            for part in (self._lookout, self._on_call, self._intake):
                at_work.enter_context(part.at_work())
            at_work.enter_context(closing(self._hooks))
            at_work.enter_context(self._followers.at_work())
            at_work.enter_context(closing(self._console))
            self._watch.take(self._settings)
            self._console.take(self._settings)
            self._hooks.take(*self._served.served())
            self._follow()
            serve(
                self._served.jobs(),
                clock=now,
                reread=self._reread,
                elsewhere=self._served.run_elsewhere,
                abandoned=self._served.abandoned,
                looked=self._heartbeat.beat,
            )

    def _watch_parts(self) -> None:
        """Who looks from outside, and who is told of what needs a person."""
        served, counted = self._served.served, self._counted
        self._lookout = Lookout(served, now, first_due, lambda it: counted.told(it.channel, taken=it.taken))
        standing = StandingGauges(served, now, first_due)
        counted.registry.register(standing)
        self._watch = Listener(counted.registry, self._heartbeat.trouble, standing.trouble)

    def _hook_parts(self) -> None:
        """What CRMs tell, and the runs that answer it."""
        self._on_call = OnCall(self._served.gather_seconds, lambda: self._served.shared)
        self._intake = Intake(self._store, now, self._on_call.call, self._counted.told_of)
        self._hooks = HooksListener(self._intake, now)
        self._followers = Followers(self._intake, now, self._store)

    def _reread(self, asked: bool) -> Jobs | None:
        """The jobs by files that have changed, taken by every part; null where none has, or they are not right."""
        jobs = self._served.reread(asked)
        if jobs is not None:
            self._watch.take_if_it_can_be(self._served.served()[0])
            self._hooks.take_if_it_can_be(*self._served.served())
            self._console.take_if_it_can_be(self._served.served()[0])
            self._follow()
        return jobs

    def _follow(self) -> None:
        self._followers.take(*self._served.served())
        self._on_call.run(self._served.told_jobs())

    def _ended(self, run: RunEnd) -> None:
        self._counted.ended(run)
        if not run.told:  # these come by the second
            self._lookout.wake()

    def _listened_to(self, name: str) -> bool:
        return self._followers.listens_to(name)

    def _store(self) -> str:
        return self._served.served()[0].store
