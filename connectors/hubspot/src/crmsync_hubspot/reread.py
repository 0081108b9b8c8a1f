"""Activities that were told of, read by their ids; and those of leads that were told to have new ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from crmsync.sdk import LEAD_ID, RECORD_ID, STILL_THERE, Page, PullRequest, replace
from crmsync_hubspot.belonging import leads_of
from crmsync_hubspot.gateway import Gateway
from crmsync_hubspot.object_names import CONTACTS, LEADS, plural
from crmsync_hubspot.primary_contacts import PrimaryContacts, owners_of
from crmsync_hubspot.read import read_records


def reread_activities(
    gateway: Gateway,
    people: PrimaryContacts,
    request: PullRequest,
    ids: Sequence[str],
    of_leads: Sequence[str],
) -> Iterator[Page]:
    """One page: 100 records a call, and before and behind it one call for whose they are."""
    leads_object = request.leads_object or CONTACTS
    if plural(leads_object) == LEADS:
        people.forget()  # who is whose contact may be what has changed
    theirs = _of(gateway, people, request.object, leads_object, of_leads)
    wanted = list(dict.fromkeys((*ids, *theirs)))
    if not wanted:
        return
    reading = read_records(gateway, request.object, wanted, request.fields)
    there = reading.records[RECORD_ID].to_list()
    owners = owners_of(gateway, people, request.object, leads_object, there) if there else {}
    belonging = pl.DataFrame(
        [(number, lead) for number, leads in owners.items() for lead in leads],
        schema={RECORD_ID: pl.String, LEAD_ID: pl.String},
        orient="row",
    )
    told = set(ids)
    lost = [each for each, why in reading.gone.items() if not why.startswith(STILL_THERE)]
    nobodys = [each for each in there if not owners.get(each)]
    gone = tuple(each for each in dict.fromkeys((*lost, *nobodys)) if each in told)
    yield Page(reading.records.join(belonging, on=RECORD_ID, how="inner", maintain_order="left"), gone)


def submissions_of(pages: Iterator[Page], leads: Sequence[str]) -> Iterator[Page]:
    """Of the submissions since the last reading those of these leads: HubSpot tells them by form and time only."""
    for page in pages:
        yield replace(page, records=page.records.filter(pl.col(LEAD_ID).is_in(list(leads))), cursor=None)


def _of(
    gateway: Gateway, people: PrimaryContacts, object_name: str, leads_object: str, leads: Sequence[str]
) -> list[str]:
    """Records that these leads have; of leads as records of their own also those of their contacts."""
    if not leads:
        return []
    found = list(leads_of(gateway, leads_object, object_name, leads).values())
    if plural(leads_object) == LEADS:
        contacts = sorted(set(people.contacts_of(leads).values()))
        found += leads_of(gateway, CONTACTS, object_name, contacts).values()
    return [number for numbers in found for number in numbers]
