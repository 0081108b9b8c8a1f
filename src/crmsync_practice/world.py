"""The world a practice CRM is loaded from: read from an import directory, or moved to another day.

The records themselves are in `records`, the generator in `generate`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from crmsync_practice.reading import RecordRefused, read_record
from crmsync_practice.records import (
    Activity,
    Crm,
    Lead,
    Stage,
    StageStep,
    User,
    World,
    activity_to_json,
    lead_to_json,
    native_stage,
    time_to_json,
    user_to_json,
)
from crmsync_practice.vocabulary import hand_off_samples

__all__ = [
    "Activity",
    "Crm",
    "ImportRefused",
    "Lead",
    "Stage",
    "StageStep",
    "User",
    "World",
    "activity_to_json",
    "lead_to_json",
    "native_stage",
    "read_world",
    "shift_world",
    "time_to_json",
    "user_to_json",
]


class ImportRefused(Exception):
    """An import directory cannot be used; the text begins with file:line where a line is to blame."""


def read_world(directory: Path) -> World:
    """Reads `users.jsonl`, `leads.jsonl` and `activities.jsonl` (JSON Lines, UTF-8). Raises ImportRefused.

    `leads.jsonl` must be there; a missing file of the other two counts as empty. Owners, actors and leads
    must be known ids, ids unique within their file. A lead without `modified_at` was last modified when it
    was created; one without `stage` stands where its `stage_history` ends.
    """
    if not directory.is_dir():
        raise ImportRefused(f"{directory}: not a directory")
    if not (directory / "leads.jsonl").is_file():
        raise ImportRefused(f"{directory / 'leads.jsonl'}: missing")
    user_ids: set[str] = set()
    users = [
        User(**{key: value for key, value in row.items() if value is not None})
        for row, _ in _rows(directory, "users", user_ids)
    ]
    lead_ids: set[str] = set()
    leads = []
    for row, refuse in _rows(directory, "leads", lead_ids):
        if row.get("owner") is not None and row["owner"] not in user_ids:
            refuse("owner: no such user in users.jsonl")
        way = tuple(StageStep(**step) for step in row.get("stage_history", ()))
        for number, step in enumerate(way):
            if step.by is not None and step.by not in user_ids:
                refuse(f"stage_history[{number}].by: no such user in users.jsonl")
        if way and way[0].at < row["created_at"]:
            refuse("stage_history[0].at: is before created_at")
        if way and row.get("stage", way[-1].stage) != way[-1].stage:
            refuse("stage: is not where stage_history ends")
        leads.append(
            Lead(
                id=row["id"],
                email=row.get("email"),
                first_name=row.get("first_name"),
                last_name=row.get("last_name"),
                company=row.get("company"),
                owner=row.get("owner"),
                stage=row.get("stage", way[-1].stage if way else None),
                created_at=row["created_at"],
                modified_at=row.get("modified_at", row["created_at"]),
                attributes=row.get("attributes", {}),
                stage_history=way,
            )
        )
    activities = []
    for row, refuse in _rows(directory, "activities", set()):
        if row["lead"] not in lead_ids:
            refuse("lead: no such lead in leads.jsonl")
        if row.get("by") is not None and row["by"] not in user_ids:
            refuse("by: no such user in users.jsonl")
        activities.append(Activity(**row))
    return World(tuple(users), tuple(leads), tuple(activities), tuple(hand_off_samples()))


def shift_world(world: World, today: date, zone: ZoneInfo) -> World:
    """Moves all times by whole days of the zone's calendar, so that the latest activity's local day is
    `today`.

    Local wall times and the distance between local days stay as they were, also over a clock change. A
    world without activities stays as it is.
    """
    if not world.activities:
        return world
    latest = max(activity.at for activity in world.activities)
    days = (today - latest.astimezone(zone).date()).days
    if days == 0:
        return world
    shift = timedelta(days=days)

    def moved(at: datetime) -> datetime:
        wall = at.astimezone(zone).replace(tzinfo=None, fold=0) + shift
        return wall.replace(tzinfo=zone).astimezone(UTC)

    try:
        leads = tuple(
            replace(
                lead,
                created_at=moved(lead.created_at),
                modified_at=moved(lead.modified_at),
                stage_history=tuple(replace(step, at=moved(step.at)) for step in lead.stage_history),
            )
            for lead in world.leads
        )
        activities = tuple(replace(activity, at=moved(activity.at)) for activity in world.activities)
    except OverflowError as error:
        raise ImportRefused(f"cannot move all times by {days} days: a time would be out of range") from error
    return World(world.users, leads, activities, world.usual)


def _rows(directory: Path, table: str, seen: set[str]) -> Iterator[tuple[dict[str, Any], Callable[[str], None]]]:
    """Every record of one file with a function that refuses it; adds the ids to `seen`."""
    path = directory / f"{table}.jsonl"
    if not path.is_file():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            text = line.strip().removeprefix(b"\xef\xbb\xbf") if number == 1 else line.strip()
            if not text:
                continue

            def refuse(reason: str, number: int = number) -> None:
                raise ImportRefused(f"{path}:{number}: {reason}")

            try:
                row = read_record(table, msgspec.json.decode(text))
            except RecordRefused as refused:
                raise ImportRefused(f"{path}:{number}: {refused}") from refused
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise ImportRefused(f"{path}:{number}: not valid JSON in UTF-8 ({error})") from error
            if row["id"] in seen:
                refuse("id: already used further up")
            seen.add(row["id"])
            yield row, refuse
