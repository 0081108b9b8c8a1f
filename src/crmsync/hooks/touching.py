"""A signed touch sent to the running service, and what becomes of it: a trial of the way that tellings take."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from crmsync.connection.named_leads import HOW_TO_NAME, named_leads, not_stored
from crmsync.errors import RunStopped, UsageError
from crmsync.hooks.signing import signed
from crmsync.settings import Settings
from crmsync.store import Store

_ANSWER_SECONDS = 15.0
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Touched:
    """What became of a touch. `read_after_seconds`: null = within the time that was waited it was not read."""

    connection: str
    leads: tuple[str, ...]
    address: str
    status: int
    answer: str
    read_after_seconds: float | None

    @property
    def exit_code(self) -> int:
        """0 where it was taken and read."""
        return 0 if self.status == 200 and self.read_after_seconds is not None else 1

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {
            "connection": self.connection,
            "leads": list(self.leads),
            "address": self.address,
            "status": self.status,
            "answer": self.answer,
            "read_after_seconds": self.read_after_seconds,
        }


def touch(
    settings: Settings, connection: str, names: Sequence[str], *, now: Callable[[], datetime], wait_seconds: float
) -> Touched:
    """Touch these leads of the connection, or its first one, and wait until they are read.

    `names`: in any form that a person writes. Raises `UsageError` without hooks, secret or such a lead, `RunStopped`
    where nobody answers.
    """
    hooks, secret = settings.hooks, settings.environment.hooks_secret
    if hooks is None:
        raise UsageError(
            "crmsync.yaml names no `hooks`", hint="write `hooks: {listen: 127.0.0.1:9465}`, and start `crmsync serve`"
        )
    if secret is None:
        raise UsageError("there is no secret to sign with", hint="set CRMSYNC_HOOKS_SECRET in `.env`")
    configuration = settings.connection(connection)
    with closing(Store(settings.store)) as store:
        leads = _leads(settings, connection, names, store)
        body = json.dumps({"connection": connection, "leads": leads}).encode()
        address = f"http://{hooks.listen}/hooks/touch"
        began = time.monotonic()
        status, answer = _posted(address, body, signed(secret.get_secret_value(), body, now()))
        read = (
            _read(store, connection, configuration.mapping.lead.object, leads, wait_seconds)
            if status == 200
            else None
        )
        seconds = round(time.monotonic() - began, 2) if read else None
    return Touched(connection, tuple(leads), address, status, answer, seconds)


def _leads(settings: Settings, connection: str, names: Sequence[str], store: Store) -> list[str]:
    stored = store.facts.leads_of_connection(connection, limit=1) if not names else ()
    if not names and not stored:
        raise UsageError(
            f"nothing is stored of {connection} yet", hint=f"crmsync run {connection} --dry-run reads it"
        )
    if not names:
        return list(stored)
    named = named_leads(settings.connection(connection), store, names)
    known = store.facts.stored_among(connection, [lead for ids in named.values() for lead in ids])
    if missing := {name: ids for name, ids in named.items() if not known.intersection(ids)}:
        raise not_stored(connection, missing, HOW_TO_NAME)
    return sorted(known)


def _posted(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    parts = urlsplit(address)
    sender = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_ANSWER_SECONDS)
    try:
        sender.request("POST", parts.path, body, {**headers, "Content-Type": "application/json"})
        answer = sender.getresponse()
        return answer.status, answer.read(10_000).decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException):
        raise RunStopped(
            f"nobody answers at {address}", hint="is `crmsync serve` running with these files?"
        ) from None
    finally:
        sender.close()


def _read(store: Store, connection: str, object_name: str, leads: Sequence[str], wait_seconds: float) -> bool:
    """Whether none of them waits any more."""
    until, mine = time.monotonic() + wait_seconds, set(leads)
    while time.monotonic() < until:
        if not store.tellings.are_waiting(connection, object_name, mine):
            return True
        time.sleep(_LOOK_SECONDS)
    return False
