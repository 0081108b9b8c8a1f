"""Where the service listens, which may change while it runs."""

from __future__ import annotations

from contextlib import ExitStack

import structlog
from prometheus_client import CollectorRegistry

from crmsync.errors import UsageError
from crmsync.settings import Settings, WatchSettings
from crmsync.watch.server import Health, listening

log = structlog.get_logger()


class Listener:
    """Answers at the address that the settings name, once they were taken; nowhere where they name none."""

    def __init__(self, registry: CollectorRegistry, alive: Health, ready: Health) -> None:
        """It listens nowhere yet."""
        self._registry = registry
        self._alive = alive
        self._ready = ready
        self._place: tuple[WatchSettings | None, str | None] = (None, None)
        self._open = ExitStack()

    def take(self, settings: Settings) -> None:
        """Listen there from now on. Raises `UsageError` for an address that cannot be had; the former one goes on."""
        secret = settings.environment.watch_token
        wanted = (settings.watch, secret.get_secret_value() if secret else None)
        if wanted == self._place:
            return
        former = self._place
        in_place = former[0] is not None and settings.watch is not None and former[0].listen == settings.watch.listen
        if in_place:  # of two tokens only one can be asked for there
            self._open.close()
            self._place = (None, None)  # so that the next look tries again, should neither be had
        try:
            opened = self._at(*wanted)
        except UsageError:
            if in_place:
                self._open, self._place = self._at(*former), former
            raise
        self._open.close()
        self._open, self._place = opened, wanted

    def take_if_it_can_be(self, settings: Settings) -> None:
        """The same while the service runs: what keeps it from being taken goes to the log."""
        try:
            self.take(settings)
        except UsageError as error:
            log.error("watch is not taken, the former address goes on", message=error.message, next_step=error.hint)

    def close(self) -> None:
        """Listen no longer."""
        self._open.close()

    def _at(self, settings: WatchSettings | None, token: str | None) -> ExitStack:
        opened = ExitStack()
        opened.enter_context(listening(settings, self._registry, self._alive, self._ready, token=token))
        return opened
