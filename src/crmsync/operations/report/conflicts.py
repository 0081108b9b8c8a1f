"""`crmsync report conflicts`: values of ours that somebody replaced, how often, and who, by the CRM's own history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crmsync.clock import local_day
from crmsync.connection.opening import opened
from crmsync.contract import Edit
from crmsync.errors import CrmsyncError
from crmsync.mapping import CrmMapping
from crmsync.operations.history.stored_leads import pages_of
from crmsync.operations.run.ready import stored
from crmsync.run.left_alone import stopped
from crmsync.settings import Settings
from crmsync.store import Overruled, Part, Store

MOST_ASKED = 200
"""Of at most so many leads at once the CRM is asked who it was."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One value of one lead: every time that it was replaced, oldest first. `stopped`: crmsync gave in."""

    lead: str
    lead_name: str
    part: Part
    times: tuple[Overruled, ...]
    stopped: bool
    url: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Without the person's name. `actor` null = not asked, or not told."""
        return {
            "lead": self.lead,
            "part": self.part,
            "stopped": self.stopped,
            "times": [
                {
                    "day": each.day.isoformat(),
                    "ours": each.what.ours,
                    "theirs": each.what.theirs,
                    "actor": dict(each.actor) if each.actor else None,
                    "released_at": each.released_at.isoformat(timespec="seconds") if each.released_at else None,
                }
                for each in self.times
            ],
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class ConflictReport:
    """One connection, the latest conflict first. `total`: of all; `conflicts`: those shown. `note`: why nobody was
    asked who it was.
    """

    connection: str
    total: int
    conflicts: tuple[Conflict, ...]
    user_names: Mapping[str, str]
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {
            "connection": self.connection,
            "total": self.total,
            "conflicts": [each.to_json() for each in self.conflicts],
            "note": self.note or None,
        }


def conflict_reports(
    settings: Settings, connections: Sequence[str], *, show: int, ask: bool, now: Callable[[], datetime]
) -> list[ConflictReport]:
    """One report for each connection, or for all. `show`: how many conflicts (0 = all). `ask`: the CRM, who it was.

    Raises `UsageError` when nothing is stored of a connection yet. A CRM that cannot be asked is told in the report.
    """
    with closing(Store(settings.store)) as store:
        return [
            conflict_report(settings, store, configuration.name, show, ask=ask, now=now())
            for configuration in settings.chosen(tuple(connections))
        ]


def conflict_report(
    settings: Settings, store: Store, name: str, show: int, *, ask: bool, now: datetime
) -> ConflictReport:
    """Of one connection."""
    prepared = stored(settings, settings.connection(name), store)
    every = _conflicts(settings, store, name)
    shown = every[:show] if show else every
    note = ""
    if ask and any(each.actor is None for conflict in shown for each in conflict.times):
        try:
            _ask(settings, store, name, shown[:MOST_ASKED], now)
        except CrmsyncError as error:
            note = f"who it was could not be asked: {error.message}"
        again = {(each.lead, each.part): each for each in _conflicts(settings, store, name)}
        shown = [again[each.lead, each.part] for each in shown]
    return ConflictReport(name, len(every), tuple(shown), prepared.user_names, note)


def _conflicts(settings: Settings, store: Store, name: str) -> list[Conflict]:
    """All of them, the latest first."""
    found: dict[tuple[str, Part], list[Overruled]] = {}
    for each in store.left_alone.overruled(name):
        found.setdefault((each.what.lead, each.what.part), []).append(each)
    names = store.facts.lead_names(name, [lead for lead, _ in found])
    counting = [each for times in found.values() for each in times if each.released_at is None]
    given_in = stopped(counting, settings.policy.movement)
    page = pages_of(settings, store, name)
    conflicts = [
        Conflict(lead, names.get(lead, ""), part, tuple(times), lead in given_in, page(lead))
        for (lead, part), times in found.items()
    ]
    return sorted(conflicts, key=lambda each: -each.times[-1].id)


def _ask(settings: Settings, store: Store, name: str, shown: Sequence[Conflict], now: datetime) -> None:
    """Ask the CRM's history of the leads shown, and remember what it tells."""
    with opened(settings, settings.connection(name), now) as connection:
        mapping, zone = connection.prepared.mapping, connection.prepared.org.time_zone
        leads = sorted({each.lead for each in shown})
        fields = (*mapping.stage.fields, mapping.owner.field)
        edits = connection.connector.edits(mapping.lead.object, leads, fields)
    actors = {
        each.id: actor
        for conflict in shown
        for each in conflict.times
        if each.actor is None and (actor := actor_of(each, edits, mapping, zone)) is not None
    }
    store.left_alone.name_actors(name, actors)


def actor_of(
    overruled: Overruled, edits: Sequence[Edit], mapping: CrmMapping, zone: str
) -> Mapping[str, str | None] | None:
    """Who replaced our value: the newest other value, up to the day on which that was seen, that came after ours.

    `edits`: newest first. Null where the history does not show our value: then the CRM never took it, or keeps none.
    Whoever set ours, too, is crmsync's own user: an automation that its write set off, or another program.
    """
    what = overruled.what
    fields = set(mapping.stage.fields) if what.part == "stage" else {mapping.owner.field}
    mine = [each for each in edits if each.id == what.lead and each.field in fields]
    there = [each for each in mine if local_day(each.at, zone) <= overruled.day]
    for place, edit in enumerate(there):
        if _is_ours(edit, overruled, mapping):
            continue
        ours = next((it for it in there[place:] if it.field == edit.field and _is_ours(it, overruled, mapping)), None)
        if ours is None:
            continue
        same = ours.user is not None and ours.user == edit.user
        told: dict[str, str | None] = {"kind": "same_user" if same else edit.by, "user": edit.user}
        return {**told, "source": edit.source, "at": edit.at.isoformat(timespec="seconds")}
    return None


def _is_ours(edit: Edit, overruled: Overruled, mapping: CrmMapping) -> bool:
    ours = overruled.what.ours
    if overruled.what.part == "owner":
        return edit.value == ours
    value = mapping.stage.values.get(ours or "")
    return value is not None and edit.value in value.set.get(edit.field, ())


def latest_actor(conflict: Conflict) -> Mapping[str, Any] | None:
    """Of the last time that told one."""
    return next((each.actor for each in reversed(conflict.times) if each.actor), None)
