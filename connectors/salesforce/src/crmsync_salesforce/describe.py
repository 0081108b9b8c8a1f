"""What objects and fields there are for the signed-in user.

A field that the user may not read is absent from describe without a word, and loud in a query; so every field
asked for is looked up here first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from http import HTTPStatus

from crmsync.sdk import Choice, FieldKind, NativeField, Parent, UsageError
from crmsync_salesforce.errors import HIDDEN, Refusal
from crmsync_salesforce.replies import Described, DescribedField
from crmsync_salesforce.told_fields import AskedFields
from crmsync_salesforce.transport import Transport

LEAD_STATUSES = "SELECT ApiName, IsConverted FROM LeadStatus"
_NAME = re.compile(r"[A-Za-z]\w*")
_PATH = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)*")
_OPEN_TYPES = {"picklist", "multipicklist", "combobox"}
_KINDS: Mapping[str, FieldKind] = {
    "picklist": "choice", "multipicklist": "choices", "boolean": "boolean", "date": "date",
    "datetime": "datetime", "reference": "reference", "id": "reference", "currency": "money", "int": "number",
    "long": "number", "double": "number", "percent": "number", "string": "text", "textarea": "text", "url": "text",
    "email": "text", "phone": "text", "encryptedstring": "text", "combobox": "text",
}  # fmt: skip
"""Salesforce's types in the contract's words. Others (address, location, time, base64 …) are no values of a fact."""
CURRENCY_FIELD = "CurrencyIsoCode"
"""Of an org with several currencies: in which one a record's amounts are."""


@dataclass(frozen=True, slots=True)
class ObjectSchema:
    """An object's fields by lower-case name, and its relationships to parents (lower-case `owner`)."""

    name: str
    fields: Mapping[str, DescribedField]
    relationships: frozenset[str]
    replicateable: bool

    def has(self, field: str) -> bool:
        """Whether the user can read such a field."""
        return field.lower() in self.fields

    def check(self, paths: Iterable[str]) -> None:
        """Raise `UsageError` naming every field that does not exist. Of `Owner.Name` it checks `Owner` only."""
        missing = [path for path in paths if not self._knows(path)]
        if missing:
            raise missing_fields(self, missing)

    def asked(self, paths: Iterable[str]) -> AskedFields:
        """These fields as Salesforce spells them."""
        known = {path: self.fields.get(path.lower()) for path in paths}
        return AskedFields.of(field.name if field else path for path, field in known.items())

    def type_of(self, path: str) -> str | None:
        """Salesforce's type of a field; null for a parent's field."""
        field = self.fields.get(path.lower())
        return field.type if field else None

    def _knows(self, path: str) -> bool:
        if not _PATH.fullmatch(path):
            return False
        first, *rest = path.lower().split(".")
        return first in self.relationships if rest else first in self.fields


class Describer:
    """Describes each object once per connection."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._schemas: dict[str, ObjectSchema] = {}

    def schema(self, object_name: str) -> ObjectSchema:
        """The object as the user sees it. Raises `UsageError` when there is none of that name."""
        known = self._schemas.get(object_name.lower())
        return known or self._ask(object_name)

    def native_fields(self, object_name: str) -> tuple[NativeField, ...]:
        """The fields in the contract's shape. A lead status that means *converted* is an inactive choice."""
        schema = self.schema(object_name)
        converted = self._converted_statuses() if schema.name == "Lead" else frozenset()
        currency = CURRENCY_FIELD if schema.has(CURRENCY_FIELD) else None
        return tuple(
            _native(field, converted if field.name == "Status" else frozenset(), currency)
            for field in schema.fields.values()
        )

    def parents(self, object_name: str) -> dict[str, Parent]:
        """Where the lookups lead. What stands behind one of several objects is in none of their describes."""
        return {
            field.relationship_name: Parent(tuple(targets) if len(targets := field.reference_to or ()) == 1 else ())
            for field in self.schema(object_name).fields.values()
            if field.relationship_name
        }

    def _ask(self, object_name: str) -> ObjectSchema:
        if not _NAME.fullmatch(object_name):
            raise _no_such_object(object_name)
        try:
            described = self._transport.call(
                f"the description of {object_name}",
                lambda client: client.restful(f"sobjects/{object_name}/describe"),
                Described,
            )
        except Refusal as refusal:
            if refusal.code in {"NOT_FOUND", "INVALID_TYPE", f"HTTP {HTTPStatus.NOT_FOUND}"}:
                raise _no_such_object(object_name) from refusal
            raise
        schema = ObjectSchema(
            name=described.name,
            fields={field.name.lower(): field for field in described.fields},
            relationships=frozenset(
                field.relationship_name.lower() for field in described.fields if field.relationship_name
            ),
            replicateable=described.replicateable,
        )
        self._schemas[object_name.lower()] = schema
        return schema

    def _converted_statuses(self) -> frozenset[str]:
        try:
            rows = list(self._transport.facts(LEAD_STATUSES, what="the query on LeadStatus"))
        except Refusal as refusal:
            if refusal.code not in HIDDEN:
                raise
            self._transport.leave_out(
                "which lead statuses mean *converted* is not known: this user may not read LeadStatus"
            )
            return frozenset()
        return frozenset(str(row.get("ApiName")) for row in rows if row.get("IsConverted"))


def missing_fields(schema: ObjectSchema, missing: Iterable[str]) -> UsageError:
    """The error for fields that do not exist or are hidden, with close matches."""
    known = {field.name.lower(): field.name for field in schema.fields.values()}
    words = []
    for path in missing:
        near = [known[name] for name in get_close_matches(path.lower(), known, n=3)]
        words.append(f"{path!r}" + (f" (close: {', '.join(near)})" if near else ""))
    return UsageError(
        f"{schema.name} has no field {', '.join(words)}",
        hint="mend the name in the mapping, or let the user that crmsync signs in as see the field "
        "(field-level security)",
    )


def _no_such_object(name: str) -> UsageError:
    return UsageError(
        f"Salesforce has no object {name!r} for this user",
        hint="mend the name in the mapping, or give the user access to the object",
    )


def _native(field: DescribedField, converted: frozenset[str], currency: str | None) -> NativeField:
    choices = tuple(
        Choice(entry.value, entry.label or entry.value, entry.active and entry.value not in converted)
        for entry in field.picklist_values or ()
        if entry.value is not None
    )
    return NativeField(
        name=field.name,
        label=field.label or field.name,
        type=field.type,
        writable=field.updateable and not field.calculated,
        choices=choices,
        open_choices=field.type in _OPEN_TYPES and not field.restricted_picklist,
        kind=_KINDS.get(field.type, "unknown"),
        calculated=field.calculated,
        max_length=field.length or None,
        currency_field=currency if field.type == "currency" else None,
        clearable=field.nillable,
        max_digits=_digits(field),
        masked=field.type == "encryptedstring",
    )


def _digits(field: DescribedField) -> int | None:
    """Before the decimal point: of whole numbers as told, of others what the decimals leave."""
    if field.type == "int":
        return field.digits or None
    return field.precision - (field.scale or 0) if field.precision else None
