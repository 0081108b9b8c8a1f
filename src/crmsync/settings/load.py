"""Reads every file of a configuration and makes frozen settings of it; the core gets values only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from crmsync.configuration import Document, validated
from crmsync.errors import ConfigurationError, Finding
from crmsync.faces import LateModule
from crmsync.languages.known import Language
from crmsync.mapping import CrmMapping, mapping_from
from crmsync.qualify.language.reading import files_needed
from crmsync.route.roster.roster import roster_from
from crmsync.settings.documents import document_at
from crmsync.settings.environment import environment
from crmsync.settings.file import ConnectionSettings, EverydayFile
from crmsync.settings.policy_file import criteria_of, policy_of
from crmsync.settings.settings import ConnectionConfiguration, Settings, mapping_path
from crmsync.settings.shipped_policies import presets

if TYPE_CHECKING:
    from crmsync.settings import console, whole_file
    from crmsync.settings.console import ConsolePeople
else:  # what few files say
    console, whole_file = (LateModule(f"crmsync.settings.{name}") for name in ("console", "whole_file"))

_OF_THE_SERVICE = frozenset({"alerts", "watch", "hooks", "console"})

T = TypeVar("T")


def load_settings(config: Path) -> Settings:
    """Read crmsync.yaml and all it names.

    A mapping file serves one connection: what is wrong there is kept in `broken`, and the others go on. Raises
    `ConfigurationError` for what all connections need (crmsync.yaml, policy, roster, `.env`), with the findings of
    all files at once.
    """
    directory = config.parent
    document = document_at(
        config,
        "name it with --config; `crmsync init` writes one for your CRM, `crmsync practice serve --config-dir FOLDER` "
        "one to try things out",
    )
    file = settings_in(document)
    findings: list[Finding] = []
    policy_document, policy = _read(
        directory / file.policy,
        document,
        ("policy",),
        findings,
        lambda found: policy_of(found, directory / file.policy),
    )
    criteria = None if policy is None else criteria_of(policy)
    names = None if policy is None else tuple(each.name for each in policy.hand_overs)
    roster_document, roster = _read(
        directory / file.roster, document, ("roster",), findings, lambda found: roster_from(found, criteria, names)
    )
    connections: dict[str, ConnectionConfiguration] = {}
    broken: dict[str, ConfigurationError] = {}
    for name, settings in file.connections.items():
        try:
            connections[name] = _connection(name, settings, document, directory, file.language)
        except ConfigurationError as error:
            broken[name] = error
    if policy is None or roster is None or policy_document is None or roster_document is None:
        raise ConfigurationError([*findings, *(found for error in broken.values() for found in error.findings)])
    machine = environment(directory)
    return Settings(
        directory=directory,
        file=document,
        environment=machine,
        store=store_url(machine.store or file.store, directory),
        policy=policy,
        policy_document=policy_document,
        roster=roster,
        roster_document=roster_document,
        connections=connections,
        broken=broken,
        configured=file.connections,
        retention=file.retention,
        edits=file.edits,
        told=file.alerts,
        watch=file.watch,
        hooks=file.hooks,
        console=file.console,
        language=file.language,
        files=_files(config, file, policy_document),
    )


def settings_in(document: Document) -> EverydayFile:
    """Without building what only the service and the console are told, where it does not stand there.

    Raises `ConfigurationError`, in the words of the whole file.
    """
    if isinstance(document.data, dict) and document.data.keys().isdisjoint(_OF_THE_SERVICE):
        with contextlib.suppress(ValidationError):
            return EverydayFile.model_validate(document.data)
    return validated(whole_file.SettingsFile, document)


def console_people(settings: Settings) -> ConsolePeople:
    """Who may sign in to the console, by the file as it is now. Raises `ConfigurationError`."""
    assert settings.console is not None, "nobody signs in where there is no console"
    path = settings.directory / settings.console.people
    hint = "`crmsync console person NAME --role admin` writes it"
    return validated(console.ConsolePeople, document_at(path, hint))


def _files(config: Path, file: EverydayFile, policy_document: Document) -> tuple[Path, ...]:
    directory, policy = config.parent, config.parent / file.policy
    mappings = (mapping_path(directory, name, settings) for name, settings in file.connections.items())
    lists = (policy.parent / name for name in files_needed(policy_document, presets()))
    return (config, policy, *lists, directory / file.roster, *mappings)


def _connection(
    name: str, settings: ConnectionSettings, document: Document, directory: Path, language: Language
) -> ConnectionConfiguration:
    """One connection's mapping. Raises `ConfigurationError`."""
    findings: list[Finding] = []
    path = mapping_path(directory, name, settings)
    place = ("connections", name, "mapping")
    mapping_document, mapping = _read(path, document, place, findings, mapping_from)
    if mapping is not None and mapping_document is not None:
        findings += connector_differs(mapping, mapping_document, settings)
    if findings or mapping is None or mapping_document is None:
        raise ConfigurationError(findings)
    return ConnectionConfiguration(name, settings, mapping, mapping_document, settings.language or language)


def store_url(store: str, directory: Path) -> str:
    """A database URL as it stands; a file name becomes an SQLite URL in the configuration's directory."""
    return store if "://" in store else f"sqlite:///{(directory / store).resolve()}"


def _read(
    path: Path,
    document: Document,
    place: tuple[str, ...],
    findings: list[Finding],
    make: Callable[[Document], T],
) -> tuple[Document | None, T | None]:
    """One file and what is made of it; findings are collected, so that the admin sees all files' at once."""
    try:
        found = document_at(path)
        return found, make(found)
    except ConfigurationError as error:
        if not os.path.exists(path):  # noqa: PTH110 - `Path.exists` raises for a name that is too long
            hint = f"looked for {path}; write the file, or name another one as `{place[-1]}`"
            missing = document.finding(place, f"`{path.name}` is not there", hint, at_key=True)
            findings.append(missing)
        else:
            findings.extend(error.findings)
        return None, None


def connector_differs(mapping: CrmMapping, document: Document, settings: ConnectionSettings) -> list[Finding]:
    """What is wrong where a mapping is another connector's."""
    if mapping.connector == settings.connector:
        return []
    message = f"this mapping is for `{mapping.connector}`, the connection uses `{settings.connector}`"
    hint = "name the right mapping file in crmsync.yaml"
    if mapping.connector.casefold() == settings.connector.casefold():
        right = mapping.connector.lower()
        wrong = {mapping.connector: "the mapping", settings.connector: "crmsync.yaml"}
        where = " and ".join(file for name, file in wrong.items() if name != right)
        hint = f"names of connectors are in lower case: write `connector: {right}` in {where}"
    return [document.finding(("connector",), message, hint)]
