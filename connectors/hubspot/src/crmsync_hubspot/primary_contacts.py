"""Leads of HubSpot's Leads object (0-136) and the people behind them: each lead has one primary contact.

A contact may have several leads, one after the other or at once. What a contact does belongs to each of them: so its
activities, forms and fields are those of its leads. HubSpot tells the two apart by associations alone, 1,000 records
a call; they are kept until leads are read again. A lead that is given another primary contact is not touched by that,
so it shows by the next full read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from crmsync_hubspot.belonging import leads_of
from crmsync_hubspot.gateway import Gateway
from crmsync_hubspot.object_names import CONTACTS, LEADS, plural
from crmsync_hubspot.records import Walk

PRIMARY_CONTACT = 578
"""HubSpot's own number of the association from a lead to its primary contact."""
_MARGIN = timedelta(minutes=10)
"""How much further back new leads are looked for than asked, so that one look serves all objects of a run."""


class PrimaryContacts:
    """Who is behind which lead, for one connection. After `forget` everything is asked anew."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._contact_of: dict[str, str | None] = {}
        self._leads_of: dict[str, tuple[str, ...]] = {}
        self._new: tuple[datetime, tuple[str, ...]] | None = None
        self._all = False

    def forget(self) -> None:
        """The next question is asked of HubSpot."""
        self._contact_of.clear()
        self._leads_of.clear()
        self._new = None
        self._all = False

    def are_all(self, leads: Iterable[str]) -> None:
        """These are all leads that there are, so that nobody else need be asked whose contact somebody is."""
        found: dict[str, list[str]] = {}
        for lead, contact in self.contacts_of(leads).items():
            found.setdefault(contact, []).append(lead)
        self._leads_of = {contact: tuple(told) for contact, told in found.items()}
        self._all = True

    def contacts_of(self, leads: Iterable[str]) -> Mapping[str, str]:
        """Lead → its primary contact; leads without one are left out."""
        wanted = list(dict.fromkeys(leads))
        unknown = [each for each in wanted if each not in self._contact_of]
        if unknown:
            found = leads_of(self._gateway, LEADS, CONTACTS, unknown, only_type=PRIMARY_CONTACT)
            self._contact_of.update((lead, next(iter(found.get(lead, ())), None)) for lead in unknown)
        return {lead: contact for lead in wanted if (contact := self._contact_of[lead])}

    def leads_of(self, contacts: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Contact → the leads whose primary contact it is; contacts without any are left out."""
        wanted = list(dict.fromkeys(contacts))
        unknown = [] if self._all else [each for each in wanted if each not in self._leads_of]
        if unknown:
            told = leads_of(self._gateway, CONTACTS, LEADS, unknown)
            behind = self.contacts_of(lead for found in told.values() for lead in found)
            self._leads_of.update(
                (contact, tuple(lead for lead in told.get(contact, ()) if behind.get(lead) == contact))
                for contact in unknown
            )
        return {contact: found for contact in wanted if (found := self._leads_of.get(contact))}

    def new_since(self, moment: datetime) -> tuple[str, ...]:
        """Leads that were made at or after this instant, and perhaps some older ones: asked for once a run."""
        if self._new is None or self._new[0] > moment:
            since = moment - _MARGIN
            pages = Walk(self._gateway, LEADS, ()).made(since)
            self._new = since, tuple(str(record["id"]) for page in pages for record in page.results)
        return self._new[1]


def owners_of(
    gateway: Gateway, people: PrimaryContacts, object_name: str, leads_object: str, ids: Sequence[str]
) -> Mapping[str, list[str]]:
    """The leads that each record belongs to, by the records' ids.

    Where contacts are the leads: those that it is associated with. Of leads as records of their own: those whose
    primary contact it is associated with, and those that it is associated with itself.
    """
    direct = leads_of(gateway, object_name, leads_object, ids)
    if plural(leads_object) != LEADS:
        return direct
    return with_contacts(people, leads_of(gateway, object_name, CONTACTS, ids), direct)


def with_contacts(
    people: PrimaryContacts, contacts: Mapping[str, Sequence[str]], direct: Mapping[str, Sequence[str]]
) -> Mapping[str, list[str]]:
    """Record → leads, by the record's contacts and by the leads that it is tied to itself; each lead once."""
    leads = people.leads_of(contact for found in contacts.values() for contact in found)
    belonging: dict[str, dict[str, None]] = {number: dict.fromkeys(found) for number, found in direct.items()}
    for number, found in contacts.items():
        belonging.setdefault(number, {}).update(dict.fromkeys(lead for it in found for lead in leads.get(it, ())))
    return {number: list(found) for number, found in belonging.items() if found}
