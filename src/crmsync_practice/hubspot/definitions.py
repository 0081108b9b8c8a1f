"""What a property is: its definition record, its JSON, and how the standard tables become definitions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from crmsync_practice.hubspot.property_tables import COMMON_TABLE, OPTION_SETS, TABLES

LIFECYCLE_OPTIONS: tuple[tuple[str, str], ...] = (
    ("subscriber", "Subscriber"),
    ("lead", "Lead"),
    ("marketingqualifiedlead", "Marketing Qualified Lead"),
    ("94943285", "Sales Accepted Lead"),
    ("salesqualifiedlead", "Sales Qualified Lead"),
    ("94943286", "Sales Qualified Opportunity"),
    ("opportunity", "Opportunity"),
    ("customer", "Customer"),
    ("evangelist", "Evangelist"),
    ("other", "Other"),
)
"""The portal's lifecycle stages in order; custom ones carry a numeric internal id (wire notes, section 5)."""

BORN = "2019-08-06T02:41:08.029Z"


@dataclass(frozen=True)
class Option:
    """One choice of an enumeration."""

    value: str
    label: str
    order: int
    hidden: bool = False
    description: str | None = None

    def json(self) -> dict[str, Any]:
        """The option as the properties API shows it."""
        shown: dict[str, Any] = {"label": self.label, "value": self.value}
        if self.description is not None:
            shown["description"] = self.description
        return {**shown, "displayOrder": self.order, "hidden": self.hidden}


@dataclass(frozen=True)
class Definition:
    """One property of one object type.

    `attribute` is the import attribute that the property keeps, `value_type` that attribute's JSON type
    (`text`, `number`, `boolean`, or None when the property is no import attribute).
    """

    name: str
    label: str
    type: str
    field_type: str
    group: str
    description: str = ""
    options: tuple[Option, ...] = ()
    order: int = -1
    read_only: bool = False
    calculated: bool = False
    unique: bool = False
    external: bool = False
    hidden: bool = False
    form_field: bool = False
    standard: bool = True
    archived: bool = False
    referenced: str | None = None
    created_at: str = BORN
    updated_at: str = BORN
    attribute: str | None = None
    value_type: str | None = None
    values: frozenset[str] = field(default=frozenset(), compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozenset(option.value for option in self.options))

    @property
    def multiple(self) -> bool:
        """Whether the value is a `;`-joined list."""
        return self.type == "enumeration" and self.field_type == "checkbox"

    def with_options(self, values: list[str]) -> Definition:
        """The same property with further options at the end."""
        added = tuple(
            Option(value, value, len(self.options) + index)
            for index, value in enumerate(value for value in values if value not in self.values)
        )
        return replace(self, options=self.options + added)

    def json(self) -> dict[str, Any]:
        """The definition as the properties API shows it (wire notes, section 4)."""
        shown: dict[str, Any] = {
            "updatedAt": self.updated_at,
            "createdAt": self.created_at,
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [option.json() for option in self.options],
            "displayOrder": self.order,
            "calculated": self.calculated,
            "externalOptions": self.external,
            "archived": self.archived,
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            "hubspotDefined": self.standard,
            "modificationMetadata": {
                "archivable": not self.standard,
                "readOnlyDefinition": self.standard,
                "readOnlyOptions": self.standard and self.name not in ("lifecyclestage", "hs_lead_status"),
                "readOnlyValue": self.read_only,
            },
            "formField": self.form_field,
            "dataSensitivity": "non_sensitive",
        }
        if self.referenced is not None:
            shown["referencedObjectType"] = self.referenced
        if not self.standard:
            del shown["hubspotDefined"]
        return shown


def _options(text: str) -> tuple[Option, ...]:
    if text == "@lifecycle":
        return tuple(Option(value, label, order) for order, (value, label) in enumerate(LIFECYCLE_OPTIONS))
    listed = OPTION_SETS.get(text, text)
    pairs = [choice.partition("=") for choice in listed.split(";") if choice]
    return tuple(
        Option(value.strip(), (label or value).strip(), order) for order, (value, _, label) in enumerate(pairs)
    )


def _parse(line: str, group: str) -> Definition:
    name, label, kind, field_type, flags, options = [cell.strip() for cell in [*line.split("|"), "", ""][:6]]
    return Definition(
        name=name,
        label=label,
        type=kind,
        field_type=field_type,
        group=group,
        description=f"{label}.",
        options=_options(options),
        read_only="r" in flags,
        calculated="c" in flags,
        unique="u" in flags,
        external="x" in flags,
        hidden="h" in flags,
        form_field="r" not in flags and kind in ("string", "number", "enumeration"),
        referenced="OWNER" if name == "hubspot_owner_id" else None,
    )


def _lifecycle_dates(group: str) -> list[Definition]:
    """The read-only dates that follow the lifecycle stage (wire notes, section 5)."""
    found = []
    for value, label in LIFECYCLE_OPTIONS:
        dates = [
            (f"hs_v2_date_entered_{value}", f'Date entered "{label}"', "datetime", "date"),
            (f"hs_v2_date_exited_{value}", f'Date exited "{label}"', "datetime", "date"),
            (f"hs_v2_latest_time_in_{value}", f'Latest time in "{label}"', "number", "number"),
            (f"hs_date_entered_{value}", f"Date entered {label}", "datetime", "date"),
        ]
        if not value.isdigit():
            dates.append((f"hs_lifecyclestage_{value}_date", f"Became a {label} Date", "datetime", "date"))
        found += [
            Definition(name, text, kind, field_type, group, read_only=True, calculated=True)
            for name, text, kind, field_type in dates
        ]
    return found


def group_of(object_name: str) -> str:
    """The property group that everything of an object is filed under."""
    return {"contacts": "contactinformation", "companies": "companyinformation"}.get(
        object_name, f"{object_name.rstrip('s')}information"
    )


def standard_definitions(object_name: str) -> dict[str, Definition]:
    """The definitions an object type has from the start, by name, in the order of the tables."""
    group = group_of(object_name)
    found: dict[str, Definition] = {}
    for table in TABLES.get(object_name, (COMMON_TABLE,)):
        for line in table.strip().splitlines():
            definition = _parse(line, group)
            found[definition.name] = definition
    if "lifecyclestage" in found:
        found |= {definition.name: definition for definition in _lifecycle_dates(group)}
    return found
