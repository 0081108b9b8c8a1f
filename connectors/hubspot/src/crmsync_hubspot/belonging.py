"""Which records of one object belong to those of another, by the associations API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crmsync.sdk import PagingGuard
from crmsync_hubspot.errors import HubSpotRefused
from crmsync_hubspot.gateway import ASSOCIATION_BATCH, Gateway
from crmsync_hubspot.parts import JsonObject, id_in, next_page, object_in, objects_in
from crmsync_hubspot.told_records import no_records


def leads_of(
    gateway: Gateway, object_name: str, leads_object: str, ids: Sequence[str], *, only_type: int | None = None
) -> Mapping[str, list[str]]:
    """The leads of each record, by the records' ids. A record of very many leads is read on, page by page.

    `only_type`: associations of this type alone, by HubSpot's number.
    """
    leads: dict[str, dict[str, None]] = {}
    waiting: list[dict[str, str]] = [{"id": each} for each in ids]
    guard = PagingGuard(f"{leads_object} of {object_name}")
    while waiting:
        batch, waiting = waiting[:ASSOCIATION_BATCH], waiting[ASSOCIATION_BATCH:]
        answer = gateway.associations(object_name, leads_object, batch)
        _refuse_other_errors(answer.errors, object_name, leads_object)
        for result in answer.results:
            number = id_in(object_in(result.get("from")).get("id"))
            if not number:
                raise no_records()
            found = leads.setdefault(number, {})
            known = len(found)
            # a number or a text, depending on the path family; one entry for every label
            found.update(dict.fromkeys(_named(result.get("to"), only_type)))
            if after := next_page(result.get("paging")):
                guard.check(f"{number} {after}", news=len(found) > known)
                waiting.append({"id": number, "after": after})
    return {number: list(found) for number, found in leads.items()}


def _named(associated: object, only_type: int | None) -> Iterator[str]:
    """The ids of the records at the other end. One that cannot be read must not look like none."""
    if not isinstance(associated, list):
        raise no_records()
    for each in map(object_in, associated):
        number = id_in(each.get("toObjectId"))
        if not number.isdecimal() or (only_type is not None and "associationTypes" not in each):
            raise no_records()
        if only_type is None or only_type in _types(each):
            yield number


def _types(to: JsonObject) -> set[object]:
    return {each.get("typeId") for each in objects_in(to.get("associationTypes"))}


def _refuse_other_errors(errors: Sequence[JsonObject], object_name: str, leads_object: str) -> None:
    """Having no leads, or being archived meanwhile, is no fault; anything else must not look like it."""
    for error in errors:
        kinds = f"{error.get('category')} {error.get('subCategory')}"
        if "NO_ASSOCIATIONS" not in kinds and "NOT_FOUND" not in kinds:
            raise HubSpotRefused(f"read which {leads_object} {object_name} belong to", 207, error)
