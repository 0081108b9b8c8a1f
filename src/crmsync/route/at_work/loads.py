"""What each pool gave to whom so far beside what fell to them by weight, and how much each person can still take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from crmsync.route.at_work.availability import Availability
from crmsync.route.at_work.sla import back_at_work
from crmsync.route.people.member import Member
from crmsync.route.roster.defaults import DIRECT, all_rules, is_between
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.route.rotation.counters import Counters, Ledger
from crmsync.tongue import ENGLISH, Tongue

LOADS = {
    "pool": pl.String(),
    "key": pl.String(),
    "user": pl.String(),
    "turns": pl.Int64(),
    "share": pl.Float64(),
    "deviation": pl.Float64(),
    "owed": pl.Int64(),
}
"""One row per pool and person: those with a count, and the people of pools that a rule names.

`key`: the person's name in the counters, or the pool's in a rotation between pools, where `user` is always null.
`user` null = not in the roster (on this CRM) any more. `share`: turns that fell to the person by weight;
`deviation`: turns minus share. Both null for leads given outside any rotation. `owed`:
millionths of a turn that the rejoin rule makes up for.
"""


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """One person at one instant, over all pools. `member` null = in the counters, but not in the roster any more.

    `obstacle`: why they take no lead now; null = they do. `today`, `this_week`, `this_month` are those of `day`, the
    person's local day. `direct`: leads they got outside any rotation so far. `in_days`: (days, leads of so many days)
    for each such limit.
    """

    key: str
    member: Member | None
    day: date | None
    obstacle: str | None
    today: int
    this_week: int
    open_leads: int
    direct: int
    this_month: int = 0
    in_days: tuple[tuple[int, int], ...] = ()


def pool_loads(resolved: ResolvedRoster, counters: Counters) -> pl.DataFrame:
    """Counts, shares and deviations (schema LOADS), pools by name, people in roster order."""
    ledger = Ledger(counters)
    place = {member.key: index for index, member in enumerate(resolved.members)}
    in_use = _pools_in_use(resolved)
    makes_up = resolved.roster.rejoin != "no_catch_up"
    rows = []
    for pool in sorted({*counters, *in_use}):
        rotation = ledger.rotation(pool)
        keys = {*rotation.turns, *in_use.get(pool, ())}
        for key in sorted(keys, key=lambda key: (place.get(key, len(place)), key)):
            user = resolved.members[place[key]].user if key in place else None
            turns, share = rotation.turns.get(key, 0), None if pool == DIRECT else rotation.share_of(key)
            owed = ledger.owed(pool, key) if makes_up else 0
            rows.append((pool, key, user, turns, share, None if share is None else turns - share, owed))
    return pl.DataFrame(rows, schema=LOADS, orient="row")


def person_loads(
    resolved: ResolvedRoster,
    counters: Counters,
    *,
    now: datetime,
    open_leads: Mapping[str, int],
    tongue: Tongue = ENGLISH,
) -> tuple[PersonLoad, ...]:
    """Everybody of the roster in its order, then those who are in the counters only. `open_leads`: by native id."""
    ledger, availability = Ledger(counters), Availability(resolved, now, tongue=tongue)
    listed = []
    for member in resolved.members:
        day, has = availability.today[member.key], open_leads.get(member.user, 0)
        listed.append(
            PersonLoad(
                key=member.key,
                member=member,
                day=day,
                obstacle=_obstacle(availability, member, ledger, has, now, tongue),
                today=ledger.on_day(member.key, day),
                this_week=ledger.in_week(member.key, day),
                open_leads=has,
                direct=ledger.turns(DIRECT, member.key),
                this_month=ledger.in_month(member.key, day),
                in_days=tuple(
                    (days, ledger.in_days(member.key, day, days)) for days in sorted(member.person.capacity.per_days)
                ),
            )
        )
    known = {member.key for member in resolved.members}
    gone = sorted({key for pool, people in counters.items() if not is_between(pool) for key in people} - known)
    nobodys = tongue.say("not in the roster")
    return (
        *listed,
        *(
            PersonLoad(key, None, None, nobodys, 0, 0, open_leads.get(key, 0), ledger.turns(DIRECT, key))
            for key in gone
        ),
    )


def _pools_in_use(resolved: ResolvedRoster) -> Mapping[str, tuple[str, ...]]:
    """Pools that a rule rotates in or (by another `then`) would, with the keys of their people."""
    names = {name for rule in all_rules(resolved.roster) for name in rule.rotations}
    people = {name: tuple(member.key for member in resolved.pools[name]) for name in names}
    return {**people, **{rotation: tuple(share) for rotation, share in resolved.shares.items()}}


def _obstacle(
    availability: Availability, member: Member, ledger: Ledger, open_leads: int, now: datetime, tongue: Tongue
) -> str | None:
    why = availability.obstacle(member) or availability.full(member, ledger, open_leads)
    rule = availability.hours_rule
    if why or rule == "ignore" or not availability.is_off(member):
        return why
    back = back_at_work(member, now)
    if back is None:
        away = tongue.say("outside working hours")
    else:
        local = back.astimezone(member.person.zone)
        day, time = tongue.day(local.date()), f"{local:%H:%M}"
        away = tongue.say("outside working hours until {day} {time}", day=day, time=time)
    return tongue.say("{away}, only if nobody is at work", away=away) if rule == "last_resort" else away
