"""The Tooling API's queries on fields and value sets; `Metadata` comes of one row only, as there.

Source: Tooling API Reference, "CustomField", "StandardValueSet".
"""

from __future__ import annotations

import re
from typing import Any

from crmsync_practice.salesforce.deployed import Deployed
from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.http import Call, Reply

_QUERY = re.compile(r"SELECT (?P<columns>[\w, ]+) FROM (?P<name>\w+)(?: WHERE (?P<tests>.+))?", re.IGNORECASE)
_TEST = re.compile(r"(\w+) = '([^']*)'")
_CUSTOM_FIELDS, _VALUE_SETS = "CustomField", "StandardValueSet"


class Tooling:
    """`tooling/query`."""

    def __init__(self, deployed: Deployed) -> None:
        self._deployed = deployed

    def query(self, call: Call) -> Reply:
        """`GET tooling/query?q=…` on the two objects, with tests of equality."""
        match = _QUERY.fullmatch(call.query.get("q", "").strip())
        if match is None:
            raise SalesforceError("MALFORMED_QUERY", "the practice org takes SELECT … FROM … WHERE … = '…' here")
        tests = {name.lower(): value for name, value in _TEST.findall(match["tests"] or "")}
        columns = [column.strip() for column in match["columns"].split(",")]
        rows = self._rows(match["name"], tests, columns)
        records = [
            {"attributes": {"type": match["name"]}, **{column: row.get(column) for column in columns}} for row in rows
        ]
        return Reply(content={"size": len(records), "totalSize": len(records), "done": True, "records": records})

    def _rows(self, name: str, tests: dict[str, str], columns: list[str]) -> list[dict[str, Any]]:
        if name == _VALUE_SETS:
            label = tests.get("masterlabel", "")
            metadata = self._deployed.standard_values(label)
            return [] if metadata is None else [{"MasterLabel": label, "Metadata": metadata}]
        if name != _CUSTOM_FIELDS:
            raise SalesforceError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
        object_name = tests.get("tableenumorid", "Lead")
        names = self._deployed.custom_fields(object_name)
        wanted = tests.get("developername")
        found = [each for each in names if wanted is None or each.lower() == wanted.lower()]
        if "Metadata" in columns and len(found) > 1:
            raise SalesforceError(
                "MALFORMED_QUERY", "When retrieving results with Metadata, the query must return 1 row"
            )
        return [
            {
                "DeveloperName": each,
                "TableEnumOrId": object_name,
                "Metadata": self._deployed.metadata_of(object_name, each),
            }
            for each in found
        ]
