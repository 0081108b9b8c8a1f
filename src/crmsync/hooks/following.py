"""Listening to what CRMs tell over connections that are opened from here: a thread for each, while the service runs.

What comes is kept before more is asked for, together with how far was heard; so whoever goes on from there, after a
kill or on another machine, misses nothing and may hear a little twice. Of machines that share a store one listens.
"""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from crmsync.connection import registry
from crmsync.contract import PositionLost, Subscription
from crmsync.errors import AnotherRunInProgress, CrmsyncError, StoreUnavailable
from crmsync.hooks.intake import Intake
from crmsync.run.unforeseen import unforeseen_in_words
from crmsync.settings import Settings, connector_settings
from crmsync.store import HeardUpTo, Store

log = structlog.get_logger()

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
LOOK_SECONDS = 5.0
"""How often it is looked whether another machine still listens, or the connection was read for the first time."""
_KEEP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A connection that subscribes. `by`: its settings, as far as they say to what."""

    by: Any
    subscribe: Callable[[], Subscription | None]


class Followers:
    """Listens for the connections whose settings name something to subscribe to."""

    def __init__(self, intake: Intake, clock: Callable[[], datetime], location: Callable[[], str]) -> None:
        """Nobody listens yet. `location`: of the store."""
        self._intake = intake
        self._clock = clock
        self._location = location
        self._followers: dict[str, tuple[Any, _Follower]] = {}

    def take(self, settings: Settings, names: tuple[str, ...]) -> None:
        """Listen by these settings from now on; what stays as it is goes on."""
        chosen = {name: found for name in names if (found := _chosen(settings, name)) is not None}
        for name in list(self._followers):
            if name not in chosen or chosen[name].by != self._followers[name][0]:
                self._followers.pop(name)[1].stop()
        for name, found in chosen.items():
            if name not in self._followers and (follower := self._begun(name, found)) is not None:
                self._followers[name] = (found.by, follower)

    def listens_to(self, name: str) -> bool:
        """Whether this connection has a subscription, be it that another machine listens for now."""
        return name in self._followers

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """At the end of the block nobody listens any more."""
        try:
            yield
        finally:
            followers, self._followers = [each for _, each in self._followers.values()], {}
            for follower in followers:
                follower.stop()

    def _begun(self, name: str, chosen: _Chosen) -> _Follower | None:
        try:
            subscription = chosen.subscribe()
        except CrmsyncError as error:
            log.error("not subscribed", connection=name, message=error.message, next_step=error.hint)
            return None
        return (
            None if subscription is None else _Follower(name, subscription, self._intake, self._clock, self._location)
        )


def pause_after(failures: int) -> float:
    """The seconds until a subscription is tried again after so many failures in a row, spread by chance."""
    longest = min(FIRST_PAUSE_SECONDS * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE_SECONDS)
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads tries, protects nothing


def _chosen(settings: Settings, name: str) -> _Chosen | None:
    configured = settings.configured[name]
    try:
        plugin = registry.load(configured.connector)
        subscribe = plugin.subscription
        if subscribe is None:
            return None
        options = connector_settings(plugin, name, configured.options, settings.file, settings.directory)
    except CrmsyncError:  # told by its runs
        return None
    return _Chosen(options, lambda: subscribe(options))


class _Follower:
    """One connection's thread."""

    def __init__(
        self,
        name: str,
        subscription: Subscription,
        intake: Intake,
        clock: Callable[[], datetime],
        location: Callable[[], str],
    ) -> None:
        self._name = name
        self._subscription = subscription
        self._intake = intake
        self._clock = clock
        self._location = location
        self._stopping = threading.Event()
        self._told: str | None = None
        self._failures = 0
        self._thread = threading.Thread(target=self._work, name=f"changes of {name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for it."""
        self._stopping.set()
        self._subscription.close()
        self._thread.join(2 * _KEEP_SECONDS)

    def _work(self) -> None:
        while not self._stopping.is_set():
            pause = LOOK_SECONDS
            try:
                with unforeseen_in_words():
                    self._listen()
            except AnotherRunInProgress:  # another machine listens
                pass
            except CrmsyncError as error:
                pause = self._failed(error)
            self._stopping.wait(pause)

    def _failed(self, error: CrmsyncError) -> float:
        """The seconds until it is tried again. The same trouble is told once."""
        self._failures += 1
        if error.message != self._told and not self._stopping.is_set():
            log.warning(
                "subscription interrupted; tried again, the schedule goes on",
                connection=self._name,
                message=error.message,
                next_step=error.hint,
            )
            self._told = error.message
        return pause_after(self._failures)

    def _listen(self) -> None:
        """As long as it goes well; not before the connection was read for the first time. Raises `CrmsyncError`."""
        account = self._intake.account(self._name)
        if account is None:
            return
        channel = self._subscription.channel
        with closing(Store(self._location())) as store, store.listen(self._name, now=self._clock()):
            position = store.tellings.position(self._name, account, channel)
            try:
                self._follow(store, account, position)
            except PositionLost as error:
                self._keep(HeardUpTo(account, channel, None), untold=True)
                log.warning(
                    "changes were missed: all that changed is read", connection=self._name, message=error.message
                )
                self._follow(store, account, None)

    def _follow(self, store: Store, account: str, position: str | None) -> None:
        channel, begun = self._subscription.channel, False
        for heard in self._subscription.heard(account, position):
            if not begun:
                log.info("subscribed", connection=self._name, channel=channel)
                begun, self._failures, self._told = True, 0, None
            store.still_held()
            self._keep(HeardUpTo(account, channel, heard.position), heard.tellings, untold=heard.untold)

    def _keep(self, heard: HeardUpTo, tellings: Any = (), *, untold: bool = False) -> None:
        """Into the store, before more is asked for. Raises `CrmsyncError`; then it is heard once more."""
        while not self._stopping.is_set():
            try:
                kept = self._intake.take(self._name, tellings, self._clock(), heard=heard, untold=untold)
            except queue.Full:
                self._stopping.wait(0.1)
                continue
            try:
                kept.result(_KEEP_SECONDS)
            except TimeoutError:
                raise StoreUnavailable(f"the store took nothing for {_KEEP_SECONDS:.0f} seconds") from None
            return
