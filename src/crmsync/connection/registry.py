"""Finding connectors by entry point: names without importing, exactly one loaded when asked for."""

from __future__ import annotations

from crmsync.connection.installed import installed
from crmsync.contract import ConnectorPlugin
from crmsync.errors import UsageError


def load(name: str) -> ConnectorPlugin:
    """The plugin of this name. Raises `UsageError` saying what is installed."""
    there = installed()
    if name not in there:
        names = ", ".join(there) or "none"
        meant = next((each for each in there if each.casefold() == name.casefold()), None)
        raise UsageError(
            f"no connector `{name}` is installed (installed: {names})",
            hint=f"write `connector: {meant}`: names are in lower case"
            if meant
            else f"pip install crmsync-{name}, or correct `connector` in the configuration",
        )
    try:
        plugin = there[name].load()
    except ImportError as error:
        raise UsageError(
            f"connector `{name}` is installed but cannot be loaded: {error}",
            hint=f"reinstall it: pip install --force-reinstall crmsync-{name}",
        ) from error
    if not isinstance(plugin, ConnectorPlugin):
        raise UsageError(f"connector `{name}` is not a ConnectorPlugin", hint="tell its author")
    return plugin


def starter_mapping(name: str) -> str:
    """The YAML text of the mapping that an installed connector brings to begin with, whoever wrote the connector.

    Raises `UsageError` when it is not installed or brings none.
    """
    starter = load(name).starter_mapping
    if starter is None:
        raise UsageError(
            f"connector `{name}` brings no starter mapping",
            hint="write a mapping file; `crmsync docs mapping` says what stands in it",
        )
    return starter()
