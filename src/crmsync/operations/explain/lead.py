"""`crmsync explain`: why leads stand where they stand, from what is stored; no call to the CRM."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
from msgspec import Struct

from crmsync.clock import local_day
from crmsync.connection.named_leads import named_leads
from crmsync.connection.prepared import Prepared
from crmsync.connection.record_pages import record_pages
from crmsync.model import Batch, native_values
from crmsync.operations.explain.hand_over_counting import with_hand_overs
from crmsync.operations.explain.owner_story import OwnerStory, owner_stories
from crmsync.operations.explain.shown_lead import damaged, nowhere
from crmsync.operations.run.ready import ready, stored
from crmsync.progress import Progress
from crmsync.qualify.engine.decide import part_of
from crmsync.qualify.explain import explain
from crmsync.qualify.telling.explanation import Evidence, Explanation
from crmsync.run.gather import gathered_to_show
from crmsync.run.left_alone import LeftAlone, left_alone
from crmsync.settings import Settings
from crmsync.store import StageMove, Store
from crmsync.tongue import Tongue
from crmsync.values import asdict, replace

if TYPE_CHECKING:
    from crmsync.operations.policy.routing_rules import RoutingRules
    from crmsync.run.way_now import WayNow

_LEADS_AT_ONCE = 1000


class LeadsWay(Struct, frozen=True):
    """The roster's rules and which way a lead would go through them. `person`: the new owner's key."""

    rules: RoutingRules
    way: WayNow
    person: str | None


class LeadStory(Struct, frozen=True):
    """One lead's explanation with what the store knows besides: who it is, its owner, its history.

    `url`: the address of its page in the CRM, where that is known. `way`: which way it would go if it were placed
    now; null = nobody asked. `activities`: all that happened with it, newest first; of named leads only.
    """

    explanation: Explanation
    name: str
    managed: bool
    stage_native: str | None
    owner: str | None
    owner_name: str | None
    history: tuple[StageMove, ...]
    owner_story: OwnerStory
    left_alone: LeftAlone | None = None
    url: str | None = None
    way: LeadsWay | None = None
    activities: tuple[Evidence, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The explanation's keys, and owner, native stage, history, and why the lead is left alone."""
        return {
            "format": 1,
            **self.explanation.to_json(),
            "url": self.url,
            "managed": self.managed,
            "stage_native": native_values(self.stage_native),
            "owner": self.owner,
            "history": [
                {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(move).items()}
                for move in self.history
            ],
            **self.owner_story.to_json(),
            "left_alone": self.left_alone.to_json(self.explanation.tongue) if self.left_alone else None,
        }


def explain_leads(
    settings: Settings,
    connection: str,
    leads: Sequence[str],
    *,
    as_of: date | None,
    now: Callable[[], datetime],
    progress: Progress,
    tongue: Tongue | None = None,
    up: bool = True,
    ways: bool = False,
    ask: bool = True,
) -> Iterator[LeadStory]:
    """Stories of the named leads, or of all when none is named.

    `tongue`: the language of the stories; null = that in which the connection's CRM is written. `up`: with the ways
    to the next stage, which are looked for only for named leads. `ways`: with the way that each would take through
    the roster's rules.

    Reads the CRM only when nothing is stored yet; `ask` false: never, and raises `NeverRead` instead. Raises
    `NotStored` for leads that are not stored (after the stories of those that are).
    """
    configuration = settings.chosen((connection,))[0]
    with closing(Store(settings.store)) as store:
        connected = (
            ready(settings, configuration, store, now, progress) if ask else stored(settings, configuration, store)
        )
        day = as_of or local_day(now(), connected.org.time_zone)
        alone, told_in = left_alone(connected, store, day), tongue or connected.tongue
        named = named_leads(configuration, store, leads)
        wanted = list(dict.fromkeys(lead for ids in named.values() for lead in ids))
        found: set[str] = set()
        batches = gathered_to_show(connected, store, day, everything=not leads, leads=wanted if leads else None)
        unreadable: set[str] = set()
        for batch in _slices(_noting(batches, unreadable)):
            rows = {row["lead"]: row for row in batch.leads.iter_rows(named=True)}
            histories = store.history.stages(connected.name, list(rows))
            set_on = {lead: row["owner_edited_on"] for lead, row in rows.items()}
            explained = list(explain(connected.compiled, batch, day, ways=up and bool(leads), tongue=told_in))
            owners = with_hand_overs(connected, store, owner_stories(connected, store, set_on, now()), explained)
            for explanation in explained:
                found.add(explanation.lead)
                lead = explanation.lead
                story = _story(connected, explanation, rows[lead], histories[lead], owners[lead], alone.get(lead))
                if leads:
                    story = replace(story, activities=tuple(_activities(batch, explanation.row)))
                yield replace(story, way=_way(connected, store, lead, day, now(), told_in)) if ways else story
    if torn := [name for name, ids in named.items() if unreadable.intersection(ids)]:
        raise damaged(connection, torn)
    unknown = {name: ids for name, ids in named.items() if not found.intersection(ids)}
    if unknown:
        raise nowhere(connection, unknown)


def _noting(batches: Iterable[Batch], unreadable: set[str]) -> Iterator[Batch]:
    """The batches; their damaged leads are added to `unreadable`."""
    for batch in batches:
        unreadable.update(batch.damaged)
        yield batch


def _slices(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Batches small enough that their stories, which are large, may stand in memory together."""
    for batch in batches:
        for first in range(0, batch.leads.height, _LEADS_AT_ONCE):
            yield part_of(batch, batch.leads["row"].slice(first, _LEADS_AT_ONCE))


def _activities(batch: Batch, row: int) -> Iterator[Evidence]:
    asked = batch.activities.filter(pl.col("row") == row).sort("day", descending=True, nulls_last=True)
    names = ("activity", "kind", "day", "outcome", "direction", "by", "by_role", "about")
    for each in asked.select(names).iter_rows(named=True):
        yield Evidence(**each)


def _way(connected: Prepared, store: Store, lead: str, day: date, now: datetime, tongue: Tongue) -> LeadsWay:
    """Through the rules as they stand, with the people whom the CRM names."""
    from crmsync.operations.policy.routing_rules import rules_shown  # noqa: PLC0415 - few ask for it, and all of
    from crmsync.run.way_now import way_now  # noqa: PLC0415 - placing comes along

    roster = connected.roster
    rules = rules_shown(roster.roster, connected.settings.roster_document.file, roster.people_in_pools)
    keys = {member.user: member.key for member in roster.members}
    way = way_now(connected, store, lead, as_of=day, now=now, tongue=tongue)
    return LeadsWay(rules, way, keys.get(way.owner or "", way.owner))


def _story(
    connected: Prepared,
    explanation: Explanation,
    row: dict[str, Any],
    history: tuple[StageMove, ...],
    owner_story: OwnerStory,
    kept: LeftAlone | None,
) -> LeadStory:
    return LeadStory(
        explanation=explanation,
        name=" · ".join(part for part in (row["name"], row["company"]) if part),
        managed=row["managed"],
        stage_native=row["stage_native"],
        owner=row["owner"],
        owner_name=connected.user_names.get(row["owner"]),
        history=history,
        owner_story=owner_story,
        left_alone=kept,
        url=record_pages(connected)(explanation.lead),
    )
