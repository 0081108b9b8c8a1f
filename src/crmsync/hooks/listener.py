"""Where hooks are listened to, which may change while the service runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime

import structlog

from crmsync.errors import UsageError
from crmsync.hooks.desk import HooksDesk
from crmsync.hooks.intake import Intake
from crmsync.hooks.patience import hurried
from crmsync.hooks.server import application
from crmsync.listening import served
from crmsync.settings import HooksSettings, Settings

log = structlog.get_logger()

AT_ONCE = 256
"""So many connections are answered at once."""


class HooksListener:
    """Takes hooks at the address that the settings name; nowhere where they name none."""

    def __init__(self, intake: Intake, clock: Callable[[], datetime]) -> None:
        """It listens nowhere yet."""
        self._intake = intake
        self._clock = clock
        self._open = ExitStack()
        self._settings: HooksSettings | None = None
        self._desk: HooksDesk | None = None
        self.address: str | None = None

    def take(self, settings: Settings, names: tuple[str, ...]) -> None:
        """Listen by these settings from now on. Raises `UsageError` for an address that cannot be had."""
        desk = None if settings.hooks is None else HooksDesk(settings, names, self._intake.account)
        if settings.hooks != self._settings:
            self._open.close()
            self._open, self._settings, self.address = ExitStack(), None, None
        self._desk = desk
        if settings.hooks is not None and desk is not None:
            if self._settings is None:
                self.address = self._open.enter_context(self._at(settings.hooks))
                self._settings = settings.hooks
            self._tell(desk)

    def take_if_it_can_be(self, settings: Settings, names: tuple[str, ...]) -> None:
        """The same while the service runs: what keeps it from being taken goes to the log."""
        try:
            self.take(settings, names)
        except UsageError as error:
            log.error("hooks are not taken, CRMs are read by schedule", message=error.message, next_step=error.hint)

    def close(self) -> None:
        """Listen no longer."""
        self._open.close()

    def _at(self, hooks: HooksSettings) -> AbstractContextManager[str]:
        app = application(hooks, self._present, self._intake, self._clock, lambda: self._base(hooks))
        protocol = hurried(hooks.slowest_seconds)
        return served(app, hooks.host, hooks.port, name="hooks", protocol=protocol, at_once=AT_ONCE)

    def _present(self) -> HooksDesk:
        assert self._desk is not None, "nobody listens without one"
        return self._desk

    def _base(self, hooks: HooksSettings) -> str:
        return hooks.public_url or self.address or hooks.base

    def _tell(self, desk: HooksDesk) -> None:
        log.info("hooks", address=self.address, connections=list(desk.set_up), touches=desk.takes_touches)
