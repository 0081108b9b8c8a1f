"""How long simulated leads waited for their owner, person by person and in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

import polars as pl

from crmsync.model import THE_HAND_OFF
from crmsync.route.at_work.waiting import Wait, waits
from crmsync.route.hours.calendar import starts_at
from crmsync.route.people.member import Member
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.values import asdict

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Minutes that half, nine tenths and 99 of 100 leads waited at most; null = no lead, or not within a year."""

    p50: float | None
    p90: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class Waits:
    """The waits of some leads. `working`: in the owner's working time, as the limit counts; `elapsed`: in all time.

    `in_time`: leads touched within the limit. `minutes`: each lead's working minutes, in order of size.
    """

    leads: int
    in_time: int
    working: Quantiles
    elapsed: Quantiles
    minutes: tuple[float, ...]

    @property
    def share(self) -> float | None:
        """Which part was touched in time."""
        return self.in_time / self.leads if self.leads else None

    def to_json(self) -> dict[str, Any]:
        """Minutes; without each single lead's."""
        return {
            "leads": self.leads,
            "within_sla": self.in_time,
            "within_sla_share": None if self.share is None else round(self.share, 6),
            "working_minutes": asdict(self.working),
            "elapsed_minutes": asdict(self.elapsed),
        }


@dataclass(frozen=True, slots=True)
class PersonWaits:
    """One person: leads in all, on the busiest day (UTC), and how long these leads waited."""

    person: str
    time_zone: str
    leads: int
    busiest_day_leads: int
    days_away: int
    waits: Waits

    def to_json(self) -> dict[str, Any]:
        """All keys, always."""
        return {
            "person": self.person,
            "time_zone": self.time_zone,
            "leads": self.leads,
            "busiest_day_leads": self.busiest_day_leads,
            "days_away": self.days_away,
            "waits": self.waits.to_json(),
        }


def person_waits(
    resolved: ResolvedRoster,
    given: pl.DataFrame,
    *,
    start: date,
    days: int,
    begin: datetime,
    sla: timedelta,
    each: timedelta,
    hand_over: str = THE_HAND_OFF,
) -> tuple[tuple[PersonWaits, ...], Waits]:
    """Everybody who got a lead or could have, and all together.

    `begin`: an instant before all leads; `each`: working time that one lead takes.
    """
    instants = {owner: rows["at"] for (owner,), rows in given.group_by("owner", maintain_order=True)}
    people: list[PersonWaits] = []
    everybody: list[Wait] = []
    for member in resolved.members:
        at = instants.get(member.user)
        if at is None and not resolved.may_receive(member, hand_over):
            continue
        found = [] if at is None else waits(member, at.to_list(), since=begin, each=each)
        everybody.extend(found)
        busiest = 0 if at is None else int(at.dt.date().value_counts()["count"].max() or 0)  # type: ignore[arg-type]
        away = _days_away(member, start, days)
        zone = member.person.time_zone
        people.append(PersonWaits(member.key, zone, len(found), busiest, away, _waits(found, sla)))
    return tuple(people), _waits(everybody, sla)


def _days_away(member: Member, start: date, days: int) -> int:
    """Local days of these on which the person is away at noon."""
    noons = (starts_at(start + timedelta(days=offset), 12 * 60, member.person.zone) for offset in range(days))
    return sum(any(away.start <= noon < away.end for away in member.away) for noon in noons)


def _waits(found: Sequence[Wait], sla: timedelta) -> Waits:
    minutes = sorted(one.working / MINUTE for one in found)
    never = float("inf")
    elapsed = sorted(never if one.elapsed is None else one.elapsed / MINUTE for one in found)
    in_time = sum(one.working <= sla and one.elapsed is not None for one in found)
    return Waits(len(found), in_time, _quantiles(minutes), _quantiles(elapsed), tuple(minutes))


def _quantiles(ordered: Sequence[float]) -> Quantiles:
    def at(part: float) -> float | None:
        if not ordered:
            return None
        value = ordered[max(0, ceil(part * len(ordered)) - 1)]
        return None if value == float("inf") else round(value, 3)

    return Quantiles(at(0.5), at(0.9), at(0.99))
