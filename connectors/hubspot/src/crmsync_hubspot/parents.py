"""Read-only fields of the records that stand behind those asked for: `company.industry`, `contact.jobtitle`.

Contacts have a primary company, see `companies`. Leads have a primary contact, whose fields are `contact.…` (also its
lists, `contact.list:12`), and that contact's primary company, `company.…`. A change of either moves no stamp of the
lead: so changed contacts and companies are searched for, too, and their leads are read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crmsync_hubspot.companies import CompanyFields, read_again
from crmsync_hubspot.gateway import Gateway
from crmsync_hubspot.lists import LIST, ListMembers
from crmsync_hubspot.object_names import CONTACTS, LEADS, plural
from crmsync_hubspot.open_deals import OpenDeals
from crmsync_hubspot.parts import JsonObject
from crmsync_hubspot.paths import COMPANY, CONTACT, is_of_deals
from crmsync_hubspot.primary_contacts import PrimaryContacts
from crmsync_hubspot.properties import Properties
from crmsync_hubspot.records import Walk


class Parents(Protocol):
    """The parts of the fields asked for that stand elsewhere, for one reading. `own`: the record's own part."""

    own: tuple[str, ...]

    def check(self, properties: Properties) -> None:
        """Raise `UsageError` naming those that do not exist."""

    def filled(self, records: Sequence[JsonObject]) -> list[JsonObject]:
        """The records with the other records' values: empty where there is none behind them."""

    def of_changed(self, since: datetime, seen: set[str]) -> Iterator[list[JsonObject]]:
        """Records behind which something changed since then, those aside that were `seen`, some at a time."""


def parents_of(
    gateway: Gateway, object_name: str, fields: Iterable[str], lists: ListMembers, people: PrimaryContacts
) -> Parents:
    """What stands behind records of this object. Raises `UsageError` where such a field cannot be."""
    if plural(object_name) == LEADS:
        return ContactFields(gateway, object_name, fields, lists, people)
    return CompanyAndDeals(gateway, object_name, fields)


class CompanyAndDeals:
    """What stands behind contacts (and, of deals, behind companies): the primary company, and open deals."""

    def __init__(self, gateway: Gateway, object_name: str, fields: Iterable[str]) -> None:
        asked = tuple(dict.fromkeys(fields))
        self._companies = CompanyFields(gateway, object_name, asked)
        self._deals = OpenDeals(gateway, object_name, asked)
        self.own = self._companies.own

    def check(self, properties: Properties) -> None:
        """Raise `UsageError` naming properties that companies do not have."""
        self._companies.check(properties)

    def filled(self, records: Sequence[JsonObject]) -> list[JsonObject]:
        """The records with the values of their companies and deals."""
        return self._deals.filled(self._companies.filled(records))

    def of_changed(self, since: datetime, seen: set[str]) -> Iterator[list[JsonObject]]:
        """Records whose company, or whose deals, or whose company's deals changed since then."""
        yield from self._companies.of_changed(since, seen)
        yield from self._deals.of_changed_deals(since, self.own, seen)


class ContactFields:
    """The part of the fields asked of leads that stands on their contacts and companies, and on deals."""

    def __init__(
        self,
        gateway: Gateway,
        object_name: str,
        fields: Iterable[str],
        lists: ListMembers,
        people: PrimaryContacts,
    ) -> None:
        asked = tuple(dict.fromkeys(fields))
        self._gateway = gateway
        self._object = object_name
        self._lists = lists
        self._people = people
        self._behind = {name: name.removeprefix(CONTACT) for name in asked if name.startswith((CONTACT, COMPANY))}
        """As asked of the lead → as asked of its contact; a company's field is called the same there."""
        self._of_contacts = CompanyAndDeals(gateway, CONTACTS, self._behind.values())
        self._known: dict[str, Mapping[str, str | None]] = {}
        beside = [name for name in asked if name not in self._behind]
        self._deals = OpenDeals(gateway, object_name, beside)
        self.own = tuple(name for name in beside if not name.startswith(LIST) and not is_of_deals(name))

    def check(self, properties: Properties) -> None:
        """Raise `UsageError` naming properties that contacts or companies do not have."""
        if self._behind:
            properties.check(CONTACTS, self._of_contacts.own)
            self._of_contacts.check(properties)

    def filled(self, records: Sequence[JsonObject]) -> list[JsonObject]:
        """The leads with the values of their contacts, companies and deals."""
        told = self._deals.filled(records)
        if not self._behind:
            return told
        contact_of = self._people.contacts_of(str(each["id"]) for each in told)
        self._learn(contact_of.values())
        return [self._with_contact(each, self._known.get(contact_of.get(str(each["id"]), ""), {})) for each in told]

    def of_changed(self, since: datetime, seen: set[str]) -> Iterator[list[JsonObject]]:
        """Leads whose contact, or what stands behind it, or whose deals changed since then."""
        if self._behind:
            contacts: set[str] = set()
            for page in Walk(self._gateway, CONTACTS, ()).changed(since):
                changed = [str(each["id"]) for each in page.results]
                contacts.update(changed)
                yield from self._leads_of(changed, seen)
            for records in self._of_contacts.of_changed(since, contacts):
                yield from self._leads_of([str(each["id"]) for each in records], seen)
        yield from self._deals.of_changed_deals(since, self.own, seen)

    def _leads_of(self, contacts: Sequence[str], seen: set[str]) -> Iterator[list[JsonObject]]:
        found = self._people.leads_of(contacts)
        waiting = list(dict.fromkeys(lead for leads in found.values() for lead in leads if lead not in seen))
        seen.update(waiting)
        yield from read_again(self._gateway, self._object, waiting, self.own)

    def _learn(self, contacts: Iterable[str]) -> None:
        unknown = [each for each in dict.fromkeys(contacts) if each not in self._known]
        self._known |= {each: {} for each in unknown}
        for records in read_again(self._gateway, CONTACTS, unknown, self._of_contacts.own):
            found = self._lists.filled(self._of_contacts.filled(records), self._behind.values())
            self._known |= {str(each["id"]): each["properties"] for each in found}

    def _with_contact(self, record: JsonObject, contact: Mapping[str, str | None]) -> JsonObject:
        values = {name: contact.get(there) for name, there in self._behind.items()}
        return {**record, "properties": {**record["properties"], **values}}
