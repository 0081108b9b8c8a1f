"""`crmsync report load`: who got how many leads, against their share and capacity. Reads the store only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from crmsync.connection.people import has_left
from crmsync.connection.prepared import Prepared
from crmsync.operations.run.ready import every_stored
from crmsync.route.at_work.loads import PersonLoad, person_loads, pool_loads
from crmsync.route.people.person import Capacity
from crmsync.route.placing.turns import with_credits
from crmsync.route.rotation.fair import bound
from crmsync.run.counters import counters_from, credits_of
from crmsync.run.nobody_yet import nobody_yet
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.tongue import ENGLISH, Tongue

TINY = 1e-9
"""Deviations are told in floating point; what lies on the bound is within it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One person in one rotation. `deviation`: turns minus share. `owed`: turns owed after an absence."""

    person: str
    turns: int
    share: float
    deviation: float
    within: bool
    owed: float

    def to_json(self) -> dict[str, Any]:
        """Turns to six decimals."""
        return {
            "person": self.person,
            "turns": self.turns,
            "share": round(self.share, 6),
            "deviation": round(self.deviation, 6),
            "within_bound": self.within,
            "owed": round(self.owed, 6),
        }


@dataclass(frozen=True, slots=True)
class PoolLoad:
    """One rotation. `bound`: how far any deviation can be; `took_part`: people who ever did."""

    pool: str
    bound: float
    took_part: int
    people: tuple[Turn, ...]

    @property
    def within(self) -> bool:
        """Whether every deviation is within the bound."""
        return all(each.within for each in self.people)

    def to_json(self) -> dict[str, Any]:
        """With the largest deviation."""
        return {
            "pool": self.pool,
            "turns": sum(each.turns for each in self.people),
            "took_part": self.took_part,
            "bound": self.bound,
            "largest_deviation": round(max((abs(each.deviation) for each in self.people), default=0.0), 6),
            "within_bound": self.within,
            "people": [each.to_json() for each in self.people],
        }


@dataclass(frozen=True, slots=True)
class LoadReport:
    """One connection. `people`: of the roster and of the counters; `missing`: (person, why) without a user here.

    `leavers`: (native user id, open leads) of people who have left and still own leads. `shares`: the parts of pools,
    by the rotation between them. `nobody_yet`: leads without an owner that may be so; null = none may.
    """

    connection: str
    as_of: date
    at: datetime
    rejoin: str
    outside_hours: str
    pools: tuple[PoolLoad, ...]
    people: tuple[PersonLoad, ...]
    missing: tuple[tuple[str, str], ...]
    leavers: tuple[tuple[str, int], ...]
    names: dict[str, str]
    shares: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    nobody_yet: int | None = None

    def name(self, key: str) -> str:
        """A person's name in the CRM, else their key."""
        return self.names.get(key) or key

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {
            "connection": self.connection,
            "as_of": self.as_of.isoformat(),
            "at": self.at.isoformat(),
            "rejoin": self.rejoin,
            "outside_hours": self.outside_hours,
            "pools": [pool.to_json() for pool in self.pools],
            "people": [
                *(self._person(each) for each in self.people),
                *(_nobody(key, why) for key, why in self.missing),
            ],
            **({} if self.nobody_yet is None else {"nobody_yet": self.nobody_yet}),
            "leavers": [{"user": user, "name": self.name(user), "open_leads": count} for user, count in self.leavers],
        }

    def _person(self, load: PersonLoad) -> dict[str, Any]:
        person = load.member.person if load.member else None
        limits = person.capacity if person else Capacity()
        return _nobody(load.key, load.obstacle) | {
            "user": load.member.user if load.member else None,
            "name": self.name(load.key),
            "in_roster": person is not None,
            "active": bool(load.member and load.member.active),
            "available": load.obstacle is None,
            "weight": float(person.weight) if person else None,
            "time_zone": person.time_zone if person else None,
            "day": load.day.isoformat() if load.day else None,
            "today": _used(load.today, limits.per_day),
            "this_week": _used(load.this_week, limits.per_week),
            "this_month": _used(load.this_month, limits.per_month),
            "in_days": [{"days": days, **_used(has, limits.per_days[days])} for days, has in load.in_days],
            "open_leads": _used(load.open_leads, limits.open_leads),
            "outside_rotation": load.direct,
        }


def load_reports(
    settings: Settings,
    connections: Sequence[str],
    *,
    as_of: date | None,
    now: Callable[[], datetime],
    tongue: Tongue = ENGLISH,
) -> list[LoadReport]:
    """One report for each connection (all when none is named). `as_of`: at noon of this day in the org's zone.
    `tongue`: in which it is told why somebody takes no leads.

    Raises `UsageError` when nothing is stored of a connection yet.
    """
    with closing(Store(settings.store)) as store:
        every = every_stored(settings, connections, store)
        return [load_report(prepared, store, as_of, now(), tongue) for prepared in every]


def load_report(
    prepared: Prepared, store: Store, as_of: date | None, now: datetime, tongue: Tongue = ENGLISH
) -> LoadReport:
    """Of one connection."""
    zone = ZoneInfo(prepared.org.time_zone)
    at = (datetime.combine(as_of, time(12), zone) if as_of else now).astimezone(zone)
    roster = prepared.roster
    counters = with_credits(
        roster,
        counters_from(store.journal.turns(prepared.name), roster),
        credits_of(store, prepared.name),
        as_of=at.date(),
        now=at,
    )
    ladder = tuple(rung.stage for rung in prepared.settings.policy.ladder)
    names = prepared.user_names
    open_leads = store.facts.open_leads(prepared.name, ladder)
    waiting = nobody_yet(prepared, store)
    members = {member.key: names.get(member.user, "") for member in roster.members}
    return LoadReport(
        connection=prepared.name,
        as_of=at.date(),
        at=at,
        rejoin=roster.roster.rejoin,
        outside_hours=roster.roster.outside_hours,
        pools=_pools(prepared, counters),
        people=person_loads(roster, counters, now=at, open_leads=open_leads, tongue=tongue),
        missing=tuple(
            (roster.roster.people[each.person - 1].person_key, each.reason)
            for each in roster.skipped
            if each.user is None
        ),
        leavers=tuple(
            (user, count) for user, count in sorted(open_leads.items()) if has_left(prepared, user, now=at)
        ),
        names={**names, **members},
        shares=roster.shares,
        nobody_yet=None if waiting is None else len(waiting),
    )


def _pools(prepared: Prepared, counters: dict[str, dict[str, dict[str, Any]]]) -> tuple[PoolLoad, ...]:
    loads = pool_loads(prepared.roster, counters).drop_nulls("share")
    pools = []
    for (pool,), rows in loads.group_by("pool", maintain_order=True):
        people = len(counters.get(str(pool), {}))
        most = bound(people)
        turns = tuple(
            Turn(
                person=row["key"],
                turns=row["turns"],
                share=row["share"],
                deviation=row["deviation"],
                within=abs(row["deviation"]) <= most + TINY,
                owed=row["owed"] / 1_000_000,
            )
            for row in rows.iter_rows(named=True)
        )
        pools.append(PoolLoad(str(pool), most, people, turns))
    return tuple(pools)


def _nobody(key: str, why: str | None) -> dict[str, Any]:
    """All keys of a person without a user of this CRM."""
    return {
        "person": key,
        "user": None,
        "name": key,
        "in_roster": True,
        "active": False,
        "available": False,
        "why_not": why,
        "weight": None,
        "time_zone": None,
        "day": None,
        "today": _used(0, None),
        "this_week": _used(0, None),
        "this_month": _used(0, None),
        "in_days": [],
        "open_leads": _used(0, None),
        "outside_rotation": 0,
    }


def _used(used: int, most: int | None) -> dict[str, int | None]:
    return {"has": used, "most": most}
