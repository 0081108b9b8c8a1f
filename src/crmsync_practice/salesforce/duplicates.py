"""Duplicate rules: a save that looks like another record is refused, or let pass when the client insists.

The switch `duplicate_rules` declares them. A rule of action `alert` ("allow, alert") lets a save pass that carries
`Sforce-Duplicate-Rule-Header: allowSave=true`; `block` refuses in any case (documented). Rules run on every create
and update, whatever it changes (seen in issue trackers).
"""

# ruff: noqa: S608 - names come from the schema; values are bound.
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.schema import SObject
from crmsync_practice.salesforce.storage import Store

_ALLOWED = re.compile(r"allowSave\s*=\s*true", re.IGNORECASE)
_MOST_SHOWN = 5


def allows(headers: Mapping[str, str]) -> bool:
    """Whether a request insists on saving what looks like a duplicate."""
    return _ALLOWED.search(headers.get("sforce-duplicate-rule-header", "")) is not None


def check(
    store: Store, rules: list[dict[str, Any]], sobject: SObject, known: Mapping[str, Any], *, allowed: bool
) -> None:
    """Raises DUPLICATES_DETECTED for a record that a rule finds elsewhere; `known` is the record as it would be."""
    for rule in rules:
        if rule.get("object", "Lead").lower() != sobject.name.lower() or (allowed and _alerts(rule)):
            continue
        found = _matches(store, rule.get("fields", ["Email"]), sobject, known)
        if found:
            message = str(rule.get("message", "Use one of these records?"))
            raise SalesforceError(
                "DUPLICATES_DETECTED",
                message,
                fields=[],
                duplicateResult=_result(rule, sobject, found, message),
            )


def _alerts(rule: Mapping[str, Any]) -> bool:
    return bool(rule.get("action", "alert") == "alert")


def _matches(store: Store, names: list[str], sobject: SObject, known: Mapping[str, Any]) -> list[str]:
    fields = [field for field in (sobject.field(name) for name in names) if field is not None]
    values = [known.get(field.name) for field in fields]
    if not fields or any(value is None for value in values):
        return []
    same = " AND ".join(f'"{field.name}" = ?' for field in fields)
    alive = " AND IsDeleted = 0" if "IsDeleted" in sobject.fields else ""
    rows = store.connection.execute(
        f"SELECT Id FROM {sobject.table} WHERE {same}{alive} AND Id IS NOT ? ORDER BY n LIMIT {_MOST_SHOWN}",
        (*values, known.get("Id")),
    )
    return [row[0] for row in rows]


def _result(rule: Mapping[str, Any], sobject: SObject, found: list[str], message: str) -> dict[str, Any]:
    matches = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {"attributes": {"type": sobject.name}, "Id": each},
        }
        for each in found
    ]
    match = {
        "entityType": sobject.name,
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": matches,
        "rule": f"{sobject.name}_Match_Rule",
        "size": len(matches),
        "success": True,
    }
    return {
        "allowSave": _alerts(rule),
        "duplicateRule": str(rule.get("name", f"Standard_{sobject.name}_Duplicate_Rule")),
        "duplicateRuleEntityType": sobject.name,
        "errorMessage": message,
        "matchResults": [match],
    }
