"""Creates, changes and deletes records by the API's rules, and tells the write log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crmsync_practice.backend import PracticeContext
from crmsync_practice.salesforce import duplicates
from crmsync_practice.salesforce.errors import SalesforceError, entity_is_deleted, not_found
from crmsync_practice.salesforce.field_history import note_changes
from crmsync_practice.salesforce.http import Call
from crmsync_practice.salesforce.ids import read_id
from crmsync_practice.salesforce.instants import to_stamp
from crmsync_practice.salesforce.rules import Rules
from crmsync_practice.salesforce.schema import Field, SObject
from crmsync_practice.salesforce.storage import Store
from crmsync_practice.salesforce.values import to_column


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, by which request. `assign`: whether assignment rules may run; `insists`: whether duplicates are
    saved where a rule only alerts.
    """

    user_id: str
    method: str
    path: str
    headers: Mapping[str, str]
    assign: bool = True
    insists: bool = False

    @classmethod
    def of(cls, call: Call) -> Author:
        """The author of a request; `Sforce-Auto-Assign` is TRUE unless it says FALSE."""
        assign = call.headers.get("sforce-auto-assign", "TRUE").strip().upper() != "FALSE"
        return cls(call.user_id, call.method, call.path, call.headers, assign, duplicates.allows(call.headers))


class Saver:
    """The one place where API writes happen."""

    def __init__(self, store: Store, context: PracticeContext, rules: Rules) -> None:
        self._store = store
        self._context = context
        self._rules = rules
        self._held: list[dict[str, Any]] | None = None

    def together(self, work: Callable[[], None]) -> None:
        """Runs several writes in one transaction for speed; each still succeeds or fails by itself."""
        self._store.in_transaction(work)

    def all_or_none(self, work: Callable[[], None]) -> None:
        """Runs several writes in one transaction; if `work` raises, none of them happened nor is logged."""
        outer = self._held
        self._held = []
        try:
            self._store.in_transaction(work)
            done = self._held
        finally:
            self._held = outer
        for entry in done:
            self._tell(entry)

    def create(self, sobject: SObject, given: Mapping[str, Any], author: Author, *, from_csv: bool = False) -> str:
        """Creates one record and gives its id; raises SalesforceError."""
        self._writable(sobject)
        values = self._columns(sobject, given, creating=True, from_csv=from_csv)
        stamp = to_stamp(self._context.clock.now())
        self._rules.record_types.start(sobject, values)
        if "OwnerId" in sobject.fields and values.get("OwnerId") is None:
            values["OwnerId"] = author.user_id
        self._require(sobject, values)
        made = {"CreatedDate": stamp, "CreatedById": author.user_id}
        values |= {name: value for name, value in made.items() if name in sobject.fields}

        def work() -> str:
            self._complete(sobject, values, None, author, stamp)
            record_id = self._store.insert(sobject, values)
            self._rules.after_save(sobject, record_id, None, values, stamp)
            return record_id

        record_id: str = self._store.in_transaction(work)
        self._note(sobject, record_id, None, values, {*given, "OwnerId"}, author, 201)
        return record_id

    def update(
        self,
        sobject: SObject,
        record_id: str,
        given: Mapping[str, Any],
        author: Author,
        *,
        from_csv: bool = False,
    ) -> None:
        """Changes one record; raises SalesforceError."""
        self._writable(sobject)
        before = self.existing(sobject, record_id)
        self._rules.before_update(sobject, before)
        values = self._columns(sobject, given, creating=False, from_csv=from_csv)
        stamp = to_stamp(self._context.clock.now())

        def work() -> None:
            self._complete(sobject, values, before, author, stamp)
            self._store.update(sobject, before["Id"], values)
            after = {**before, **values}
            note_changes(self._store, sobject, before, after, by=author.user_id, stamp=stamp)
            self._rules.after_save(sobject, before["Id"], before, after, stamp)

        self._store.in_transaction(work)
        self._note(sobject, before["Id"], before, {**before, **values}, set(given), author, 204)

    def delete(self, sobject: SObject, record_id: str, author: Author, *, hard: bool = False) -> None:
        """Moves one record to the recycle bin, or removes it for good."""
        self._writable(sobject)
        if not sobject.deletable:
            raise SalesforceError(
                "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", status=403
            )
        before = self.existing(sobject, record_id)
        self._rules.locked(before["Id"])
        stamp = to_stamp(self._context.clock.now())
        marks = {
            "IsDeleted": 1,
            "LastModifiedDate": stamp,
            "LastModifiedById": author.user_id,
            "SystemModstamp": stamp,
        }

        def work() -> None:
            if hard:
                self._store.delete_row(sobject, before["Id"])
            else:
                self._store.update(sobject, before["Id"], marks)
            self._rules.after_save(sobject, before["Id"], before, before, stamp)

        self._store.in_transaction(work)
        after = None if hard else {"IsDeleted": True}
        self.log(sobject, before["Id"], {"IsDeleted": False}, after, author, 204)

    def existing(self, sobject: SObject, record_id: str) -> dict[str, Any]:
        """The row of an id in either form; raises MALFORMED_ID, NOT_FOUND or ENTITY_IS_DELETED."""
        canonical = read_id(record_id)
        if canonical is None or not canonical.startswith(sobject.prefix):
            raise SalesforceError(
                "MALFORMED_ID", f"{sobject.label} ID: id value of incorrect type: {record_id[:40]}", fields=["Id"]
            )
        row = self._store.row(sobject, canonical)
        if row is None:
            raise not_found()
        if row.get("IsDeleted"):
            raise entity_is_deleted()
        return row

    def by_external_id(self, sobject: SObject, field: Field, value: str) -> list[dict[str, Any]]:
        """The live rows with this external id."""
        rows = self._store.rows_where(sobject, field.name, to_column(field, value, from_csv=True))
        return [row for row in rows if not row.get("IsDeleted")]

    def _writable(self, sobject: SObject) -> None:
        if not sobject.writable:
            raise SalesforceError(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                f"entity type {sobject.name} cannot be written through the API",
            )

    def _columns(
        self, sobject: SObject, given: Mapping[str, Any], *, creating: bool, from_csv: bool
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        refused = []
        for name, value in given.items():
            if name.lower() == "attributes":
                continue
            field = sobject.field(name)
            if field is None:
                raise SalesforceError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
            if field.type == "id":
                raise SalesforceError(
                    "INVALID_FIELD", f"The {field.name} field should not be specified in the sobject data."
                )
            if not (field.createable if creating else field.updateable):
                refused.append(field.name)
                continue
            values[field.name] = to_column(field, value, from_csv=from_csv)
            if values[field.name] is None and not field.nillable and not creating:
                raise _missing([field.name])
        if refused:
            names = ", ".join(refused)
            raise SalesforceError(
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                f"Unable to create/update fields: {names}. Please check the security settings of this field and "
                "verify that it is read/write for your profile or permission set.",
                fields=refused,
            )
        return values

    def _require(self, sobject: SObject, values: Mapping[str, Any]) -> None:
        missing = [
            field.name
            for field in sobject.stored()
            if not field.nillable and field.createable and field.type != "boolean" and values.get(field.name) is None
        ]
        if missing:
            raise _missing(missing)

    def _complete(
        self, sobject: SObject, values: dict[str, Any], before: dict[str, Any] | None, author: Author, stamp: str
    ) -> None:
        """Adds what follows from the given values: references checked, calculated columns, owner, stamps."""
        self._rules.before_save(sobject, values, before, author.assign, stamp, insists=author.insists)
        stamps = {"LastModifiedDate": stamp, "LastModifiedById": author.user_id, "SystemModstamp": stamp}
        values |= {name: value for name, value in stamps.items() if name in sobject.fields}

    def _note(
        self,
        sobject: SObject,
        record_id: str,
        before: dict[str, Any] | None,
        after: Mapping[str, Any],
        names: set[str],
        author: Author,
        status: int,
    ) -> None:
        if before is not None and after.get("OwnerId") != before.get("OwnerId"):
            names = {*names, "OwnerId"}
        fields = [field for field in (sobject.field(name) for name in sorted(names)) if field is not None]
        self.log(
            sobject,
            record_id,
            None if before is None else _shown(before, fields),
            _shown(after, fields),
            author,
            status,
        )

    def log(
        self,
        sobject: SObject,
        record_id: str,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
        author: Author,
        status: int,
    ) -> None:
        """Tells the write log of one record, at once or when the open all-or-none transaction is done."""
        self._tell(
            {
                "method": author.method,
                "path": author.path,
                "status": status,
                "object": sobject.name,
                "id": record_id,
                "before": before,
                "after": after,
                "headers": author.headers,
                "by": author.user_id,
            }
        )

    def _tell(self, entry: dict[str, Any]) -> None:
        if self._held is not None:
            self._held.append(entry)
        else:
            self._context.writes.append(**entry)


def _shown(row: Mapping[str, Any], fields: list[Field]) -> dict[str, Any]:
    return {
        field.name: bool(row[field.name]) if field.type == "boolean" else row[field.name]
        for field in fields
        if field.name in row
    }


def _missing(names: list[str]) -> SalesforceError:
    return SalesforceError(
        "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", fields=names
    )
