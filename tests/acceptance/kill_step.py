"""The command with a bomb in it: `python kill_step.py LOG KILL_AT BATCH -- run salesforce …` (tests only).

Counts what the command does step by step, writes each step's name into LOG, and kills its own process with SIGKILL
at step number KILL_AT (0 = never; less than 0: stops there with SIGSTOP, as on a machine that freezes). Steps are:
before and after every verb of the store, before every commit of a transaction, before and after every HTTP request,
whatever the connector's verb. BATCH bounds how many records one write call of the connector holds, so that a small
plan makes many batches (0 = as the connector says).
"""

from __future__ import annotations

import functools
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import urllib3.connectionpool
from sqlalchemy import event
from sqlalchemy.engine import Engine

from crmsync.cli.main import main
from crmsync.connection import registry
from crmsync.contract import Connector, ConnectorPlugin
from crmsync.store import Store
from crmsync.store.faces.facts import StoredFacts
from crmsync.store.faces.hand_offs import HandOffs
from crmsync.store.faces.history import History
from crmsync.store.faces.journal import Journal
from crmsync.store.faces.runs import Runs
from crmsync.values import replace

CONNECTOR_VERBS = ("org", "fields", "users", "pull", "read", "push", "create")


class Steps:
    """Counts, and pulls the trigger."""

    def __init__(self, log: Path, kill_at: int) -> None:
        self._log = log.open("w", encoding="utf-8", buffering=1)
        self._kill_at = kill_at
        self._count = 0
        self.doing: list[str] = ["start"]

    def step(self, name: str) -> None:
        """One more; the last of the process when it is the one."""
        self._count += 1
        self._log.write(f"{name}\n")
        if self._count == abs(self._kill_at):
            os.kill(os.getpid(), signal.SIGKILL if self._kill_at > 0 else signal.SIGSTOP)

    def wrapped(self, verb: Callable[..., Any], name: str, *, counts: bool) -> Callable[..., Any]:
        """The verb with its name on what happens inside it, and steps before and after it if it `counts`."""

        @functools.wraps(verb)
        def inner(*arguments: Any, **options: Any) -> Any:
            if counts:
                self.step(f"before {name}")
            self.doing.append(name)
            try:
                answer = verb(*arguments, **options)
            finally:
                self.doing.pop()
            if counts:
                self.step(f"after {name}")
            return answer

        return inner


def watch_store(steps: Steps) -> None:
    """Every public verb of the store, and its commits."""
    Store.__init__ = steps.wrapped(Store.__init__, "store.open", counts=True)  # type: ignore[method-assign]
    for face in (Store, StoredFacts, Journal, HandOffs, Runs, History):
        for name, verb in list(vars(face).items()):
            if callable(verb) and not name.startswith("_"):
                setattr(face, name, steps.wrapped(verb, f"{face.__name__.lower()}.{name}", counts=True))
    event.listen(Engine, "commit", lambda _: steps.step(f"before the commit of {steps.doing[-1]}"))


def watch_http(steps: Steps) -> None:
    """Every request of both connectors: their clients stand on urllib3."""
    send = urllib3.connectionpool.HTTPConnectionPool.urlopen

    def urlopen(pool: Any, method: str, url: str, *arguments: Any, **options: Any) -> Any:
        path = re.sub(r"[0-9]{4,}|[0-9a-f-]{20,}|/v[0-9.]+", "…", url.split("?", maxsplit=1)[0])
        name = f"{steps.doing[-1]}: {method} {path}"
        steps.step(f"before {name}")
        answer = send(pool, method, url, *arguments, **options)
        steps.step(f"after {name}")
        return answer

    urllib3.connectionpool.HTTPConnectionPool.urlopen = urlopen  # type: ignore[method-assign]


def watch_connectors(steps: Steps, batch: int) -> None:
    """Names for what a connector does, and small batches."""
    load = registry.load

    def loaded(name: str) -> ConnectorPlugin:
        plugin = load(name)

        def opened(settings: Any) -> Connector:
            connector = plugin.open(settings)
            if batch:
                connector.capabilities = replace(connector.capabilities, write_batch_size=batch)
            for verb in CONNECTOR_VERBS:
                setattr(connector, verb, steps.wrapped(getattr(connector, verb), verb, counts=False))
            return connector

        return replace(plugin, open=opened)

    registry.load = loaded


def command_with_a_bomb() -> None:
    """The program: `sys.argv` as told above."""
    log, kill_at, batch, dashes, *command = sys.argv[1:]
    assert dashes == "--"
    steps = Steps(Path(log), int(kill_at))
    watch_store(steps)
    watch_http(steps)
    watch_connectors(steps, int(batch))
    sys.argv = ["crmsync", *command]
    main()


if __name__ == "__main__":
    command_with_a_bomb()
