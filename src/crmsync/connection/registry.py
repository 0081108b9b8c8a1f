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
            else "correct `connector` in the configuration, or install the package of that connector",
        )
    try:
        plugin = there[name].load()
    except ImportError as error:
        package = of.name if (of := there[name].dist) else "its package"  # which takes its description apart
        raise UsageError(
            f"connector `{name}` is installed but cannot be loaded: {error}",
            hint=f"reinstall it: pip install --force-reinstall {package}",
        ) from error
    if not isinstance(plugin, ConnectorPlugin):
        raise UsageError(f"connector `{name}` is not a ConnectorPlugin", hint="tell its author")
    return plugin


def starter_mapping(name: str, lead_object: str | None = None) -> str:
    """The YAML text of the mapping that an installed connector brings to begin with, whoever wrote the connector.

    `lead_object`: the native object whose records carry stage and owner; null = the usual one. Raises `UsageError`
    when it is not installed, or brings none, or none for that object.
    """
    plugin = load(name)
    starter = plugin.starter_mapping
    if lead_object is not None and lead_object in plugin.other_starters:
        return plugin.other_starters[lead_object]()
    if starter is not None and lead_object is not None and lead_object != (usual := _object_of(starter())):
        known = ", ".join((usual, *plugin.other_starters))
        raise UsageError(
            f"connector `{name}` brings no starter mapping for {lead_object}",
            hint=f"it has one for each of: {known}; for another object, begin with one of these and change it",
        )
    if starter is None:
        raise UsageError(
            f"connector `{name}` brings no starter mapping",
            hint="write a mapping file; `crmsync docs mapping` says what stands in it",
        )
    return starter()


def _object_of(text: str) -> str:
    """The leads' object in a mapping's text."""
    from crmsync.configuration import read_document  # noqa: PLC0415 - only where an object is chosen

    return str(read_document(text, "starter mapping").data["lead"]["object"])
