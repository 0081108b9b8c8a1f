"""How crmsync is set up here: connections, schedules, alerts, versions, store, hooks. No secret is ever read for it.

Variables that hold secrets are told by their names alone: whether they are set, never what they hold.
"""

from __future__ import annotations

import platform
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmsync import __version__
from crmsync.connection.installed import installed
from crmsync.settings import (
    SECRETS,
    ConnectionSettings,
    EmailChannel,
    Settings,
    channel_variable,
    variable_prefix,
    variables_set,
)
from crmsync.store import Store, TellingsStanding


@dataclass(frozen=True, slots=True)
class ConnectionSetUp:
    """One connection as crmsync.yaml has it. `variables`: names of those that are set for it; `wrong`: what of its
    files is not right; `hook`: where its CRM tells of changes, null = nowhere; `guards`: name → limit.
    """

    name: str
    settings: ConnectionSettings
    mapping: str
    variables: tuple[str, ...]
    wrong: str | None
    hook: str | None
    tellings: TellingsStanding
    guards: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChannelSetUp:
    """A channel of alerts. `to`: server and addresses of the file. `variables`: name → whether it is set."""

    name: str
    by: str
    to: tuple[str, ...]
    only: tuple[str, ...] | None
    variables: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class SetUp:
    """`versions`: what of crmsync is installed. `store`: where it is, without a secret; `store_bytes`: null =
    not told. `here`: variables of the machine that are set.
    """

    folder: Path
    files: tuple[Path, ...]
    connections: tuple[ConnectionSetUp, ...]
    channels: tuple[ChannelSetUp, ...]
    versions: Mapping[str, str]
    store: str
    store_shared: bool
    store_bytes: int | None
    here: tuple[str, ...]


def set_up(settings: Settings) -> SetUp:
    """Everything of it. Asks no CRM."""
    there = variables_set(settings.directory).keys()
    with closing(Store(settings.store)) as store:
        connections = tuple(_connections(settings, store, there))
        where, shared = store.name, store.shared
    file = Path(where)
    return SetUp(
        folder=settings.directory,
        files=settings.files,
        connections=connections,
        channels=tuple(_channels(settings, there)),
        versions=_versions(),
        store=where,
        store_shared=shared,
        store_bytes=file.stat().st_size if not shared and file.is_file() else None,
        here=tuple(sorted(there & {"CRMSYNC_STORE", "CRMSYNC_WATCH_TOKEN", "CRMSYNC_HOOKS_SECRET"})),
    )


def _connections(settings: Settings, store: Store, there: Collection[str]) -> Iterator[ConnectionSetUp]:
    prefixes = {name: variable_prefix(name) for name in settings.configured}
    for name, each in settings.configured.items():
        others = [prefix for prefix in prefixes.values() if len(prefix) > len(prefixes[name])]
        mine = (it for it in there if it.startswith(prefixes[name]) and not it.startswith(tuple(others)))
        found = settings.broken[name].findings[0] if name in settings.broken else None
        yield ConnectionSetUp(
            name=name,
            settings=each,
            mapping=each.mapping or f"mappings/{name}.yaml",
            variables=tuple(sorted(mine)),
            wrong=f"{found.file}:{found.line}: {found.message}" if found else None,
            hook=f"{settings.hooks.base}/hooks/{name}" if settings.hooks else None,
            tellings=store.tellings.standing(name),
            guards=each.guards.model_dump(),
        )


def _channels(settings: Settings, there: Collection[str]) -> Iterator[ChannelSetUp]:
    for name, channel in settings.alerts.channels.items():
        variables = [channel_variable(name, secret) for secret in SECRETS[channel.by]]
        yield ChannelSetUp(
            name=name,
            by=channel.by,
            to=(channel.server, *channel.to) if isinstance(channel, EmailChannel) else (),
            only=channel.only,
            variables={variable: variable in there for variable in variables},
        )


def _versions() -> Mapping[str, str]:
    connectors = {name: entry.dist.version if entry.dist else "" for name, entry in installed().items()}
    return {"crmsync": __version__, **connectors, "Python": platform.python_version()}
