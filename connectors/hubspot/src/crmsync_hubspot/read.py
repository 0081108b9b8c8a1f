"""Reading chosen records as they stand now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crmsync.sdk import RECORD_ID, STILL_THERE, Reading, in_halves, native_frame
from crmsync_hubspot.errors import HubSpotRefused, of_one_record
from crmsync_hubspot.gateway import BATCH, Gateway
from crmsync_hubspot.lists import ListMembers
from crmsync_hubspot.parents import parents_of
from crmsync_hubspot.parts import JsonObject
from crmsync_hubspot.primary_contacts import PrimaryContacts
from crmsync_hubspot.records import MERGED_IDS, merged_ids

TORN = f"{STILL_THERE}and HubSpot's answer did not tell its properties; the next run looks again"
DELETED = "deleted: HubSpot has no such record any more, or keeps it in its recycle bin"


def read_records(
    gateway: Gateway,
    object_name: str,
    ids: Sequence[str],
    fields: Sequence[str],
    lists: ListMembers | None = None,
    people: PrimaryContacts | None = None,
) -> Reading:
    """The records by batch reads of 100. A missing one is told apart as deleted or merged.

    HubSpot answers a merged id with the record it went into, under that record's id: so every returned id is
    compared with those asked for.
    """
    wanted = list(dict.fromkeys(ids))
    asked = [each for each in wanted if _may_be_id(each)]
    lists = lists or ListMembers(gateway)
    parents = parents_of(gateway, object_name, fields, lists, people or PrimaryContacts(gateway))
    properties = (*dict.fromkeys((*parents.own, MERGED_IDS)),)
    records: dict[str, JsonObject] = {}
    gone = dict.fromkeys((each for each in wanted if not _may_be_id(each)), DELETED)
    for start in range(0, len(asked), BATCH):
        batch = asked[start : start + BATCH]
        answered: list[JsonObject] = []
        torn: list[str] = []
        asking = in_halves(
            batch,
            lambda part: gateway.read_batch(object_name, part, properties),
            HubSpotRefused,
            halve=of_one_record,
        )
        for part, found in asking:
            if isinstance(found, HubSpotRefused):
                if found.status != 404:
                    raise found
                gone[part[0]] = DELETED
                continue
            _refuse_other_errors(found.errors, object_name)
            answered += found.results
            torn += found.torn
        records.update((str(each["id"]), each) for each in answered if str(each["id"]) in batch)
        gone.update(_gone([each for each in batch if each not in records], answered))
        gone.update((each, TORN) for each in torn if each in batch)
    standing = parents.filled([records[each] for each in wanted if each in records])
    standing = lists.filled(standing, fields)
    rows = [{**each["properties"], RECORD_ID: str(each["id"])} for each in standing]
    return Reading(native_frame(rows, tuple(fields)), gone)


def _may_be_id(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _gone(missing: Sequence[str], answered: Sequence[JsonObject]) -> Mapping[str, str]:
    """Why each id that was asked for did not come back under its own name."""
    winners = {lost: str(record["id"]) for record in answered for lost in merged_ids(record)}
    return {each: f"merged into {winners[each]}" if each in winners else DELETED for each in missing}


def _refuse_other_errors(errors: Sequence[JsonObject], object_name: str) -> None:
    for error in errors:
        if "NOT_FOUND" not in str(error.get("category")):
            raise HubSpotRefused(f"read {object_name}", 207, error)
