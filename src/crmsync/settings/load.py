"""Reads every file of a configuration and makes frozen settings of it; the core gets values only."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct
from pydantic import ValidationError

from crmsync.configuration import Document, read_document, validated
from crmsync.errors import ConfigurationError, Finding, UsageError
from crmsync.faces import LateModule
from crmsync.files import Unreadable, read_text
from crmsync.languages.known import Language
from crmsync.mapping import CrmMapping, mapping_from
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import files_needed, policy_from
from crmsync.route.roster.roster import Roster, roster_from
from crmsync.settings.environment import environment
from crmsync.settings.file import ConnectionSettings, EditSettings, EverydayFile, RetentionSettings
from crmsync.settings.machine import Environment

if TYPE_CHECKING:
    from crmsync.settings import alerts, console, whole_file
    from crmsync.settings.alerts import AlertSettings
    from crmsync.settings.console import ConsolePeople, ConsoleSettings
    from crmsync.settings.hooks import HooksSettings
    from crmsync.settings.watch import WatchSettings
else:  # what few files say
    alerts, console, whole_file = (
        LateModule(f"crmsync.settings.{name}") for name in ("alerts", "console", "whole_file")
    )

LARGEST_FILE_BYTES = 8_000_000
_OF_THE_SERVICE = frozenset({"alerts", "watch", "hooks", "console"})
_POLICIES_KEPT = 8
_LARGEST_KEPT = 1_000_000
"""Characters of JSON; a policy with long lists is compiled each time."""
_policies: dict[str, Policy] = {}
"""The last policies that were read: as JSON, and themselves."""
_keeping = threading.Lock()

T = TypeVar("T")


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
        return _mapping_path(self.directory, name, self.configured[name])

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
    mappings = (_mapping_path(directory, name, settings) for name, settings in file.connections.items())
    lists = (policy.parent / name for name in files_needed(policy_document, presets()))
    return (config, policy, *lists, directory / file.roster, *mappings)


def _mapping_path(directory: Path, name: str, settings: ConnectionSettings) -> Path:
    return directory / (settings.mapping or f"mappings/{name}.yaml")


def criteria_of(policy: Policy) -> set[str]:
    """All that the roster's rules may ask for: where a lead's own segment lacks a criterion, it is unknown."""
    return {name for part in (policy, *(segment.policy for segment in policy.segments)) for name in part.criteria}


def _connection(
    name: str, settings: ConnectionSettings, document: Document, directory: Path, language: Language
) -> ConnectionConfiguration:
    """One connection's mapping. Raises `ConfigurationError`."""
    findings: list[Finding] = []
    path = _mapping_path(directory, name, settings)
    place = ("connections", name, "mapping")
    mapping_document, mapping = _read(path, document, place, findings, mapping_from)
    if mapping is not None and mapping_document is not None:
        findings += connector_differs(mapping, mapping_document, settings)
    if findings or mapping is None or mapping_document is None:
        raise ConfigurationError(findings)
    return ConnectionConfiguration(name, settings, mapping, mapping_document, settings.language or language)


def policy_of(document: Document, path: Path) -> Policy:
    """A policy with the preset it extends and the list files it names (paths relative to the policy).

    One that says the same as one of the last is that one, so that what was compiled of it serves again.
    """
    shipped = presets()
    lists: dict[str, str] = {}
    findings = []
    for name, place in files_needed(document, shipped).items():
        try:
            lists[name] = _text_of(path.parent / name)
        except Unreadable as error:
            hint = error.hint or "name a text file with one value a line, relative to the policy"
            findings.append(document.finding(place, f"the list file `{name[:60]}`: {error}", hint))
    if findings:
        raise ConfigurationError(findings)
    return _the_same(policy_from(document, shipped, lists))


def _the_same(policy: Policy) -> Policy:
    text = policy.model_dump_json()  # 1 and true are equal, and not the same
    if len(text) > _LARGEST_KEPT:
        return policy
    with _keeping:  # jobs of several connections may read their files at once
        policy = _policies.pop(text, policy)
        _policies[text] = policy
        while len(_policies) > _POLICIES_KEPT:
            del _policies[next(iter(_policies))]
    return policy


def document_at(path: Path, hint: str | None = None) -> Document:
    """One YAML file as a document. Raises `ConfigurationError` when it cannot be read."""
    try:
        text = _text_of(path)
    except Unreadable as error:
        raise ConfigurationError([Finding(str(path), 0, 0, str(error), error.hint or hint)]) from None
    return read_document(text, str(path))


def _text_of(path: Path) -> str:
    """A file's text, its lines ended by `\\n`. Raises `Unreadable`."""
    return plain_text(read_text(path, largest_bytes=LARGEST_FILE_BYTES))


def plain_text(text: str) -> str:
    """The same with its lines ended by `\\n`. Raises `Unreadable` for what is no plain text."""
    if "\0" in text:
        raise Unreadable("is not plain text: it has NUL characters", "save it as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Presets(Mapping[str, Document]):
    """The shipped policies, by name; each is read when it is asked for, once a process. Nobody changes them."""

    def __getitem__(self, name: str) -> Document:
        """Read it."""
        return _preset(name)

    def __contains__(self, name: object) -> bool:
        """Without reading it."""
        return name in _preset_files()

    def __iter__(self) -> Iterator[str]:
        """Names only."""
        return iter(_preset_files())

    def __len__(self) -> int:
        """How many are shipped."""
        return len(_preset_files())


@cache
def _preset_files() -> Mapping[str, Traversable]:
    folder = files("crmsync.qualify") / "presets"
    return {entry.name.removesuffix(".yaml"): entry for entry in folder.iterdir() if entry.name.endswith(".yaml")}


@cache
def _preset(name: str) -> Document:
    file = _preset_files()[name]
    return read_document(file.read_text(encoding="utf-8"), f"preset {file.name}")


def presets() -> Mapping[str, Document]:
    """The shipped policies, by name."""
    return Presets()


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
