"""Entries of answers as records: which of them are none, and which tell less than they were asked for."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from crmsync.sdk import CrmUnreachable, replace
from crmsync_hubspot.instants import server_time
from crmsync_hubspot.parts import JsonObject, id_in, next_page
from crmsync_hubspot.transport import Answer


@dataclass(frozen=True, slots=True)
class Records:
    """Records (or other entries) of one answer. `after`: where the next page begins, null on the last.

    `torn`: ids of records that were asked for by id, and came without some of the properties or all.
    """

    results: list[JsonObject]
    errors: list[JsonObject]
    after: str | None
    total: int | None
    server_time: datetime
    torn: tuple[str, ...] = ()


def records_in(answer: Answer) -> Records:
    """The usual envelope; `paging` is absent, null or empty on the last page. Raises `CrmUnreachable` if torn."""
    results, errors = answer.body.get("results"), answer.body.get("errors") or []
    if not isinstance(results, list) or not isinstance(errors, list):
        raise CrmUnreachable(
            "HubSpot's answer holds no list of results", hint="check the connection's `url`, then run again"
        )
    if results and not any(isinstance(each, dict) for each in results):
        raise no_records()
    total = answer.body.get("total")
    return Records(
        results=[each for each in results if isinstance(each, dict)],
        errors=[error for error in errors if isinstance(error, dict)],
        after=next_page(answer.body.get("paging")),
        total=total if isinstance(total, int) else None,
        server_time=server_time(answer.headers),
    )


def identified(page: Records) -> Records:
    """Without entries that are no records or have no id, some must be; and without properties that are none."""
    named = [each for each in page.results if id_in(each.get("id")).isdecimal()]
    if page.results and not named:
        raise no_records()
    return replace(page, results=[_without_torn_properties(each) for each in named])


def _without_torn_properties(record: JsonObject) -> JsonObject:
    if isinstance(record.get("properties", {}), dict):
        return record
    return {name: value for name, value in record.items() if name != "properties"}


def tells(record: JsonObject, told: Set[str]) -> bool:
    """Whether the record tells all of these properties."""
    return "properties" in record and record["properties"].keys() >= told


def no_records() -> CrmUnreachable:
    """An answer whose entries are none of them a record: to believe it would be to take all of them for gone."""
    return CrmUnreachable(
        "HubSpot's answer lists records without their ids or properties",
        hint="run again; if it stays, look for a server in between that changes answers",
    )
