"""Whether objects that the mapping names beside the leads are in the CRM: activities, tasks, accounts."""

from __future__ import annotations

from crmsync.connection.opening import Opened, object_fields
from crmsync.errors import ConfigurationError, Finding
from crmsync.mapping import (
    account_fields,
    account_findings_against,
    activity_fields,
    missing_fields,
    task_findings,
)


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
