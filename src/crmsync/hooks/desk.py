"""Who may tell what: each delivery is believed by what proves it, or refused for a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
import structlog

from crmsync.connection import registry
from crmsync.connection.named_leads import id_form
from crmsync.connection.snapshot import Snapshot
from crmsync.contract import ALL_ACTIVITIES, Delivery, Doubt, Telling, TellingReader
from crmsync.errors import CrmsyncError
from crmsync.hooks.signing import SIGNATURE, TIMESTAMP, is_of_now, is_right
from crmsync.settings import Settings, connector_settings
from crmsync.store import Store

log = structlog.get_logger()

MOST_TOUCHED = 1_000

Refusal = Doubt | Literal["no_connection", "not_set_up", "too_large", "too_slow", "busy", "another_account"]
"""Why a delivery is refused; `another_account` alone is acknowledged, as its sender would only send it again."""


@dataclass(frozen=True, slots=True)
class Believed:
    """What a delivery tells of a connection. `answer`: what the sender wants to hear, and its media type.

    `strange`: tellings of accounts that are not the connection's, or of a connection that was never read.
    """

    connection: str
    tellings: tuple[Telling, ...]
    answer: tuple[bytes, str]
    strange: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not, and of which connection, where there is one."""

    reason: Refusal
    connection: str | None = None


class _Touch(msgspec.Struct):
    """The body of a touch."""

    connection: str
    leads: list[str]


class HooksDesk:
    """Looks at deliveries by settings that stay as they are."""

    def __init__(self, settings: Settings, names: tuple[str, ...], accounts: Callable[[str], str | None]) -> None:
        """`names`: connections that are served. `accounts`: connection → the id of its account, null before it was
        read for the first time.
        """
        self._settings = settings
        self.names = names
        self._accounts = accounts
        self._readers: Mapping[str, TellingReader | None] = {name: _reader(settings, name) for name in names}
        secret = settings.environment.hooks_secret
        self._secret = secret.get_secret_value() if secret else None

    @property
    def set_up(self) -> tuple[str, ...]:
        """Connections whose CRMs are listened to."""
        return tuple(name for name, reader in self._readers.items() if reader is not None)

    @property
    def takes_touches(self) -> bool:
        """Whether there is a secret with which they are signed."""
        return self._secret is not None

    def hook(self, connection: str, delivery: Delivery) -> Believed | Refused:
        """What a CRM sends."""
        if connection not in self._readers:
            return Refused("no_connection")
        reader = self._readers[connection]
        if reader is None:
            return Refused("not_set_up", connection)
        read = reader.read(delivery)
        if isinstance(read, str):
            return Refused(read, connection)
        account = self._accounts(connection)
        own = tuple(each for each in read if each.account == account)
        return Believed(connection, own, reader.acknowledgement, len(read) - len(own))

    def touch(self, delivery: Delivery) -> Believed | Refused:
        """What anybody sends who knows the secret."""
        if self._secret is None:
            return Refused("not_set_up")
        if (doubt := _doubt(self._secret, delivery)) is not None:
            return Refused(doubt)
        touched = _touch_in(delivery.body)
        if touched is None:
            return Refused("not_readable")
        if touched.connection not in self._readers:
            return Refused("no_connection")
        return self._touched(touched, delivery.came_at)

    def _touched(self, touched: _Touch, came_at: datetime) -> Believed:
        name = touched.connection
        answer = (msgspec.json.encode({"taken": len(set(touched.leads))}), "application/json")
        account, configuration = self._accounts(name), self._settings.connections.get(name)
        if account is None or configuration is None:
            return Believed(name, (), answer, len(touched.leads))
        connector = configuration.settings.connector
        leads = tuple(dict.fromkeys(id_form(connector, each) or each for each in touched.leads))
        telling = Telling(account, configuration.mapping.lead.object, leads, came_at, ALL_ACTIVITIES)
        return Believed(name, (telling,), answer)


def _reader(settings: Settings, name: str) -> TellingReader | None:
    """Null where the connector is told nothing, or nothing proves it, or the connection's settings are not right."""
    configured = settings.configured[name]
    try:
        plugin = registry.load(configured.connector)
        if plugin.tellings is None:
            return None
        return plugin.tellings(
            connector_settings(plugin, name, configured.options, settings.file, settings.directory)
        )
    except CrmsyncError:  # told by its runs
        return None


def _doubt(secret: str, delivery: Delivery) -> Doubt | None:
    given, timestamp = delivery.headers.get(SIGNATURE), delivery.headers.get(TIMESTAMP, "")
    if not given or not timestamp:
        return "unsigned"
    if not is_right(secret, given, timestamp, delivery.body):
        return "wrong_signature"
    return None if is_of_now(timestamp, delivery.came_at) else "old"


def _touch_in(body: bytes) -> _Touch | None:
    try:
        touched = msgspec.json.decode(body, type=_Touch)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    some = 0 < len(touched.leads) <= MOST_TOUCHED
    return touched if some and all(map(_may_be_an_id, touched.leads)) else None


def _may_be_an_id(text: str) -> bool:
    return 0 < len(text) <= 100 and text.isascii() and text.isprintable()


def account_of(store: Store, connection: str) -> str | None:
    """The id of the account that the connection was last seen to be of."""
    text = store.runs.snapshot(connection)
    snapshot = Snapshot.from_text(text) if text else None
    return snapshot.org.id if snapshot else None
