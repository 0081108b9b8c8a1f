"""A made-up stream of qualified leads that fits a roster, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from crmsync.model import THE_HAND_OFF
from crmsync.route.hours.calendar import starts_at
from crmsync.route.people.person import Person
from crmsync.route.roster.defaults import NEW_LEADS, all_rules, rules_of
from crmsync.route.roster.resolved import ResolvedRoster

STAGE = "qualified"
WEEKDAY_RATES = (1.0, 1.1, 1.1, 1.05, 0.9, 0.25, 0.2)
"""How many leads come on a Monday … Sunday, in proportion."""
HOUR_RATES = (1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 20, 18, 15, 17, 19, 18, 15, 11, 8, 6, 5, 4, 2, 1)
"""Likewise by the hour of the lead's own time zone."""
UNKNOWN_SHARE = 0.02
"""So many leads lack a fact that the roster asks for."""
MET_SHARE = 0.25
"""So many leads meet a criterion that a rule names."""

_ENDS = {"email": pl.String(), "company": pl.String(), "owner_edited_on": pl.Date()}


def lead_stream(
    resolved: ResolvedRoster, *, start: date, days: int, leads: int, seed: int, hand_over: str = THE_HAND_OFF
) -> pl.DataFrame:
    """Leads as `assign` takes them, in the order of their arrival (`created_at`).

    More come on working days and in working hours, in the time zones of the roster's people. Territories, segments
    and languages are drawn by the weights of those who serve them, priorities at random; with BDRs in the roster each
    lead belongs to one of them, unless they receive it. Every lead is another person at another company.
    """
    chance = Random(f"{seed}-leads")  # noqa: S311 - a simulation
    columns: dict[str, Any] = {
        "created_at": _arrivals(resolved, chance, start, days, leads),
        "owner": _owners(resolved, hand_over, chance, leads),
        "priority": [chance.randrange(0, 100_000, 500) for _ in range(leads)],
    }
    schema: dict[str, pl.DataType] = {
        "created_at": pl.Datetime("us", "UTC"), "owner": pl.String(), "priority": pl.Int64(),
    }  # fmt: skip
    words: dict[str, Callable[[Person], Sequence[str]]] = {
        "territory": lambda person: person.territories,
        "segment": lambda person: person.segments,
        "language": lambda person: person.languages,
    }
    for word, serves in words.items():
        fact = getattr(resolved.roster.facts, word)
        columns[f"fact.{fact}"] = _words(resolved, chance, leads, serves)
        schema[f"fact.{fact}"] = pl.String()
    for name in sorted({name for rule in rules_of(resolved.roster, hand_over) for name in rule.when}):
        columns[f"verdict.{name}"] = [chance.random() < MET_SHARE for _ in range(leads)]
        schema[f"verdict.{name}"] = pl.Boolean()
    # Other rules are not simulated, but their criteria are asked for.
    others = {name for rule in all_rules(resolved.roster) for name in rule.when}
    schema |= {f"verdict.{name}": pl.Boolean() for name in sorted(others) if f"verdict.{name}" not in schema}
    empty = {name: [None] * leads for name in schema if name not in columns}
    frame = pl.DataFrame({**columns, **empty}, schema=schema).sort("created_at", maintain_order=True)
    fixed = [pl.lit(None, kind).alias(name) for name, kind in _ENDS.items()]
    numbered = frame.with_row_index("row").with_columns(*fixed, stage=pl.lit(STAGE))
    return numbered.with_columns(lead=pl.format("lead-{}", pl.col("row").cast(pl.String()).str.zfill(7)))


def _arrivals(resolved: ResolvedRoster, chance: Random, start: date, days: int, leads: int) -> list[datetime]:
    zones: dict[ZoneInfo, float] = {} if resolved.members else {ZoneInfo("UTC"): 1.0}
    for member in resolved.members:
        zones[member.person.zone] = zones.get(member.person.zone, 0.0) + float(member.person.weight)
    listed = [start + timedelta(days=offset) for offset in range(days)]
    drawn_days = chance.choices(listed, [WEEKDAY_RATES[day.weekday()] for day in listed], k=leads)
    drawn_hours = chance.choices(range(24), HOUR_RATES, k=leads)
    drawn_zones = chance.choices(list(zones), list(zones.values()), k=leads)
    return [
        starts_at(day, hour * 60 + chance.randrange(60), zone)
        for day, hour, zone in zip(drawn_days, drawn_hours, drawn_zones, strict=True)
    ]


def _owners(resolved: ResolvedRoster, hand_over: str, chance: Random, leads: int) -> list[str | None]:
    """BDRs, unless it is they who receive the leads."""
    receivers = resolved.receivers_of(hand_over)
    qualifiers = [member.user for member in resolved.pools[NEW_LEADS] if member.user not in receivers]
    return [chance.choice(qualifiers) for _ in range(leads)] if qualifiers else [None] * leads


def _words(
    resolved: ResolvedRoster, chance: Random, leads: int, serves: Callable[[Person], Sequence[str]]
) -> list[str | None]:
    rates: dict[str, float] = {}
    for member in resolved.members:
        for word in serves(member.person):
            rates[word] = rates.get(word, 0.0) + float(member.person.weight)
    if not rates:
        return [None] * leads
    drawn = chance.choices(list(rates), list(rates.values()), k=leads)
    return [None if chance.random() < UNKNOWN_SHARE else word for word in drawn]
