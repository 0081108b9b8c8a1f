"""The connection tried: which CRM, its address, a way of signing in, credentials; asked again until it works."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from crmsync.configuration import read_document
from crmsync.connection import registry
from crmsync.connection.installed import installed
from crmsync.connection.machine_clock import clock_held_against
from crmsync.contract import Connector, ConnectorPlugin, Org, SignInWay
from crmsync.errors import RunStopped, SignInRefused, UsageError
from crmsync.operations.files.answers_file import Answers
from crmsync.operations.init.asking import Asking
from crmsync.operations.init.other_texts import settings_text
from crmsync.settings import connector_settings, variable_prefix, variables_set

Keep = Callable[[Answers], None]
"""Called after each answer, so that nothing is asked twice."""


@dataclass
class SignedInConnection:
    """A connection that works. `variables`: name → value of those that belong into `.env`."""

    plugin: ConnectorPlugin
    title: str
    connector: Connector
    org: Org
    answers: Answers
    variables: dict[str, str]


def connector_named(answers: Answers, asking: Asking, keep: Keep) -> Answers:
    """Which CRM, and what the connection is called."""
    there = {name: registry.load(name).title or name for name in installed()}
    if answers.connector is None:
        only = next(iter(there)) if len(there) == 1 else None
        answers = answers.with_(connector=asking.choose("connector", "Which CRM is it?", there, only))
        keep(answers)
    if answers.connection is None:
        answers = answers.with_(connection=answers.connector)
    registry.load(str(answers.connector))
    return answers


@contextmanager
def signed_in(directory: Path, answers: Answers, asking: Asking, keep: Keep) -> Iterator[SignedInConnection]:
    """A connector that has signed in. Raises what the CRM says when nobody can answer it differently."""
    plugin = registry.load(str(answers.connector))
    title = plugin.title or str(answers.connector)
    typed: dict[str, str] = {}
    wrong: Mapping[str, str] | None = None
    while True:
        answers, way = _asked(plugin, title, directory, answers, typed, asking, keep, wrong)
        connector = None
        try:
            connector = plugin.open(_settings(plugin, directory, answers, typed))
            with clock_held_against(connector):
                org = connector.org()
        except (RunStopped, UsageError) as error:
            if connector is not None:
                connector.close()
            if not asking.again(error):
                raise
            wrong = _before(way, answers, typed, error)
            typed, answers = {}, _forgotten(way, answers, error)
            continue
        break
    try:
        variables = _variables(plugin, directory, str(answers.connection), typed)
        yield SignedInConnection(plugin, title, connector, org, answers, variables)
    finally:
        connector.close()


def _asked(
    plugin: ConnectorPlugin,
    title: str,
    directory: Path,
    answers: Answers,
    typed: dict[str, str],
    asking: Asking,
    keep: Keep,
    wrong: Mapping[str, str] | None,
) -> tuple[Answers, SignInWay]:
    """Address, way and credentials, as far as they are not known; secrets go into `typed` only.

    `wrong`: settings with which signing in has failed → what was answered, if it may stay; null = not tried yet.
    """
    fields = plugin.settings.model_fields
    prefix = variable_prefix(str(answers.connection))
    here = {name.removeprefix(prefix).lower() for name in variables_set(directory) if name.startswith(prefix)}
    here -= set(wrong or {})
    before = {name: value for name, value in (wrong or {}).items() if value}
    if "url" in fields and "url" not in answers.options and "url" not in here:
        usual = None if fields["url"].is_required() else str(fields["url"].default)
        what = f"The address of {title}'s API" + ("" if usual else f" ({_short(fields['url'])})")
        address = _with_scheme(asking.text("url", what, before.get("url", usual)).strip())
        answers = answers.with_(options={**answers.options, "url": address})
        keep(answers)
    way, answers = _way(plugin, answers, here, asking, keep)
    missing = [
        name for name in way.settings if name not in here and name not in answers.options and name not in typed
    ]
    if missing and wrong is None:
        asking.steps(title, way)
    for name in missing:
        words = f"{name.replace('_', ' ')} ({_short(fields[name])})"
        secret = _secret(fields[name])
        key = f"{prefix}{name.upper()}"
        value = asking.text(key, words, before.get(name), secret=secret).strip()
        if secret:
            typed[name] = value
        else:
            answers = answers.with_(options={**answers.options, name: value})
            keep(answers)
    return answers, way


def _way(
    plugin: ConnectorPlugin, answers: Answers, here: set[str], asking: Asking, keep: Keep
) -> tuple[SignInWay, Answers]:
    """The way that was said, or whose settings are all there, or that is chosen now."""
    ways = {way.name: way for way in plugin.sign_in_ways}
    if not ways:
        fields = plugin.settings.model_fields
        needed = tuple(
            name for name, field in fields.items() if name != "url" and (field.is_required() or _secret(field))
        )
        return SignInWay("settings", "its settings", (), needed), answers
    if answers.sign_in in ways:
        return ways[str(answers.sign_in)], answers
    if answers.sign_in is not None:
        raise UsageError(f"there is no way `{answers.sign_in}` to sign in", hint=f"there are {', '.join(ways)}")
    complete = [way for way in ways.values() if set(way.settings) <= here | set(answers.options)]
    if here and complete:
        return complete[0], answers
    first = next(iter(ways))
    known = here | set(answers.options)
    if known - {"url"}:  # e.g. another way of the connector's, complete by itself
        first = max(ways, key=lambda name: len(set(ways[name].settings) & known))
    name = asking.choose("sign-in", "How shall crmsync sign in?", {it.name: it.title for it in ways.values()}, first)
    answers = answers.with_(sign_in=name)
    keep(answers)
    return ways[name], answers


def _secret(field: FieldInfo) -> bool:
    return SecretStr in (field.annotation, *getattr(field.annotation, "__args__", ()))


def _settings(plugin: ConnectorPlugin, directory: Path, answers: Answers, typed: Mapping[str, str]) -> Any:
    """As the configuration will say, with the secrets that were just typed."""
    name = str(answers.connection)
    document = read_document(settings_text(name, str(answers.connector), answers.options, None), "crmsync.yaml")
    if not typed:
        return connector_settings(plugin, name, answers.options, document, directory)
    prefix = variable_prefix(name)
    more = {f"{prefix}{each.upper()}": value for each, value in typed.items()}
    return connector_settings(plugin, name, answers.options, document, directory, more)


def _short(field: FieldInfo) -> str:
    """What a setting is, up to where its description goes into details."""
    return re.split(r"; |(?<!e\.g)\. |\.$", field.description or "its value")[0]


def _with_scheme(address: str) -> str:
    """As people type it: without https://, which is meant wherever it is not this machine."""
    if "://" in address:
        return address
    here = re.match(r"(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|/|$)", address)
    return f"{'http' if here else 'https'}://{address}"


def _before(way: SignInWay, answers: Answers, typed: Mapping[str, str], error: Exception) -> dict[str, str]:
    """What was answered, for Enter to keep; where credentials were refused none of them."""
    refused = isinstance(error, SignInRefused)
    told = {**{name: str(value) for name, value in answers.options.items()}, **typed}
    kept = {name: "" if refused and name in typed else told.get(name, "") for name in way.settings}
    return {**kept, "url": told.get("url", "")} if not refused else kept


def _forgotten(way: SignInWay, answers: Answers, error: Exception) -> Answers:
    """Without what was probably wrong: the credentials where they were refused, else the address, too."""
    gone = {*way.settings, *(() if isinstance(error, SignInRefused) else ("url",))}
    return answers.with_(options={name: value for name, value in answers.options.items() if name not in gone})


def _variables(plugin: ConnectorPlugin, directory: Path, connection: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What signing in needs beside crmsync.yaml: typed just now, or given by the environment."""
    there = variables_set(directory)
    prefix = variable_prefix(connection)
    found: dict[str, str] = {}
    for name in plugin.settings.model_fields:
        variable = f"{prefix}{name.upper()}"
        if name in typed:
            found[variable] = typed[name]
        elif variable in there:
            found[variable] = there[variable]
    return found
