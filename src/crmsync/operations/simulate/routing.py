"""`crmsync simulate routing`: months of leads through the real assignment. No call to a CRM, nothing written."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from crmsync.configuration import did_you_mean
from crmsync.errors import ConfigurationError, UsageError
from crmsync.operations.policy.roster_alone import resolved_alone
from crmsync.operations.run.ready import stored
from crmsync.operations.simulate.lead_stream import lead_stream
from crmsync.operations.simulate.practice_roster import practice_roster
from crmsync.operations.simulate.routing_batches import Routed, instant, run_batches
from crmsync.operations.simulate.routing_shares import PoolShares, pool_shares
from crmsync.operations.simulate.routing_waits import MINUTE, PersonWaits, Waits, person_waits
from crmsync.progress import Progress
from crmsync.route.roster.defaults import hand_over_names
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.settings import load_settings, read_calendars
from crmsync.store import Store
from crmsync.values import replace

Rejoin = Literal["no_catch_up", "catch_up", "gradual"]
OutsideHours = Literal["last_resort", "wait", "ignore"]


@dataclass(frozen=True, slots=True)
class RoutingRequest:
    """What is simulated. `people`: so many made-up AEs instead of the configured roster; null = the configured one.

    `each`: working time that a lead takes its owner; `open_days`: how long a lead counts as open. `rejoin` and
    `outside_hours`: instead of what the roster says. `hand_over`: of several hand-overs which; null = the last that
    goes to people.
    """

    start: date
    days: int = 90
    leads: int = 20_000
    seed: int = 1
    people: int | None = None
    zones: tuple[str, ...] = ()
    connection: str | None = None
    absences: bool = True
    every: timedelta = timedelta(minutes=15)
    sla: timedelta = timedelta(hours=4)
    each: timedelta = timedelta(minutes=10)
    open_days: int = 30
    rejoin: Rejoin | None = None
    outside_hours: OutsideHours | None = None
    hand_over: str | None = None


@dataclass(frozen=True, slots=True)
class RoutingSimulation:
    """The answer. `unassigned`: (reason, leads), the most first. `busiest`: day (UTC) and its leads."""

    request: RoutingRequest
    roster: str
    rejoin: str
    outside_hours: str
    routed: Routed
    pools: tuple[PoolShares, ...]
    people: tuple[PersonWaits, ...]
    waits: Waits
    unassigned: tuple[tuple[str, int], ...]
    queued: int
    busiest: tuple[date, int] | None

    @property
    def fair(self) -> bool:
        """Whether every rotation kept its bound throughout."""
        return all(pool.within for pool in self.pools)

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        request = self.request
        return {
            "roster": self.roster,
            "start": request.start.isoformat(),
            "days": request.days,
            "leads": request.leads,
            "seed": request.seed,
            "absences": request.absences,
            "every_minutes": request.every / MINUTE,
            "sla_minutes": request.sla / MINUTE,
            "minutes_per_lead": request.each / MINUTE,
            "open_days": request.open_days,
            "rejoin": self.rejoin,
            "outside_hours": self.outside_hours,
            "batches": self.routed.batches,
            "given": self.routed.given.height - self.queued,
            "queued": self.queued,
            "kept": self.routed.kept,
            "given_later": self.routed.later,
            "unassigned": [{"reason": reason, "leads": leads} for reason, leads in self.unassigned],
            "busiest_day": None if self.busiest is None else _day(*self.busiest),
            "within_bound": self.fair,
            "pools": [pool.to_json() for pool in self.pools],
            "people": [person.to_json() for person in self.people],
            "waits": self.waits.to_json(),
        }


def simulate_routing(config: Path, request: RoutingRequest, *, progress: Progress) -> RoutingSimulation:
    """Run a seeded stream of leads through the roster's rules, as a schedule would.

    Raises `UsageError` where no roster is configured, nobody could get a lead or a zone is unknown,
    `ConfigurationError` for mistakes in the files.
    """
    name, resolved = _roster(config, request)
    resolved = _altered(resolved, request)
    hand_over = _hand_over(resolved, request)
    if not resolved.receivers_of(hand_over) and resolved.needs_receivers(hand_over):
        raise UsageError(
            "nobody in the roster can receive a hand-off",
            hint="add at least one person with the receiving role, or try `--reps 12`",
        )
    # The first local days begin up to a day before midnight UTC, the last end up to a day after it.
    begin = instant(request.start) - timedelta(days=1)
    end = begin + timedelta(days=request.days + 2)
    stream = lead_stream(
        resolved,
        start=request.start,
        days=request.days,
        leads=request.leads,
        seed=request.seed,
        hand_over=hand_over,
    )
    routed = run_batches(
        resolved,
        stream,
        begin=begin,
        end=end,
        every=request.every,
        open_days=request.open_days,
        progress=progress,
        hand_over=hand_over,
    )
    people, waits = person_waits(
        resolved,
        routed.given,
        start=request.start,
        days=request.days,
        begin=begin,
        sla=request.sla,
        each=request.each,
        hand_over=hand_over,
    )
    daily = Counter(at.date() for at in routed.given["at"])
    return RoutingSimulation(
        request=request,
        roster=name,
        rejoin=resolved.roster.rejoin,
        outside_hours=resolved.roster.outside_hours,
        routed=routed,
        pools=pool_shares(resolved, routed.given, routed.counters),
        people=people,
        waits=waits,
        unassigned=tuple(Counter(routed.unassigned.values()).most_common()),
        queued=routed.given["pool"].null_count(),
        busiest=max(daily.items(), key=lambda item: (item[1], item[0]), default=None),
    )


def _roster(config: Path, request: RoutingRequest) -> tuple[str, ResolvedRoster]:
    if request.people is not None:
        made_up = practice_roster(
            request.people, seed=request.seed, start=request.start, days=request.days, zones=request.zones
        )
        return f"{request.people} made-up people", resolved_alone(made_up, None)
    if request.zones:
        raise UsageError("--zone is for made-up people", hint="say how many with --reps, or leave --zone out")
    if not config.is_file():
        raise UsageError(
            f"{config} is not there", hint="`--reps 12` makes up a roster; --config names your configuration"
        )
    settings = load_settings(config)
    (name, *_) = settings.named((request.connection,) if request.connection else ())
    roster = settings.roster_document.file
    if settings.roster.from_crm:
        with closing(Store(settings.store)) as store:
            return roster, stored(settings, settings.connection(name), store).roster
    calendars, findings = read_calendars(settings.roster, settings.roster_document, instant(request.start))
    if findings:
        raise ConfigurationError(findings)
    return roster, resolved_alone(settings.roster, name, calendars)


def _hand_over(resolved: ResolvedRoster, request: RoutingRequest) -> str:
    names = hand_over_names(resolved.roster)
    if request.hand_over is None:
        return next((name for name in reversed(names) if resolved.needs_receivers(name)), names[-1])
    if request.hand_over not in names:
        words = f"the roster has no rules for a hand-over `{request.hand_over}`"
        raise UsageError(words, hint=did_you_mean(request.hand_over, names))
    return request.hand_over


def _altered(resolved: ResolvedRoster, request: RoutingRequest) -> ResolvedRoster:
    """The roster as the request wants it tried."""
    wanted = {"rejoin": request.rejoin, "outside_hours": request.outside_hours}
    roster = resolved.roster.model_copy(update={key: value for key, value in wanted.items() if value})
    if request.absences:
        return replace(resolved, roster=roster)
    members = {member.key: replace(member, away=()) for member in resolved.members}
    return replace(
        resolved,
        roster=roster,
        members=tuple(members.values()),
        pools={name: tuple(members[each.key] for each in pool) for name, pool in resolved.pools.items()},
        by_user={member.user: member for member in members.values()},
    )


def _day(day: date, leads: int) -> dict[str, Any]:
    return {"day": day.isoformat(), "leads": leads}
