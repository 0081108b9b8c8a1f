"""A connection signed in: its connector at work, and everything that a run needs beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct, field

from crmsync import clock
from crmsync.connection import registry
from crmsync.connection.machine_clock import clock_held_against, clock_notes, confirmed
from crmsync.connection.parents import fields_of_parents
from crmsync.connection.prepared import Prepared, prepared
from crmsync.connection.snapshot import Snapshot
from crmsync.contract import Connector, NativeField, Org, Usage
from crmsync.errors import RunStopped, UsageError
from crmsync.settings import ConnectionConfiguration, Settings, connector_settings
from crmsync.values import replace


class Opened(Struct, frozen=True):
    """A prepared connection that is signed in. `before`: calls of runs for which it was opened earlier."""

    prepared: Prepared
    connector: Connector
    snapshot: Snapshot
    before: Usage = field(default_factory=lambda: Usage(0))

    @property
    def clock_notes(self) -> tuple[str, ...]:
        """What the CRM's answers say of this machine's clock that the reader should know."""
        return clock_notes(self.connector.clock(), clock.now())

    @property
    def clock_confirmed(self) -> bool:
        """Whether an answer has told a time that this machine's clock agrees with."""
        return confirmed(self.connector.clock(), clock.now())


Used = Callable[[Usage], None]
"""Told of a connector's calls when it is closed, whatever ended its work."""


def _nobody_counts(_usage: Usage) -> None:
    return None


@contextmanager
def opened(
    settings: Settings, configuration: ConnectionConfiguration, now: datetime, used: Used = _nobody_counts
) -> Iterator[Opened]:
    """Sign in, hold mapping, policy and roster against each other and the CRM; people's calendars as of `now`.

    Raises `ConfigurationError` with every finding, `RunStopped` when the CRM refuses or does not answer, `WrongClock`
    when its clock is hours from this machine's.
    """
    with connector_of(settings, configuration.name, used) as connector:
        with clock_held_against(connector):
            org = _with_a_zone(connector.org())
        wanted = {*configuration.mapping.lead_fields, *configuration.mapping.stage.dates.values()}
        there = object_fields(connector, configuration, configuration.mapping.lead.object, ("lead", "object"))
        unlisted = sorted(wanted - {field.name for field in there})
        there += tuple(_beside(connector.capabilities.fields_beside, unlisted))
        there += fields_of_parents(connector, configuration.mapping.lead.object, unlisted)
        wanted |= {field.currency_field for field in there if field.name in wanted and field.currency_field}
        fields = tuple(field for field in there if field.name in wanted)
        mapped = configuration.mapping.mapped_facts.values()
        several = any(field.currency_field for field in fields) or any(fact.currency for fact in mapped)
        currencies = connector.currencies() if several else None
        snapshot = Snapshot(org, connector.users(), fields, currencies, configuration.mapping.lead.object)
        yield Opened(prepared(settings, configuration, snapshot, there, now=now), connector, snapshot)


def _beside(kinds: Sequence[NativeField], names: Collection[str]) -> Iterator[NativeField]:
    """Fields of these names that the CRM has without listing them."""
    for name in names:
        for kind in kinds:
            if name.startswith(kind.name):
                yield replace(kind, name=name, label=name)


def _with_a_zone(org: Org) -> Org:
    """The org, if its time zone is one that this machine knows: it decides which day an instant is on."""
    try:
        ZoneInfo(org.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RunStopped(
            f"the CRM's time zone `{org.time_zone[:60]}` is not known on this machine",
            hint="bring its time zones up to date: pip install --upgrade tzdata",
        ) from None
    return org


@contextmanager
def connector_of(settings: Settings, connection: str, used: Used = _nobody_counts) -> Iterator[Connector]:
    """The connection's connector with its settings; no call is made yet, and sockets are released at the end.

    Raises `UsageError` when no such connector is installed, `ConfigurationError` for its options and secrets.
    """
    configured = settings.configured[connection]
    plugin = registry.load(configured.connector)
    connector = plugin.open(
        connector_settings(plugin, connection, configured.options, settings.file, settings.directory)
    )
    try:
        yield connector
    finally:
        try:
            used(connector.usage())
        finally:
            connector.close()


def object_fields(
    connector: Connector, configuration: ConnectionConfiguration, object_name: str, place: tuple[str | int, ...]
) -> tuple[NativeField, ...]:
    """An object's fields; an object that is not there is told at its place in the mapping."""
    try:
        return connector.fields(object_name)
    except UsageError as error:
        raise configuration.mapping_document.error(place, error.message, error.hint) from error
