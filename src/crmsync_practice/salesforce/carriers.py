"""Which object's records are the import's leads: Lead, or Contact with its Account.

An org whose reps work contacts keeps a stage in a custom picklist of Contact, as a contact has none of its own, and
what is known of the firm on its Account. Contacts are never converted, and belong to users, not to queues.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crmsync_practice.salesforce.custom_fields import STANDARD, Home
from crmsync_practice.salesforce.objects import CONVERTED_STATUS, STATUSES
from crmsync_practice.salesforce.org import INTEGRATION_USER_ID
from crmsync_practice.salesforce.schema import Field, SObject
from crmsync_practice.salesforce.storage import Store

PARENT = "Account."


@dataclass(frozen=True, slots=True)
class Carrier:
    """`stage`: the picklist that holds it. `standard`: attribute → (field, kind) of those that have a home anyway."""

    object: str
    stage: str
    standard: Mapping[str, tuple[str, str]]

    @property
    def has_account(self) -> bool:
        """Whether the firm is a record of its own."""
        return self.object == "Contact"


LEAD = Carrier("Lead", "Status", STANDARD)
CONTACT = Carrier(
    "Contact",
    "Lead_Status__c",
    {
        "industry": (f"{PARENT}Industry", "text"),
        "employees": (f"{PARENT}NumberOfEmployees", "whole"),
        "annual_revenue": (f"{PARENT}AnnualRevenue", "number"),
        "website": (f"{PARENT}Website", "text"),
        "country": ("MailingCountry", "text"),
        "title": ("Title", "text"),
        "lead_source": ("LeadSource", "text"),
        "phone": ("Phone", "text"),
        "campaign": ("Campaign__c", "text"),
    },
)
_CARRIERS = {each.object: each for each in (LEAD, CONTACT)}


def carrier_of(name: str | None) -> Carrier:
    """The carrier of this object; Lead where none is named."""
    return _CARRIERS[name or LEAD.object]


def add_contact_fields(contact: SObject, stages: Sequence[str | None]) -> None:
    """The fields by which an admin lets contacts carry a stage, with these values beside the usual ones."""
    usual = [each for each in STATUSES if each != CONVERTED_STATUS]
    values = tuple(dict.fromkeys([*usual, *(each for each in stages if each)]))
    contact.add(
        Field(CONTACT.stage, "picklist", "Lead Status", length=255, picklist=values, custom=True, restricted=True)
    )
    contact.add(Field("Campaign__c", "string", "Campaign", length=255, custom=True))


@dataclass
class Accounts:
    """Finds or makes the account of a firm: one for the same name and the same values of these homes."""

    store: Store
    homes: Sequence[Home]
    _known: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def id_of(self, name: str | None, values: Mapping[str, Any], stamp: str) -> str | None:
        """The account's id; None where nothing is known of the firm. `values`: `Account.X` → native value."""
        held = {each: values.get(each) for each in account_fields(self.homes)}
        if not name and not any(value is not None for value in held.values()):
            return None
        called = name or "Unnamed"
        key = (called, *held.values())
        if key not in self._known:
            self._known[key] = self._found(called, held) or self._made(called, held, stamp)
        return self._known[key]

    def _found(self, name: str, values: Mapping[str, Any]) -> str | None:
        for row in self.store.rows_where(self.store.schema["Account"], "Name", name):
            same = all(row[each.removeprefix(PARENT)] == value for each, value in values.items())
            if same and not row["IsDeleted"]:
                return str(row["Id"])
        return None

    def _made(self, name: str, values: Mapping[str, Any], stamp: str) -> str:
        system = {"CreatedDate": stamp, "LastModifiedDate": stamp, "SystemModstamp": stamp}
        by = {"CreatedById": INTEGRATION_USER_ID, "LastModifiedById": INTEGRATION_USER_ID}
        owner = {"OwnerId": INTEGRATION_USER_ID}
        own = {each.removeprefix(PARENT): value for each, value in values.items()}
        return self.store.insert(self.store.schema["Account"], {"Name": name, **own, **owner, **system, **by})


def account_fields(homes: Sequence[Home]) -> list[str]:
    """The Account's fields among these homes, as `Account.X`."""
    return [home.field for home in homes if home.field.startswith(PARENT)]


def with_account(store: Store, row: Mapping[str, Any], homes: Sequence[Home]) -> dict[str, Any]:
    """A contact's row with its account's name as `Company`, and the account's fields as `Account.X`."""
    held = store.row(store.schema["Account"], row["AccountId"]) if row.get("AccountId") else None
    parents = {name: (held or {}).get(name.removeprefix(PARENT)) for name in account_fields(homes)}
    return {**row, "Company": held["Name"] if held else None, **parents}
