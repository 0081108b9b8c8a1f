"""Short ways to describe fields and objects, with the defaults that most of them share."""

from __future__ import annotations

from typing import Any

from crmsync_practice.salesforce.schema import Field, SObject


def make_field(name: str, kind: str, **given: Any) -> Field:
    if kind == "textarea":
        given = {"filterable": False, "sortable": False, "groupable": False, "length": 32000, **given}
    elif kind in {"string", "email", "phone", "url", "picklist"}:
        given = {"length": 255, **given}
    elif kind in {"double", "currency", "percent"}:
        given = {"precision": 18, "scale": 2, **given}
    return Field(name=name, type=kind, label=given.pop("label", spaced(name)), **given)


def spaced(name: str) -> str:
    return "".join(f" {letter}" if letter.isupper() and index else letter for index, letter in enumerate(name))


def read_only(name: str, kind: str, **given: Any) -> Field:
    return make_field(name, kind, createable=False, updateable=False, **given)


def reference(name: str, relationship: str, *targets: str, **given: Any) -> Field:
    return make_field(name, "reference", relationship=relationship, targets=targets, length=18, **given)


def system_fields() -> list[Field]:
    user = {"createable": False, "updateable": False, "nillable": False}
    return [
        read_only("CreatedDate", "datetime", nillable=False),
        reference("CreatedById", "CreatedBy", "User", **user),
        read_only("LastModifiedDate", "datetime", nillable=False),
        reference("LastModifiedById", "LastModifiedBy", "User", **user),
        read_only("SystemModstamp", "datetime", nillable=False),
    ]


def id_fields() -> list[Field]:
    return [
        read_only("Id", "id", length=18, nillable=False, label="Record ID"),
        read_only("IsDeleted", "boolean", nillable=False, label="Deleted"),
    ]


def make_object(name: str, prefix: str, fields: list[Field], **given: Any) -> SObject:
    plural = given.pop("plural", f"{name}s")
    return SObject(
        name=name,
        prefix=prefix,
        fields={each.name: each for each in fields},
        label=given.pop("label", spaced(name)),
        plural=plural,
        **given,
    )


def address_fields(prefix: str = "", compound: str = "Address") -> list[Field]:
    return [
        make_field(f"{prefix}{part}", "string" if part != "Street" else "textarea", compound=compound, length=length)
        for part, length in (("Street", 255), ("City", 40), ("State", 80), ("PostalCode", 20), ("Country", 80))
    ]


def reading_object(name: str, prefix: str, fields: list[Field], **given: Any) -> SObject:
    return make_object(name, prefix, fields, writable=False, deletable=False, **given)


def name_field(length: int = 80) -> Field:
    return make_field("Name", "string", length=length, nillable=False, name_field=True)
