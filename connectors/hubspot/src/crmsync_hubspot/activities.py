"""Pulling activities: calls, meetings, e-mails, notes and tasks, each once for every lead it belongs to.

In full, the list endpoint tells the associations along with the records. Search tells none, so the leads of changed
activities are read through the associations API, 1,000 activities a call. A change of associations alone moves no
date in HubSpot and is found by the next full pull.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crmsync.sdk import LEAD_ID, RECORD_ID, Page, PullRequest
from crmsync_hubspot.belonging import leads_of
from crmsync_hubspot.gateway import ASSOCIATION_BATCH, Gateway
from crmsync_hubspot.parts import JsonObject, id_in, object_in, objects_in
from crmsync_hubspot.properties import Properties
from crmsync_hubspot.pull import Paging, Row, changed_pages
from crmsync_hubspot.records import Walk
from crmsync_hubspot.settings import HubSpotSettings

ACTIVITY_OBJECTS = ("calls", "meetings", "emails", "notes", "tasks")


def pull_activities(
    gateway: Gateway, properties: Properties, settings: HubSpotSettings, request: PullRequest, leads_object: str
) -> Iterator[Page]:
    """The pages of a pull of records that belong to leads; those that belong to none are left out."""
    paging = Paging(request, leads=True)
    if request.cursor is None:
        properties.check(request.object, request.fields)
        walk = Walk(gateway, request.object, request.fields, leads_object)
        total = walk.count() if request.progress else None
        for page in walk.everything():
            paging.began(page.server_time)
            leads = _listed_leads(gateway, request.object, leads_object, page.results)
            yield from paging.add(_rows(page.results, leads), len(page.results), total)
        yield paging.last()
        return

    waiting: list[JsonObject] = []
    total = None
    walk = Walk(gateway, request.object, request.fields)

    def joined() -> Iterator[Page]:
        leads = leads_of(gateway, request.object, leads_object, [str(record["id"]) for record in waiting])
        # One that belongs to no lead (any more) must not stay with the lead it belonged to.
        paging.gone(*(str(each["id"]) for each in waiting if not leads.get(str(each["id"]))))
        yield from paging.add(_rows(waiting, leads), len(waiting), total)
        waiting.clear()

    for page in changed_pages(walk, properties, settings, request, paging):
        total = total or page.total
        waiting += page.results
        if len(waiting) >= ASSOCIATION_BATCH:
            yield from joined()
    yield from joined()
    yield paging.last()


def _listed_leads(
    gateway: Gateway, object_name: str, leads_object: str, records: Sequence[JsonObject]
) -> Mapping[str, list[str]]:
    """The leads that the list endpoint told, completed where it did not tell all."""
    leads: dict[str, list[str]] = {}
    incomplete: list[str] = []
    for record in records:
        # Only one kind of association was asked for; its key is the object's plural, whatever was asked for.
        associations = record.get("associations")
        for told in associations.values() if isinstance(associations, dict) else ():
            number = str(record["id"])
            belonging = (id_in(each.get("id")) for each in objects_in(object_in(told).get("results")))
            leads[number] = list(dict.fromkeys(lead for lead in belonging if lead))
            if object_in(object_in(told).get("paging")).get("next"):
                incomplete.append(number)
    return {**leads, **leads_of(gateway, object_name, leads_object, incomplete)}


def _rows(records: Sequence[JsonObject], leads: Mapping[str, list[str]]) -> Iterator[Row]:
    for record in records:
        number = str(record["id"])
        for lead in leads.get(number, ()):
            yield {**record["properties"], RECORD_ID: number, LEAD_ID: lead}
