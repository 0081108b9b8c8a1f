"""What of the schema the user sees: switches hide objects and fields, restrict picklists, and turn features on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crmsync_practice.reading import RecordRefused
from crmsync_practice.salesforce.catalogue.currency_fields import FIELD, OBJECT
from crmsync_practice.salesforce.rep_fields import RESTRICTED
from crmsync_practice.salesforce.schema import Field, Schema, SObject


def check_names(schema: Schema, switches: Mapping[str, Any]) -> None:
    """Raises RecordRefused for an object that the org does not have."""
    names = [*switches["hidden_objects"], *(each.get("object", "Lead") for each in switches["duplicate_rules"])]
    for name in names:
        if name.lower() not in {each.name.lower() for each in schema}:
            raise RecordRefused(f"no such object: {name}")
    for rule in switches["duplicate_rules"]:
        sobject = schema[rule.get("object", "Lead")]
        for name in rule.get("fields", []):
            if name.lower() not in {each.lower() for each in sobject.fields}:
                raise RecordRefused(f"duplicate_rules: {sobject.name} has no field {name}")


class Visibility:
    """Applies the switches to the schema, and only when they were changed."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._applied: tuple[Any, ...] = ()

    def apply(self, switches: Mapping[str, Any]) -> None:
        """Brings the schema up to date."""
        wanted = (
            frozenset(switches["hidden_fields"]),
            frozenset(switches["restricted_picklists"]),
            bool(switches["unique_external_ids"]),
            bool(switches["record_types"]),
            tuple(switches["currencies"]),
            frozenset(each.lower() for each in switches["hidden_objects"]),
        )
        if wanted == self._applied:
            return
        self._applied = wanted
        codes, hidden_objects = wanted[4], wanted[5]
        for sobject in self._schema:
            absent = sobject.name == OBJECT and not codes
            sobject.hidden = absent or sobject.name.lower() in hidden_objects
            for field in list(sobject.fields.values()):
                shown = self._shown(sobject, field)
                if shown != field:
                    sobject.add(shown)

    def _shown(self, sobject: SObject, field: Field) -> Field:
        hidden_fields, restricted, unique, typed, codes, _ = self._applied
        name = f"{sobject.name}.{field.name}"
        hidden = name in hidden_fields
        if field.name == FIELD:
            return replace(field, hidden=hidden or not codes, picklist=codes)
        # A real Lead has RecordTypeId only where there are record types.
        absent = name == "Lead.RecordTypeId" and not typed
        return replace(
            field,
            hidden=hidden or absent,
            restricted=name in restricted or field.name in RESTRICTED,
            unique=field.external_id and unique,
        )
