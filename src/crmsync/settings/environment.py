"""What comes from the environment and from `.env` beside crmsync.yaml: secrets, and what differs by machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from crmsync.configuration import Document, did_you_mean
from crmsync.contract import ConnectorPlugin
from crmsync.errors import ConfigurationError, Finding
from crmsync.languages.known import Language
from crmsync.settings.machine import Environment
from crmsync.settings.variables import PREFIX, misspelt, read_dotenv, variable_prefix, variables_set
from crmsync.values import replace

OTHERS = ("config", "traceback")
"""Further variables that commands read."""


def environment(directory: Path) -> Environment:
    """The environment over `.env` in the configuration's directory. Raises `ConfigurationError`."""
    variables = {f"{PREFIX}{field}".upper(): field for field in Environment.model_fields}
    if not variables.keys() & variables_set(directory).keys():
        return Environment()
    from crmsync.settings.machine_variables import from_variables  # noqa: PLC0415 - most machines set none

    values = read_dotenv(directory).values
    said = {field: text for name, field in variables.items() if (text := values.get(name))}
    try:
        return from_variables(said)
    except ValidationError as error:
        raise ConfigurationError(
            [
                Finding("environment", 0, 0, f"{PREFIX}{str(details['loc'][0]).upper()}: {details['msg']}")
                for details in error.errors(include_url=False, include_input=False)
            ]
        ) from None


def language_of_machine(directory: Path) -> Language | None:
    """In which language commands print texts here, where it is said. Raises `ConfigurationError`."""
    return environment(directory).language


def known_variables(settings: Mapping[str, Iterable[str]]) -> set[str]:
    """Names of all variables that mean something. `settings`: connection → names of its connector's settings."""
    known = {f"{PREFIX}{field}".upper() for field in (*Environment.model_fields, *OTHERS)}
    return known | {
        f"{variable_prefix(name)}{field}".upper() for name, fields in settings.items() for field in fields
    }


def connector_settings(
    plugin: ConnectorPlugin,
    connection: str,
    options: Mapping[str, Any],
    document: Document,
    directory: Path,
    typed: Mapping[str, str] | None = None,
) -> BaseModel:
    """A connector's settings: environment first, then `.env`, then `options` of crmsync.yaml.

    `typed`: variables that somebody has just given, before they stand anywhere; they come before all.

    Raises `ConfigurationError` for an unknown option, a secret in the file, or a missing or ill-typed value.
    """
    fields = plugin.settings.model_fields
    if findings := list(_wrong_options(options, fields, connection, document)):
        raise ConfigurationError(findings)
    set_here = _variables(directory, variable_prefix(connection), fields, typed or {})
    if findings := list(_broken_secrets(set_here, fields, connection, document)):
        raise ConfigurationError(findings)
    from_file = {name: value for name, value in options.items() if name not in set_here}
    by_default = {name: field.default for name, field in fields.items() if isinstance(field.default, Path)}
    chosen = by_default | from_file | set_here
    try:
        given = {name: _placed(value, fields[name], directory) for name, value in chosen.items()}
        return plugin.settings(**given)
    except ValidationError as error:
        found = _findings(error, connection, document, set(from_file))
        meant = _misspelt(plugin, connection, document, directory, error)
        told = [replace(each, hint="; ".join([each.hint or "", *meant]).removeprefix("; ")) for each in found]
        raise ConfigurationError(told) from None


def _wrong_options(
    options: Mapping[str, Any], fields: Mapping[str, FieldInfo], connection: str, document: Document
) -> Iterator[Finding]:
    """Options of the file that are none of the connector's, of another type, or secrets."""
    path = ("connections", connection, "options")
    for name, value in options.items():
        if name not in fields:
            yield document.finding(
                (*path, name), f"`{name}` is no option of this connector", did_you_mean(name, fields)
            )
        elif isinstance(value, bool) and (_takes(fields[name], int) or _takes(fields[name], float)):
            yield document.finding((*path, name), f"`{name}` is a number, and not yes or no")
        elif _takes(fields[name], SecretStr):
            variable = f"{variable_prefix(connection)}{name.upper()}"
            yield document.finding(
                (*path, name), f"`{name}` is a secret", f"put it into `.env` as {variable}", at_key=True
            )


def _broken_secrets(
    set_here: Mapping[str, Any], fields: Mapping[str, FieldInfo], connection: str, document: Document
) -> Iterator[Finding]:
    """Secrets of the environment that were copied with a line break in them."""
    for name, text in set_here.items():
        if _takes(fields[name], SecretStr) and _broken(text):
            yield document.finding(
                ("connections", connection),
                f"{variable_prefix(connection)}{name.upper()} holds a line break or another control character",
                "copy it again, on one line; only a key in PEM form has several",
                at_key=True,
            )


def _broken(secret: str) -> bool:
    """Whether it cannot travel in a header or a form as it stands; its ends are no part of it."""
    text = secret.strip()
    return not text.startswith("-----BEGIN ") and any(ord(c) < ord(" ") or ord(c) == 127 for c in text)


def _takes(field: FieldInfo, kind: type) -> bool:
    """Whether a setting is of this type, or may be."""
    return kind in (field.annotation, *getattr(field.annotation, "__args__", ()))


def _placed(value: Any, field: FieldInfo, directory: Path) -> Any:
    """Paths are relative to the configuration, not to where the command is called."""
    return directory / value if isinstance(value, str | Path) and _takes(field, Path) else value


def _variables(
    directory: Path, prefix: str, fields: Iterable[str], typed: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Field → text of its variable: the environment's, else `.env`'s; empty counts as not set."""
    there = {**variables_set(directory), **(typed or {})}
    return {field: there[name] for field in fields if (name := f"{prefix}{field}".upper()) in there}


def _misspelt(
    plugin: ConnectorPlugin, connection: str, document: Document, directory: Path, error: ValidationError
) -> list[str]:
    """A sentence for each variable that is probably one of those that are missing."""
    own = variable_prefix(connection)
    fields = plugin.settings.model_fields
    names = document.data.get("connections", {}) if isinstance(document.data, dict) else {}
    others = [each for each in map(variable_prefix, names) if each != own and not own.startswith(each)]
    told = error.errors(include_input=False)
    missing = {str(details["loc"][0]) for details in told if details["type"] == "missing"}
    as_a_whole = any(not details["loc"] for details in told)  # credentials in several ways: any may be misspelt
    known = known_variables({connection: fields})
    there = variables_set(directory)
    wanted = {f"{own}{field}".upper() for field in (fields if as_a_whole else missing)} - there.keys()
    return [
        f"{place}, means nothing: is it meant for {meant}?"
        for place, meant in misspelt(directory, wanted, known, others)
    ]


def _findings(error: ValidationError, connection: str, document: Document, from_file: set[str]) -> list[Finding]:
    prefix = variable_prefix(connection)
    found = []
    for details in error.errors(include_url=False, include_input=False):
        name = str(details["loc"][0]) if details["loc"] else ""
        words, _, hint = details["msg"].removeprefix("Value error, ").partition("\n→ ")
        if name in from_file:
            place: tuple[str, ...] = ("connections", connection, "options", name)
            found.append(document.finding(place, f"`{name}`: {words}", hint or None))
        elif name:
            variable = f"{prefix}{name.upper()}"
            missing = details["type"] == "missing"
            message = f"{variable} is missing" if missing else f"{variable}: {words}"
            mend = "set it in `.env`" if missing else "correct it in the environment or in `.env`"
            found.append(document.finding(("connections", connection), message, hint or mend, at_key=True))
        else:
            hint = hint or f"set it in `.env`; variables begin with {prefix}"
            found.append(document.finding(("connections", connection), words, hint, at_key=True))
    return found
