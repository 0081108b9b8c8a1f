"""Variables in `.env` that nobody reads: a misspelt secret is a missing one."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.connection import registry
from crmsync.errors import Finding, UsageError
from crmsync.settings import (
    Settings,
    alert_channels,
    channel_variables,
    known_variables,
    read_dotenv,
    unknown_variables,
    variable_prefix,
)


def variable_findings(settings: Settings) -> Iterator[Finding]:
    """A warning for each, and for those that stand twice.

    Of a connector that is not installed nobody knows what it reads.
    """
    yield from read_dotenv(settings.directory).doubts
    fields: dict[str, list[str]] = {}
    unread: list[str] = []
    for name, connection in settings.configured.items():
        try:
            fields[name] = list(registry.load(connection.connector).settings.model_fields)
        except UsageError:
            unread.append(variable_prefix(name))
    known = known_variables(fields) | set(channel_variables(settings.alerts))
    for variable, line, hint in unknown_variables(settings.directory, known):
        if not variable.startswith(tuple(unread)):
            message = f"`{variable}` means nothing to crmsync"
            yield Finding(str(settings.directory / ".env"), line, 1, message, hint or _prefixes(fields), "warning")


def channel_findings(settings: Settings) -> Iterator[Finding]:
    """What keeps alerts from being told. Runs go on without; whoever waits for an alert would wait in vain."""
    yield from alert_channels(settings.alerts, settings.file, settings.directory)[1]


def _prefixes(connections: dict[str, list[str]]) -> str:
    return f"variables begin with {' or '.join(map(variable_prefix, connections))}"
