"""Pulling activities: calls, meetings, e-mails, notes and tasks, each once for every lead it belongs to.

In full, the list endpoint tells the associations along with the records. Search tells none, so the leads of changed
activities are read through the associations API, 1,000 activities a call. A change of associations alone moves no
date in HubSpot and is found by the next full pull.

Where leads are records of their own, what happened to their contacts is theirs. A lead may be made long after its
contact did something, and that moves no date of an activity either: so an incremental pull also reads the activities
of leads that are new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from crmsync.sdk import CHANGED_AT, LEAD_ID, RECORD_ID, Page, PullRequest
from crmsync_hubspot.belonging import leads_of
from crmsync_hubspot.errors import HubSpotRefused
from crmsync_hubspot.gateway import ASSOCIATION_BATCH, BATCH, Gateway
from crmsync_hubspot.object_names import CONTACTS, LEADS, plural
from crmsync_hubspot.parts import JsonObject, id_in, object_in
from crmsync_hubspot.primary_contacts import PrimaryContacts, owners_of, with_contacts
from crmsync_hubspot.properties import Properties
from crmsync_hubspot.pull import Paging, Row, changed_pages, window_start
from crmsync_hubspot.records import Walk
from crmsync_hubspot.settings import HubSpotSettings

ACTIVITY_OBJECTS = ("calls", "meetings", "emails", "notes", "tasks")


def pull_activities(
    gateway: Gateway,
    properties: Properties,
    settings: HubSpotSettings,
    request: PullRequest,
    leads_object: str,
    people: PrimaryContacts,
) -> Iterator[Page]:
    """The pages of a pull of records that belong to leads; those that belong to none are left out."""
    paging = Paging(request, gateway, leads=True)
    if request.cursor is None:
        properties.check(request.object, request.fields)
        told = (CONTACTS, LEADS) if plural(leads_object) == LEADS else (leads_object,)
        walk = Walk(gateway, request.object, request.fields, told)
        total = walk.count() if request.progress else None
        for page in walk.everything():
            paging.began(page.server_time)
            leads = _listed_leads(gateway, people, request.object, leads_object, page.results)
            yield from paging.add(_rows(page.results, leads), len(page.results), total)
        yield paging.last()
        return

    waiting: list[JsonObject] = []
    seen: set[str] = set()
    total = None
    walk = Walk(gateway, request.object, request.fields)

    def joined() -> Iterator[Page]:
        leads = owners_of(gateway, people, request.object, leads_object, [str(each["id"]) for each in waiting])
        # One that belongs to no lead (any more) must not stay with the lead it belonged to.
        paging.gone(*(str(each["id"]) for each in waiting if not leads.get(str(each["id"]))))
        yield from paging.add(_rows(waiting, leads), len(waiting), total)
        waiting.clear()

    for page in changed_pages(walk, properties, settings, request, paging):
        total = total or page.total
        waiting += page.results
        seen.update(str(each["id"]) for each in page.results)
        if len(waiting) >= ASSOCIATION_BATCH:
            yield from joined()
    if plural(leads_object) == LEADS:
        new = people.new_since(window_start(request.cursor, settings))
        waiting += _of_contacts(gateway, request, people.contacts_of(new).values(), seen)
    yield from joined()
    yield paging.last()


def _of_contacts(
    gateway: Gateway, request: PullRequest, contacts: Iterable[str], seen: set[str]
) -> Iterator[JsonObject]:
    """What happened to these contacts so far, without those activities that were `seen`."""
    found = leads_of(gateway, CONTACTS, request.object, list(dict.fromkeys(contacts)))
    wanted = [each for each in dict.fromkeys(it for part in found.values() for it in part) if each not in seen]
    for start in range(0, len(wanted), BATCH):
        answer = gateway.read_batch(request.object, wanted[start : start + BATCH], request.fields)
        for error in answer.errors:
            if "NOT_FOUND" not in str(error.get("category")):
                raise HubSpotRefused(f"read {request.object}", 207, error)
        yield from answer.results


def _listed_leads(
    gateway: Gateway, people: PrimaryContacts, object_name: str, leads_object: str, records: Sequence[JsonObject]
) -> Mapping[str, list[str]]:
    """The leads that the list endpoint told, completed where it did not tell all."""
    if plural(leads_object) != LEADS:
        return _listed(gateway, object_name, leads_object, records, alone=True)
    contacts = _listed(gateway, object_name, CONTACTS, records, alone=False)
    return with_contacts(people, contacts, _listed(gateway, object_name, LEADS, records, alone=False))


def _listed(
    gateway: Gateway, object_name: str, other: str, records: Sequence[JsonObject], *, alone: bool
) -> Mapping[str, list[str]]:
    """The records of one other object that the list endpoint told, completed where it did not tell all.

    `alone`: no other was asked for; then the key, the object's plural whatever was asked for, does not matter.
    """
    found: dict[str, list[str]] = {}
    incomplete: list[str] = []
    for record in records:
        for name, told in object_in(record.get("associations")).items():
            if not alone and plural(name) != other:
                continue
            number, listed = str(record["id"]), object_in(told).get("results")
            belonging = [id_in(object_in(each).get("id")) for each in listed] if isinstance(listed, list) else [""]
            found[number] = list(dict.fromkeys(it for it in belonging if it))
            if "" in belonging or object_in(object_in(told).get("paging")).get("next"):
                incomplete.append(number)
    return {**found, **leads_of(gateway, object_name, other, incomplete)}


def _rows(records: Sequence[JsonObject], leads: Mapping[str, list[str]]) -> Iterator[Row]:
    for record in records:
        number = str(record["id"])
        for lead in leads.get(number, ()):
            yield {
                **record["properties"],
                RECORD_ID: number,
                LEAD_ID: lead,
                CHANGED_AT: record.get(CHANGED_AT),
            }
