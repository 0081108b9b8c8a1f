"""Whether objects that the mapping names beside the leads are in the CRM: activities, tasks, accounts."""

from __future__ import annotations

from crmsync.connection.opening import Opened, object_fields
from crmsync.errors import ConfigurationError, Finding, UsageError
from crmsync.mapping import (
    account_fields,
    account_findings_against,
    activity_fields,
    missing_fields,
    task_findings,
)


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
    found: list[Finding] = []
    configuration = opened.prepared.configuration
    for index, activity in enumerate(opened.prepared.mapping.activities):
        if activity.object in opened.connector.capabilities.open_objects:
            continue
        place = ("activities", index, "object")
        try:
            fields = object_fields(opened.connector, configuration, activity.object, place)
        except ConfigurationError as error:
            found += error.findings
            continue
        there = {field.name: field for field in fields}
        found += missing_fields(activity.object, activity_fields(activity), there, configuration.mapping_document)
    task = opened.prepared.mapping.hand_off and opened.prepared.mapping.hand_off.task
    if task:
        try:
            fields = object_fields(opened.connector, configuration, task.object, ("hand_off", "task", "object"))
        except ConfigurationError as error:
            return found + list(error.findings)
        there = {field.name: field for field in fields}
        found += task_findings(task, there, configuration.mapping_document)
    return found


def account_findings(opened: Opened) -> list[Finding]:
    """Fields of accounts, customers and opportunities that the CRM lacks (one call per object)."""
    found: list[Finding] = []
    configuration = opened.prepared.configuration
    accounts = opened.prepared.mapping.accounts
    for name in account_fields(accounts):
        index = next(index for index, account in enumerate(accounts) if account.object == name)
        try:
            fields = object_fields(opened.connector, configuration, name, ("accounts", index, "object"))
        except ConfigurationError as error:
            found += error.findings
            continue
        there = {field.name: field for field in fields}
        found += account_findings_against(accounts, name, there, configuration.mapping_document)
    return found
