"""A permission set of the org: what it allows, what it lacks, and adding that. Nothing is taken away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from crmsync.sdk import OutcomeUncertain, Provided, RunStopped, UsageError
from crmsync_salesforce.replies import SaveResult
from crmsync_salesforce.transport import Transport

_ROWS_AT_ONCE = 200

FieldPermission = Mapping[str, Any]
"""`field` (`Lead.Band__c`), `readable`, `editable`."""


class _UserInfo(msgspec.Struct):
    user_id: str


class PermissionSets:
    """Permission sets by name, asked anew each time."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def find(self, name: str) -> str | None:
        """The set's id; null where there is none of this name."""
        return self._id(f"SELECT Id FROM PermissionSet WHERE Name = '{name}'", "PermissionSet")  # noqa: S608

    def lacking(self, permission_set: str, wanted: Iterable[FieldPermission]) -> Iterator[FieldPermission]:
        """Those of these permissions that the set does not give."""
        soql = f"SELECT Field, PermissionsEdit FROM FieldPermissions WHERE ParentId = '{permission_set}'"  # noqa: S608
        rows = self._transport.facts(soql, what="the query on FieldPermissions")
        held = {str(row.get("Field")): bool(row.get("PermissionsEdit")) for row in rows}
        for each in wanted:
            if each["field"] not in held or (each["editable"] and not held[each["field"]]):
                yield each

    def assigned(self, permission_set: str) -> bool:
        """Whether the signed-in user has it."""
        soql = (
            f"SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = '{permission_set}' "  # noqa: S608
            f"AND AssigneeId = '{self._user()}'"
        )
        return self._id(soql, "PermissionSetAssignment") is not None

    def give(self, name: str, wanted: Sequence[FieldPermission]) -> Provided:
        """Add to the set what it lacks of these, and give it to the signed-in user."""
        try:
            permission_set = self.find(name)
            if permission_set is None:
                return Provided("uncertain", "the permission set is not to be seen yet")
            rows = [_row(permission_set, each) for each in self.lacking(permission_set, wanted)]
            if not self.assigned(permission_set):
                rows.append(_assignment(permission_set, self._user()))
            refused = [error for each in self._saved(rows) if not each.success for error in each.errors or ()]
        except RunStopped as stopped:
            if isinstance(stopped, UsageError):
                raise
            return Provided("uncertain" if isinstance(stopped, OutcomeUncertain) else "refused", stopped.message)
        return Provided("refused", refused[0].message or refused[0].status_code) if refused else Provided("made")

    def _id(self, soql: str, name: str) -> str | None:
        rows = self._transport.query(soql, what=f"the query on {name}").records
        return str(rows[0].get("Id")) if rows else None

    def _user(self) -> str:
        told = self._transport.call("who is signed in", lambda client: client.oauth2("userinfo"), _UserInfo)
        return told.user_id

    def _saved(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[SaveResult]:
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            body = {"allOrNone": False, "records": rows[start : start + _ROWS_AT_ONCE]}
            yield from self._transport.call(
                "adding to the permission set",
                lambda client: client.restful("composite/sobjects", method="POST", json=body),  # noqa: B023
                list[SaveResult],
                idempotent=False,
            )


def _row(permission_set: str, wanted: FieldPermission) -> dict[str, Any]:
    return {
        "attributes": {"type": "FieldPermissions"},
        "ParentId": permission_set,
        "SobjectType": str(wanted["field"]).split(".")[0],
        "Field": wanted["field"],
        "PermissionsRead": True,
        "PermissionsEdit": wanted["editable"],
    }


def _assignment(permission_set: str, user: str) -> dict[str, Any]:
    return {
        "attributes": {"type": "PermissionSetAssignment"},
        "PermissionSetId": permission_set,
        "AssigneeId": user,
    }
