"""Read-only fields of a contact's primary company: `company.industry` and the like.

HubSpot keeps the primary company's id on the contact itself, so its properties cost one batch read per 100 companies.
A change of a company moves no stamp of its contacts: the companies that changed are searched for, too, and their
contacts are read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from crmsync.sdk import UsageError
from crmsync_hubspot.belonging import leads_of
from crmsync_hubspot.errors import HubSpotRefused
from crmsync_hubspot.gateway import BATCH, Gateway
from crmsync_hubspot.lists import LIST
from crmsync_hubspot.object_names import COMPANIES, CONTACTS, plural
from crmsync_hubspot.parts import JsonObject
from crmsync_hubspot.paths import COMPANY, is_of_deals
from crmsync_hubspot.properties import Properties
from crmsync_hubspot.records import Walk

PRIMARY = "associatedcompanyid"
"""The contact's property with the id of its primary company."""


class CompanyFields:
    """The company's part of the fields asked of contacts, for one reading. `own`: the contact's own part.

    `own` holds the link to the company where a company's field is asked for. Raises `UsageError` for a field of a
    company that is asked of another object than contacts, and in `check` for one that does not exist.
    """

    def __init__(self, gateway: Gateway, object_name: str, fields: Iterable[str]) -> None:
        self._gateway = gateway
        asked = tuple(dict.fromkeys(fields))
        linked = any(name.startswith(COMPANY) for name in asked)
        beside = [name for name in asked if not is_of_deals(name)]
        self._names = tuple(name.removeprefix(COMPANY) for name in beside if name.startswith(COMPANY))
        self._known: dict[str, Mapping[str, str | None]] = {}
        own = tuple(name for name in beside if not name.startswith((COMPANY, LIST)))
        self.own = tuple(dict.fromkeys((*own, PRIMARY))) if linked else own
        if linked and plural(object_name) != CONTACTS:
            first = next(name for name in asked if name.startswith(COMPANY))
            raise UsageError(
                f"{object_name} have no primary company: {first} is a field of contacts",
                hint="mend the field in the mapping",
            )

    def check(self, properties: Properties) -> None:
        """Raise `UsageError` naming the companies' properties that do not exist."""
        if self._names:
            properties.check(COMPANIES, self._names)

    def filled(self, records: Sequence[JsonObject]) -> list[JsonObject]:
        """The contacts with their companies' values: empty without a primary company, or when it is gone."""
        if not self._names:
            return list(records)
        self._learn(_company_of(record) for record in records)
        return [self._with_company(record) for record in records]

    def of_changed(self, since: datetime, seen: set[str]) -> Iterator[list[JsonObject]]:
        """Contacts whose primary company changed since then, those aside that were `seen`, 100 at a time."""
        if not self._names:
            return
        for page in Walk(self._gateway, COMPANIES, self._names).changed(since):
            companies = [str(each["id"]) for each in page.results]
            found = leads_of(self._gateway, COMPANIES, CONTACTS, companies)
            waiting = dict.fromkeys(contact for each in found.values() for contact in each if contact not in seen)
            for records in read_again(self._gateway, CONTACTS, tuple(waiting), self.own):
                meant = [each for each in records if _company_of(each) in companies]
                # One of these companies beside its primary one may be meant by a later page, or by its own deals.
                seen.update(str(each["id"]) for each in meant)
                yield meant

    def _learn(self, companies: Iterable[str | None]) -> None:
        unknown = [each for each in dict.fromkeys(companies) if each and each not in self._known]
        for start in range(0, len(unknown), BATCH):
            batch = unknown[start : start + BATCH]
            answer = self._gateway.read_batch(COMPANIES, batch, self._names)
            refuse_errors(answer.errors)
            self._known |= {each: {} for each in batch}
            self._known |= {str(each["id"]): each["properties"] for each in answer.results}

    def _with_company(self, record: JsonObject) -> JsonObject:
        held = self._known.get(_company_of(record) or "", {})
        values = {f"{COMPANY}{name}": held.get(name) for name in self._names}
        return {**record, "properties": {**record["properties"], **values}}


def read_again(
    gateway: Gateway, object_name: str, ids: Sequence[str], properties: Sequence[str]
) -> Iterator[list[JsonObject]]:
    """Those of the records that are there under these ids, 100 at a time."""
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        answer = gateway.read_batch(object_name, batch, properties)
        refuse_errors(answer.errors)
        yield [each for each in answer.results if str(each["id"]) in batch]


def _company_of(record: JsonObject) -> str | None:
    held = record["properties"].get(PRIMARY)
    return str(held) if held else None


def refuse_errors(errors: Sequence[JsonObject]) -> None:
    """A record that has gone meanwhile is no fault; anything else must not look like an empty value."""
    for error in errors:
        if "NOT_FOUND" not in str(error.get("category")):
            raise HubSpotRefused("read the companies of contacts", 207, error)
