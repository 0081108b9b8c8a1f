"""The console as a part of the service: where its address is, which may change while it runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime

import structlog

from crmsync.console.access import access_by
from crmsync.console.routes import application
from crmsync.console.site import Site
from crmsync.errors import UsageError
from crmsync.listening import served
from crmsync.operations.status.needs import NextRun
from crmsync.settings import ConsoleSettings, Settings

log = structlog.get_logger()

AT_ONCE = 256


class ConsoleListener:
    """Answers at the address that `console:` names; nowhere where there is no such part."""

    def __init__(self, settings: Callable[[], Settings], clock: Callable[[], datetime], next_run: NextRun) -> None:
        """`settings`: reads the files anew. It listens nowhere yet."""
        self._read, self._clock, self._next_run = settings, clock, next_run
        self._open = ExitStack()
        self._settings: ConsoleSettings | None = None
        self._site: Site | None = None
        self.address: str | None = None

    def take(self, settings: Settings) -> None:
        """Listen by these settings from now on. Raises `UsageError` for an address or people that cannot be had."""
        if settings.console == self._settings:
            return
        access = access_by(settings, None, None, self._clock)
        self.close()
        if settings.console is None:
            return
        site = Site(self._read, self._clock, self._next_run, None, access)
        app = application(site, settings.console.public_url)
        opened = ExitStack()
        console = settings.console
        self.address = opened.enter_context(served(app, console.host, console.port, name="console", at_once=AT_ONCE))
        self._open, self._settings, self._site = opened, console, site
        log.info("console", address=self.address)

    def take_if_it_can_be(self, settings: Settings) -> None:
        """The same while the service runs: what keeps it from being taken goes to the log."""
        try:
            self.take(settings)
        except UsageError as error:
            log.error("the console is not taken", message=error.message, next_step=error.hint)

    def close(self) -> None:
        """Listen no longer; what it writes ends between two batches."""
        self._open.close()
        if self._site is not None:
            self._site.close()
        self._open, self._settings, self._site, self.address = ExitStack(), None, None, None
