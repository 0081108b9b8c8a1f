"""Which native field an attribute of the import shape fills, and the custom fields made for those without a
home.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crmsync_practice.salesforce.catalogue.currency_fields import FIELD as CURRENCY
from crmsync_practice.salesforce.currencies import RATES
from crmsync_practice.salesforce.schema import Field, SObject

STANDARD = {
    "industry": ("Industry", "text"),
    "country": ("Country", "text"),
    "title": ("Title", "text"),
    "lead_source": ("LeadSource", "text"),
    "website": ("Website", "text"),
    "phone": ("Phone", "text"),
    "employees": ("NumberOfEmployees", "whole"),
    "annual_revenue": ("AnnualRevenue", "number"),
    "campaign": ("Campaign__c", "text"),
}
CURRENCY_NAMES = frozenset({"currency", "currencycode", "currencyisocode"})
"""Attributes that fill CurrencyIsoCode, written in any way, when every value is a known currency."""
_PICKLIST_VALUES = 12
_LARGEST_WHOLE = 2**53


@dataclass(frozen=True, slots=True)
class Home:
    """Where an attribute lives: the native field and how its value is kept (`text`, `whole`, `number`,
    `yes_no`).
    """

    attribute: str
    field: str
    kind: str

    def to_native(self, value: Any) -> Any:
        """The column's value; an empty text is nothing, as everywhere in Salesforce."""
        if value is None or value == "":
            return None
        if self.kind == "yes_no":
            return "true" if value else "false"
        if self.kind == "number":
            return float(value)
        if self.kind == "whole":
            return int(value)
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)

    def from_native(self, value: Any) -> Any:
        """The attribute's value; whole numbers without a fraction."""
        if self.kind == "yes_no" and value in ("true", "false"):
            return value == "true"
        if self.kind == "number" and isinstance(value, float) and value.is_integer():
            return int(value)
        return value


@dataclass(slots=True)
class _Sample:
    """What is known of one attribute's values."""

    kinds: set[type] = field(default_factory=set)
    texts: dict[str, None] = field(default_factory=dict)
    all_whole: bool = True
    all_currencies: bool = True
    repeated: bool = False
    long: bool = False

    def add(self, value: Any) -> None:
        self.kinds.add(type(value))
        self.all_currencies = self.all_currencies and value in RATES
        if isinstance(value, str):
            self.repeated = self.repeated or value in self.texts
            self.long = self.long or len(value) > 255
            if len(self.texts) <= _PICKLIST_VALUES:
                self.texts[value] = None
        elif isinstance(value, float):
            self.all_whole = self.all_whole and value.is_integer() and abs(value) < _LARGEST_WHOLE
        elif abs(value) >= _LARGEST_WHOLE:
            self.all_whole = False

    def is_picklist(self) -> bool:
        return (
            self.repeated and len(self.texts) <= _PICKLIST_VALUES and all(0 < len(text) <= 40 for text in self.texts)
        )


def find_homes(
    lead: SObject,
    attributes: Iterable[Mapping[str, Any]],
    usual: Iterable[Mapping[str, Any]] = (),
    standard: Mapping[str, tuple[str, str]] = STANDARD,
) -> tuple[list[Home], list[Field]]:
    """The home of every attribute that occurs, and the custom fields to add for them.

    `standard`: attribute → (field, kind) of those that the object has a field for; one with a dot is its parent's.
    `usual` are attributes that get a home in any case; where they occur with values of another type, those decide.
    """
    samples: dict[str, _Sample] = {}
    for each in attributes:
        for name, value in each.items():
            if value is not None:
                if name not in samples:
                    samples[name] = _Sample()
                samples[name].add(value)
    occurring = {name: set(sample.kinds) for name, sample in samples.items()}
    for each in usual:
        for name, value in each.items():
            if name not in occurring or occurring[name] == {type(value)}:
                samples.setdefault(name, _Sample()).add(value)
    homes: list[Home] = []
    fields: list[Field] = []
    taken = {name.lower() for name in lead.fields}
    for name, sample in samples.items():
        if names_currencies(name) and sample.all_currencies and CURRENCY not in {home.field for home in homes}:
            homes.append(Home(name, CURRENCY, "text"))
            continue
        home = _home(name, sample, standard.get(name), taken)
        homes.append(home)
        if "." not in home.field and home.field.lower() not in taken:
            taken.add(home.field.lower())
            picklist = tuple(sorted(sample.texts)) if sample.is_picklist() else ()
            fields.append(custom_field(home, picklist, long=sample.long))
    return homes, fields


def names_currencies(attribute: str) -> bool:
    """Whether an attribute is called like a currency field."""
    return attribute.replace("_", "").lower() in CURRENCY_NAMES


def custom_field(home: Home, picklist: tuple[str, ...], *, long: bool) -> Field:
    """The custom field for a home: yes/no is a picklist, so that unknown stays possible."""
    label = home.field.removesuffix("__c").replace("_", " ")
    if home.kind == "yes_no":
        return Field(home.field, "picklist", label, length=255, picklist=("true", "false"), custom=True)
    if home.kind == "number":
        return Field(home.field, "double", label, precision=18, scale=4, custom=True)
    if picklist:
        return Field(home.field, "picklist", label, length=255, picklist=picklist, custom=True)
    if long:
        return Field(
            home.field,
            "textarea",
            label,
            length=131072,
            custom=True,
            filterable=False,
            sortable=False,
            groupable=False,
        )
    return Field(home.field, "string", label, length=255, custom=True)


def _home(name: str, sample: _Sample, standard: tuple[str, str] | None, taken: set[str]) -> Home:
    if sample.kinds == {bool}:
        kind = "yes_no"
    elif sample.kinds <= {int, float}:
        kind = "whole" if sample.all_whole else "number"
    else:
        kind = "text"
    if standard is not None and (standard[1] == kind or (standard[1] == "number" and kind == "whole")):
        return Home(name, standard[0], standard[1])
    return Home(name, _api_name(name, taken), "number" if kind == "whole" else kind)


def _api_name(attribute: str, taken: set[str]) -> str:
    """`deal_urgency` → `Deal_Urgency__c`, made unique."""
    words = re.findall(r"[A-Za-z0-9]+", attribute)
    stem = "_".join(word[:1].upper() + word[1:] for word in words)[:36] or "Attribute"
    if not stem[0].isalpha():
        stem = f"X{stem}"
    name = f"{stem}__c"
    number = 2
    while name.lower() in taken:
        name = f"{stem}_{number}__c"
        number += 1
    return name
