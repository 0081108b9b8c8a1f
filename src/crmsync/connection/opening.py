"""A connection with everything a run needs: signed in, its mapping held against the CRM, policy compiled."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from crmsync import clock
from crmsync.configuration import did_you_mean
from crmsync.connection import registry
from crmsync.contract import Choice, Connector, CrmUser, NativeField, Org
from crmsync.errors import ConfigurationError, Finding, UsageError
from crmsync.hand_off import unmapped_findings
from crmsync.mapping import (
    AccountMapping,
    CrmMapping,
    account_fields,
    account_findings_against,
    activity_fields,
    findings_against,
    hand_off_findings_against,
    labels_resolved,
    missing_fields,
    task_findings,
)
from crmsync.model import FactType
from crmsync.qualify.engine.compile import CompiledPolicy, compile_policy
from crmsync.qualify.language.policy import Policy
from crmsync.route.roster import outside_names
from crmsync.route.roster.resolution import Resolved, resolve
from crmsync.settings import ConnectionConfiguration, Settings, connector_settings, read_calendars


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What deciding needs of the CRM's set-up: kept in the store, so that a decision needs no call."""

    org: Org
    users: tuple[CrmUser, ...]
    lead_fields: tuple[NativeField, ...]

    def to_text(self) -> str:
        """For the store."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Snapshot:
        """From the store."""
        data = json.loads(text)
        fields = tuple(
            NativeField(**{**field, "choices": tuple(Choice(**choice) for choice in field["choices"])})
            for field in data["lead_fields"]
        )
        return cls(Org(**data["org"]), tuple(_user(user) for user in data["users"]), fields)


def _user(stored: Mapping[str, Any]) -> CrmUser:
    """A user from the store; snapshots of earlier versions lack what was not read then."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    return CrmUser(**values)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One connection, ready to decide. `mapping` has its labels resolved to the CRM's own values."""

    name: str
    configuration: ConnectionConfiguration
    settings: Settings
    org: Org
    users: tuple[CrmUser, ...]
    mapping: CrmMapping
    compiled: CompiledPolicy
    roster: Resolved

    @property
    def user_names(self) -> Mapping[str, str]:
        """Native id → name, for tables."""
        return {user.id: user.name for user in self.users}

    @property
    def accounts_asked(self) -> tuple[AccountMapping, ...]:
        """The mapping's accounts if a rule of the roster asks who owns them; else no call is spent on them."""
        asked = "account_owner" in self.roster.roster.rules.strategies
        return self.mapping.accounts if asked else ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A prepared connection that is signed in."""

    prepared: Prepared
    connector: Connector
    snapshot: Snapshot


@contextmanager
def opened(settings: Settings, configuration: ConnectionConfiguration, now: datetime) -> Iterator[Opened]:
    """Sign in, hold mapping, policy and roster against each other and the CRM; people's calendars as of `now`.

    Raises `ConfigurationError` with every finding, `RunStopped` when the CRM refuses or does not answer.
    """
    with connector_of(settings, configuration.name) as connector:
        org = connector.org()
        wanted = {*configuration.mapping.lead_fields}
        there = _fields(connector, configuration, configuration.mapping.lead.object, ("lead", "object"))
        fields = tuple(field for field in there if field.name in wanted)
        snapshot = Snapshot(org, connector.users(), fields)
        others = frozenset(field.name for field in there)
        yield Opened(prepared(settings, configuration, snapshot, others, now=now), connector, snapshot)


@contextmanager
def connector_of(settings: Settings, connection: str) -> Iterator[Connector]:
    """The connection's connector with its settings; no call is made yet, and sockets are released at the end.

    Raises `UsageError` when no such connector is installed, `ConfigurationError` for its options and secrets.
    """
    configured = settings.configured[connection]
    plugin = registry.load(configured.connector)
    connector = plugin.open(
        connector_settings(plugin, connection, configured.options, settings.file, settings.directory)
    )
    try:
        yield connector
    finally:
        connector.close()


def prepared(
    settings: Settings,
    configuration: ConnectionConfiguration,
    snapshot: Snapshot,
    others: Collection[str] = frozenset(),
    *,
    now: datetime | None = None,
) -> Prepared:
    """Mapping, policy and roster held against each other and the CRM's set-up. Raises `ConfigurationError`.

    `others`: names of lead fields that the mapping does not use, to suggest where it names one that is not there.
    `now`: around when people's calendars are read; null = by the clock.
    """
    lead_fields = {field.name: field for field in snapshot.lead_fields}
    mapping = labels_resolved(configuration.mapping, lead_fields)
    calendars, unreadable = read_calendars(settings.roster, settings.roster_document, now or clock.now())
    roster = resolve(settings.roster, snapshot.users, configuration.name, settings.roster_document, calendars)
    findings = [
        *findings_against(mapping, lead_fields, configuration.mapping_document, others),
        *hand_off_findings_against(mapping, lead_fields, configuration.mapping_document),
        *stage_findings(settings.policy, configuration),
        *fact_findings(settings.policy, configuration),
        *unreadable,
        *outside_names.connection_findings(settings.roster, settings.roster_document, settings.configured),
        *outside_names.fact_findings(
            settings.roster, settings.roster_document, {*settings.policy.all_facts, *configuration.mapping.facts}
        ),
        *unmapped_findings(settings.policy.hand_off, configuration.mapping, configuration.mapping_document),
        *roster.findings,
        *receiver_findings(settings, roster),
    ]
    if findings:
        raise ConfigurationError(findings)
    compiled = compile_policy(
        settings.policy,
        provided_kinds=mapping.provided_kinds,
        mapped_facts=frozenset(mapping.mapped_facts),
        time_zone=snapshot.org.time_zone,
    )
    return Prepared(
        configuration.name, configuration, settings, snapshot.org, snapshot.users, mapping, compiled, roster
    )


def stage_findings(policy: Policy, configuration: ConnectionConfiguration) -> Iterator[Finding]:
    """Stages that the policy decides and the mapping does not name, and the other way round."""
    document, named = configuration.mapping_document, configuration.mapping.stage.values
    wanted = policy.stages
    for stage in named:
        if stage not in wanted:
            yield document.finding(
                ("stage", "values", stage),
                f"the policy has no stage `{stage}`",
                did_you_mean(stage, wanted),
                at_key=True,
            )
    for stage in wanted:
        if stage not in named:
            yield document.finding(
                ("stage", "values"), f"no value is mapped for the policy's stage `{stage}`", "add it", at_key=True
            )


def fact_findings(policy: Policy, configuration: ConnectionConfiguration) -> Iterator[Finding]:
    """Every fact that the policy declares is mapped with the same type, or said to be `unmapped`."""
    document, mapping = configuration.mapping_document, configuration.mapping
    for name, fact in policy.all_facts.items():
        mapped = mapping.mapped_facts.get(name)
        if name not in mapping.facts:
            close = did_you_mean(name, mapping.facts)
            hint = close if close and close.startswith("did") else f"map it, or write `{name}: unmapped`"
            yield document.finding(("facts",), f"the policy's fact `{name}` is not mapped", hint, at_key=True)
        elif mapped is not None and not _same_type(mapped.type, fact.type):
            message = f"`{name}` is {mapped.type} here and {fact.type} in the policy"
            yield document.finding(("facts", name), message, f"write `type: {fact.type}`")


def _same_type(mapped: FactType, declared: FactType) -> bool:
    """Text and choice are both text; numbers and money are both numbers."""
    alike: Mapping[str, str] = {"choice": "text", "money": "number"}
    return alike.get(mapped, mapped) == alike.get(declared, declared)


def receiver_findings(settings: Settings, roster: Resolved) -> Iterator[Finding]:
    """A hand-off that is possible needs somebody to receive it (contracts: exit 2)."""
    if settings.policy.hand_off is not None and not roster.receivers:
        yield settings.roster_document.finding(
            ("people",),
            "nobody in the roster can receive a hand-off",
            "add at least one active person with the receiving role, or take `hand_off` out of the policy",
            at_key=True,
        )


def activity_findings(connection: Opened) -> list[Finding]:
    """Activity fields that the CRM lacks; looked at by `check` and before a full pull (one call per object)."""
    found: list[Finding] = []
    configuration = connection.prepared.configuration
    for index, activity in enumerate(connection.prepared.mapping.activities):
        if activity.object in connection.connector.capabilities.open_objects:
            continue
        place = ("activities", index, "object")
        try:
            fields = _fields(connection.connector, configuration, activity.object, place)
        except ConfigurationError as error:
            found += error.findings
            continue
        there = {field.name: field for field in fields}
        found += missing_fields(activity.object, activity_fields(activity), there, configuration.mapping_document)
    task = connection.prepared.mapping.hand_off and connection.prepared.mapping.hand_off.task
    if task:
        try:
            fields = _fields(connection.connector, configuration, task.object, ("hand_off", "task", "object"))
        except ConfigurationError as error:
            return found + list(error.findings)
        there = {field.name: field for field in fields}
        found += task_findings(task, there, configuration.mapping_document)
    return found


def account_findings(connection: Opened) -> list[Finding]:
    """Fields of accounts, customers and opportunities that the CRM lacks (one call per object)."""
    found: list[Finding] = []
    configuration = connection.prepared.configuration
    accounts = connection.prepared.mapping.accounts
    for name in account_fields(accounts):
        index = next(index for index, account in enumerate(accounts) if account.object == name)
        try:
            fields = _fields(connection.connector, configuration, name, ("accounts", index, "object"))
        except ConfigurationError as error:
            found += error.findings
            continue
        there = {field.name: field for field in fields}
        found += account_findings_against(accounts, name, there, configuration.mapping_document)
    return found


def _fields(
    connector: Connector, configuration: ConnectionConfiguration, object_name: str, place: tuple[str | int, ...]
) -> tuple[NativeField, ...]:
    """An object's fields; an object that is not there is told at its place in the mapping."""
    try:
        return connector.fields(object_name)
    except UsageError as error:
        raise configuration.mapping_document.error(place, error.message, error.hint) from error
