"""All settings as frozen values: what the core and the commands are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from crmsync.configuration import Document
from crmsync.errors import ConfigurationError, UsageError
from crmsync.faces import LateModule
from crmsync.languages.known import Language
from crmsync.mapping import CrmMapping
from crmsync.qualify.language.policy import Policy
from crmsync.route.roster.roster import Roster
from crmsync.settings.file import ConnectionSettings, EditSettings, RetentionSettings
from crmsync.settings.machine import Environment

if TYPE_CHECKING:
    from crmsync.settings import alerts
    from crmsync.settings.alerts import AlertSettings
    from crmsync.settings.console import ConsoleSettings
    from crmsync.settings.hooks import HooksSettings
    from crmsync.settings.watch import WatchSettings
else:  # what few files say
    alerts = LateModule("crmsync.settings.alerts")


class ConnectionConfiguration(Struct, frozen=True):
    """One connection with its mapping as read from the files. `language`: of what is written to its CRM."""

    name: str
    settings: ConnectionSettings
    mapping: CrmMapping
    mapping_document: Document
    language: Language = "en"


class Settings(Struct, frozen=True):
    """Everything the files and the environment say. `file` is crmsync.yaml as a document, for later findings.

    `connections`: those whose mapping file is right. `broken`: what is wrong with the files of each of the others.
    `configured`: every connection as crmsync.yaml has it, in its order. `retention`: how long the store keeps what.
    `edits`: what becomes of files that are changed in the console.
    `told`: whom the service tells what needs a person; null = as `alerts` has it by default.
    `watch`: where it can be looked at; null = nowhere.
    `hooks`: where it is told of changes; null = nowhere. `console`: the console behind a sign-in; null = none.
    `language`: of texts for people.
    `files`: what was read, but for `.env` and calendars.
    """

    directory: Path
    file: Document
    environment: Environment
    store: str
    policy: Policy
    policy_document: Document
    roster: Roster
    roster_document: Document
    connections: Mapping[str, ConnectionConfiguration]
    broken: Mapping[str, ConfigurationError]
    configured: Mapping[str, ConnectionSettings]
    retention: RetentionSettings
    edits: EditSettings
    told: AlertSettings | None
    watch: WatchSettings | None
    hooks: HooksSettings | None
    console: ConsoleSettings | None
    language: Language
    files: tuple[Path, ...]

    @property
    def alerts(self) -> AlertSettings:
        """Whom the service tells what needs a person."""
        return self.told or alerts.AlertSettings.model_construct()

    def named(self, names: Sequence[str]) -> list[str]:
        """The named connections, each once, or all. Raises `UsageError` for a name that is not configured."""
        for name in names:
            if name not in self.configured:
                there = ", ".join(self.configured)
                raise UsageError(f"no connection `{name}` is configured", hint=f"configured: {there}")
        return list(dict.fromkeys(names or self.configured))

    def mapping_path(self, name: str) -> Path:
        """Where a connection's mapping stands, whether it is right or not."""
        return mapping_path(self.directory, name, self.configured[name])

    @property
    def policy_path(self) -> Path:
        """Where the policy stands."""
        return self.files[1]

    @property
    def roster_path(self) -> Path:
        """Where the roster stands."""
        return Path(self.roster_document.file)

    def connection(self, name: str) -> ConnectionConfiguration:
        """One connection. Raises `ConfigurationError` when its files are wrong, `UsageError` when there is none."""
        self.named((name,))
        if name in self.broken:
            raise self.broken[name]
        return self.connections[name]

    def chosen(self, names: Sequence[str]) -> list[ConnectionConfiguration]:
        """The named connections, each once, or all; for commands that answer for all of them or not at all.

        Raises `UsageError` for a name that is not configured, `ConfigurationError` when files of one are wrong.
        """
        chosen = self.named(names)
        if findings := [found for name in chosen if name in self.broken for found in self.broken[name].findings]:
            raise ConfigurationError(findings)
        return [self.connections[name] for name in chosen]


def mapping_path(directory: Path, name: str, settings: ConnectionSettings) -> Path:
    """Where a connection's mapping stands: as crmsync.yaml says, or by the connection's name."""
    return directory / (settings.mapping or f"mappings/{name}.yaml")
