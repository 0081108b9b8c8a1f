"""What comes from the environment and from `.env` beside crmsync.yaml: secrets, and what differs by machine."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from crmsync.configuration import Document, did_you_mean
from crmsync.contract import ConnectorPlugin
from crmsync.errors import ConfigurationError, Finding
from crmsync.files import Unreadable, read_text

PREFIX = "CRMSYNC_"
LARGEST_DOTENV_BYTES = 1_000_000
OTHERS = ("config", "traceback")
"""Further variables that commands read."""


class Environment(BaseModel):
    """Settings of this machine rather than of the firm."""

    model_config = ConfigDict(frozen=True)

    store: str | None = Field(None, description="Database URL or SQLite file; replaces `store` of crmsync.yaml.")
    log_format: Literal["text", "json"] = Field("text", description="How log lines on stderr look: text or json.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Lightest log lines that are told: debug, info, warning or error."
    )


def environment(directory: Path) -> Environment:
    """The environment over `.env` in the configuration's directory. Raises `ConfigurationError`."""
    try:
        return Environment.model_validate(_variables(directory, PREFIX, Environment.model_fields))
    except ValidationError as error:
        raise ConfigurationError(
            [
                Finding("environment", 0, 0, f"{PREFIX}{str(details['loc'][0]).upper()}: {details['msg']}")
                for details in error.errors(include_url=False, include_input=False)
            ]
        ) from None


def _dotenv(file: Path) -> str:
    """The text of `.env`; empty when there is none. Raises `ConfigurationError` for what is no such file."""
    try:
        return read_text(file, largest_bytes=LARGEST_DOTENV_BYTES)
    except Unreadable as error:
        if error.missing:
            return ""
        hint = error.hint or "make it a small text file that this user may read"
        raise ConfigurationError([Finding(str(file), 0, 0, str(error), hint)]) from None


def variable_prefix(connection: str) -> str:
    """`crm-eu` → `CRMSYNC_CRM_EU_`."""
    return f"{PREFIX}{connection.replace('-', '_').upper()}_"


def unknown_variables(directory: Path, settings: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str | None]]:
    """(name, hint) of each variable in `.env` that begins like one of crmsync's and means nothing.

    `settings`: connection → names of its connector's settings. Values are not told.
    """
    known = {f"{PREFIX}{field}".upper() for field in (*Environment.model_fields, *OTHERS)}
    known |= {f"{variable_prefix(name)}{field}".upper() for name, fields in settings.items() for field in fields}
    for name in dotenv_values(stream=io.StringIO(_dotenv(directory / ".env"))):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            yield name, did_you_mean(name.upper(), known)


def connector_settings(
    plugin: ConnectorPlugin, connection: str, options: Mapping[str, Any], document: Document, directory: Path
) -> BaseModel:
    """A connector's settings: environment first, then `.env`, then `options` of crmsync.yaml.

    Raises `ConfigurationError` for an unknown option, a secret in the file, or a missing or ill-typed value.
    """
    path = ("connections", connection, "options")
    fields = plugin.settings.model_fields
    findings = []
    for name in options:
        if name not in fields:
            findings.append(
                document.finding(
                    (*path, name), f"`{name}` is no option of this connector", did_you_mean(name, fields)
                )
            )
        elif _takes(fields[name], SecretStr):
            variable = f"{variable_prefix(connection)}{name.upper()}"
            findings.append(
                document.finding(
                    (*path, name), f"`{name}` is a secret", f"put it into `.env` as {variable}", at_key=True
                )
            )
    if findings:
        raise ConfigurationError(findings)
    set_here = _variables(directory, variable_prefix(connection), fields)
    if broken := [name for name, text in set_here.items() if _takes(fields[name], SecretStr) and _broken(text)]:
        raise ConfigurationError(
            [
                document.finding(
                    ("connections", connection),
                    f"{variable_prefix(connection)}{name.upper()} holds a line break or another control character",
                    "copy it again, on one line; only a key in PEM form has several",
                    at_key=True,
                )
                for name in broken
            ]
        )
    from_file = {name: value for name, value in options.items() if name not in set_here}
    by_default = {name: field.default for name, field in fields.items() if isinstance(field.default, Path)}
    chosen = by_default | from_file | set_here
    try:
        given = {name: _placed(value, fields[name], directory) for name, value in chosen.items()}
        return plugin.settings(**given)
    except ValidationError as error:
        raise ConfigurationError(_findings(error, connection, document, set(from_file))) from None


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


def variables_set(directory: Path) -> dict[str, str]:
    """Every variable of the environment and of `.env` (the environment's wins), by its name in capitals.

    Those that are empty count as not set. Raises `ConfigurationError` where `.env` cannot be read.
    """
    lines = io.StringIO(_dotenv(directory / ".env"))  # `serve` comes here again and again
    there = {name.upper(): value for name, value in dotenv_values(stream=lines).items() if value}
    return there | {name.upper(): value for name, value in os.environ.items() if value}


def _variables(directory: Path, prefix: str, fields: Iterable[str]) -> dict[str, str]:
    """Field → text of its variable: the environment's, else `.env`'s; empty counts as not set."""
    there = variables_set(directory)
    return {field: there[name] for field in fields if (name := f"{prefix}{field}".upper()) in there}


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
