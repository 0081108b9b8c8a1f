"""Hops 1 to 3 of a run that looks at what the CRM told by itself: only that is read, by its ids, and remembered.

A telling is believed to say which records may have changed, and nothing else: each is read as it stands now. Cursors
stay where they are, so the next pull brings these records once more, and whatever nobody told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from crmsync.connection.opening import Opened
from crmsync.contract import ALL_ACTIVITIES, LEAD_ID, PullRequest
from crmsync.mapping import ActivityMapping, activity_fields
from crmsync.run.pull import PullReport, activities_of, leads_of
from crmsync.store import Pulled, Store, Waiting
from crmsync.values import replace

_GONE = ("deleted", "merged", "converted")
"""How a connector says why a record has left; one that is only out of this user's sight is left to a full reading,
which asks before many leave at once."""


def read_told(opened: Opened, store: Store, told: Sequence[Waiting], *, today: date) -> PullReport:
    """Read these records, and the activities to be read with them. Nothing is remembered where it raises."""
    reading = _Reading(opened, store, told)
    parts = list(reading.parts())
    remembered = store.facts.remember(opened.prepared.name, parts, today=today)
    nothing = pl.DataFrame(schema={"part": pl.String, "name": pl.String, "field": pl.String, "value": pl.String,
                                   "count": pl.Int64, "lead": pl.String})  # fmt: skip
    return PullReport(remembered, nothing, told=tuple(sorted(reading.concerned)))


@dataclass
class _Reading:
    """One reading. `concerned`: leads that were told, and those whose activities were."""

    opened: Opened
    store: Store
    told: Sequence[Waiting]
    concerned: set[str] = field(default_factory=set)

    def parts(self) -> Iterator[Pulled]:
        leads = self._ids(self.opened.prepared.mapping.lead.object)
        self.concerned.update(leads)
        with_activities = self._with_activities(leads)  # before these leads are stored: new ones have all to be read
        if leads:
            yield self._leads(leads)
        cursors = self.store.facts.cursors(self.opened.prepared.name)
        for activity in self.opened.prepared.mapping.activities:
            yield from self._activities(activity, with_activities, cursors)

    def _leads(self, ids: Sequence[str]) -> Pulled:
        prepared = self.opened.prepared
        reading = self.opened.connector.read(prepared.mapping.lead.object, ids, prepared.lead_fields)
        gone = tuple(each for each, why in reading.gone.items() if why.startswith(_GONE))
        return replace(leads_of(prepared, reading.records, gone), stamps=self._stamps(prepared.mapping.lead.object))

    def _activities(
        self, activity: ActivityMapping, with_activities: Mapping[str, frozenset[str]], cursors: Mapping[str, str]
    ) -> Iterator[Pulled]:
        prepared, connector = self.opened.prepared, self.opened.connector
        ids = self._ids(activity.object)
        theirs = [lead for lead, objects in with_activities.items() if self._asked(activity.object, objects)]
        if not ids and not theirs:
            return
        self.concerned |= self.store.facts.leads_with(prepared.name, [f"{activity.object}:{each}" for each in ids])
        request = PullRequest(
            object=activity.object,
            fields=activity_fields(activity),
            leads_object=prepared.mapping.lead.object,
            cursor=cursors.get(activity.object),
        )
        for page in connector.reread(request, ids, theirs) or ():
            self.concerned.update(page.records[LEAD_ID])
            stamps = self._stamps(activity.object, f"{activity.object}:")
            yield replace(activities_of(activity, page, prepared), stamps=stamps)

    def _with_activities(self, leads: Sequence[str]) -> dict[str, frozenset[str]]:
        """Lead → objects of activities to read with it."""
        known = self.store.facts.stored_among(self.opened.prepared.name, leads)
        found: dict[str, frozenset[str]] = {each: frozenset(ALL_ACTIVITIES) for each in leads if each not in known}
        for each in self.told:
            if each.record in known and each.activities and self._is_lead(each):
                found[each.record] = found.get(each.record, frozenset()).union(each.activities)
        return found

    def _asked(self, object_name: str, objects: frozenset[str]) -> bool:
        every = objects.issuperset(ALL_ACTIVITIES)
        return every or any(self.opened.connector.same_object(object_name, each) for each in objects)

    def _stamps(self, object_name: str, of: str = "") -> pl.DataFrame:
        """When these records were changed, by the CRM's word; else when the word of it came. For the clock only."""
        same = self.opened.connector.same_object
        rows = [
            (of + each.record, each.happened_at or each.came_at)
            for each in self.told
            if same(each.object, object_name)
        ]
        frame = pl.DataFrame(rows, schema={"record": pl.String, "changed_at": pl.Datetime("us", "UTC")}, orient="row")
        return frame.with_columns(pl.col("changed_at").to_physical())

    def _is_lead(self, told: Waiting) -> bool:
        return self.opened.connector.same_object(told.object, self.opened.prepared.mapping.lead.object)

    def _ids(self, object_name: str) -> list[str]:
        same = self.opened.connector.same_object
        return list(dict.fromkeys(each.record for each in self.told if same(each.object, object_name)))
