"""Whether objects that the mapping names beside the leads are in the CRM: activities, tasks, accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crmsync.connection.opening import Opened, object_fields
from crmsync.connection.parents import fields_of_parents
from crmsync.contract import NativeField
from crmsync.errors import ConfigurationError, Finding, UsageError
from crmsync.mapping import (
    account_fields,
    account_findings_against,
    activity_fields,
    missing_fields,
    task_findings,
)

Fields = Mapping[str, NativeField]


@dataclass
class Described:
    """Objects beside the leads as the CRM describes them. `findings`: what the mapping asks of them in vain."""

    fields: dict[str, dict[str, NativeField]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def reading_findings(opened: Opened) -> list[Finding]:
    """Objects of the mapping that the CRM does not let this user read; one small question for each."""
    mapping = opened.prepared.mapping
    asked: dict[str, tuple[tuple[str | int, ...], str | None]] = {mapping.lead.object: (("lead", "object"), None)}
    for index, activity in enumerate(mapping.activities):
        asked.setdefault(activity.object, (("activities", index, "object"), mapping.lead.object))
    for index, account in enumerate(opened.prepared.accounts_asked):
        asked.setdefault(account.object, (("accounts", index, "object"), None))
    found: list[Finding] = []
    for object_name, (place, leads_object) in asked.items():
        try:
            opened.connector.ask(object_name, leads_object)
        except UsageError as error:
            document = opened.prepared.configuration.mapping_document
            found.append(document.finding(place, error.message, error.hint))
    return found


def activity_findings(opened: Opened) -> list[Finding]:
    """Activity fields that the CRM lacks; looked at by `check` and before a full pull (one call per object)."""
    return described_activities(opened).findings


def described_activities(opened: Opened) -> Described:
    """The objects of activities, and that of the receiver's task; one call per object."""
    found = Described()
    configuration = opened.prepared.configuration
    for index, activity in enumerate(opened.prepared.mapping.activities):
        if activity.object in opened.connector.capabilities.open_objects:
            continue
        wanted = activity_fields(activity)
        there = _described(opened, activity.object, ("activities", index, "object"), found, wanted)
        if there is not None:
            found.findings += missing_fields(activity.object, wanted, there, configuration.mapping_document)
    for place, part in opened.prepared.mapping.hand_off_parts:
        if part.task is None:
            continue
        where = (*place, "task")
        there = _described(opened, part.task.object, (*where, "object"), found)
        if there is not None:
            found.findings += task_findings(part.task, there, configuration.mapping_document, where)
    return found


def account_findings(opened: Opened) -> list[Finding]:
    """Fields of accounts, customers and opportunities that the CRM lacks."""
    return described_accounts(opened).findings


def described_accounts(opened: Opened) -> Described:
    """The objects of accounts, customers and opportunities; one call per object."""
    found = Described()
    accounts = opened.prepared.mapping.accounts
    document = opened.prepared.configuration.mapping_document
    for name, wanted in account_fields(accounts).items():
        index = next(index for index, account in enumerate(accounts) if account.object == name)
        there = _described(opened, name, ("accounts", index, "object"), found, wanted)
        if there is not None:
            found.findings += account_findings_against(accounts, name, there, document)
    return found


def _described(
    opened: Opened, name: str, place: tuple[str | int, ...], found: Described, wanted: Sequence[str] = ()
) -> Fields | None:
    """One object's fields by name, those of its parents that are `wanted` among them, noted.

    Null and a finding where the object is not there.
    """
    try:
        fields = object_fields(opened.connector, opened.prepared.configuration, name, place)
    except ConfigurationError as error:
        found.findings += error.findings
        return None
    there = found.fields.setdefault(name, {each.name: each for each in fields})
    there.update((each.name, each) for each in fields_of_parents(opened.connector, name, wanted))
    return there
