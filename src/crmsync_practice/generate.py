"""Makes up a firm's leads and their history: the same seed and day give the same world.

Every lead has earned a stage by its evidence (module `evidence`); what the CRM says lags behind for many
of them, so that a first dry run has changes and hand-offs to show. Past activities end on the day before
`today`, so that no stamp lies in the future whatever the hour; some meetings are planned for later days.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from itertools import accumulate
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from crmsync_practice import firm
from crmsync_practice.campaigns import campaigns_of
from crmsync_practice.evidence import EARNED, PLANNED, SHARES, Step, facts, history
from crmsync_practice.records import Activity, Lead, StageStep, Value, World
from crmsync_practice.vocabulary import samples
from crmsync_practice.ways import days_of_moves, stages_passed

NATIVE_STAGES: dict[str, dict[str, str]] = {
    "lead": {"salesforce": "Open - Not Contacted", "hubspot": "lead"},
    "mql": {"salesforce": "Marketing Qualified", "hubspot": "marketingqualifiedlead"},
    "sal": {"salesforce": "Sales Accepted", "hubspot": "94943285"},
    "sql": {"salesforce": "Sales Qualified", "hubspot": "salesqualifiedlead"},
    "sqo": {"salesforce": "Sales Qualified Opportunity", "hubspot": "94943286"},
    "disqualified": {"salesforce": "Closed - Not Converted", "hubspot": "UNQUALIFIED"},
    "nurturing": {"salesforce": "Nurturing", "hubspot": "other"},
    "customer": {"salesforce": "Closed - Converted", "hubspot": "customer"},
}
"""Each stage's native value; HubSpot's UNQUALIFIED is a value of hs_lead_status, beside lifecycle stage
`lead`.
"""

_LADDER = ("lead", "mql", "sal", "sql", "sqo")
_CUMULATED = tuple(accumulate(SHARES))
_HISTORY_DAYS = 120
T = TypeVar("T")


def generate_world(leads: int, seed: int, today: date, timezone: str) -> World:
    """A firm with this many leads, anchored to `today` in the org's zone."""
    return _Generator(leads, seed, today, ZoneInfo(timezone)).world()


class _Generator:
    def __init__(self, leads: int, seed: int, today: date, zone: ZoneInfo) -> None:
        self._count = leads
        self._random = Random(seed)  # noqa: S311 - made-up data, not secrets
        self._draw = self._random.random
        self._draw_way = Random(f"{seed} ways").random  # noqa: S311 - apart, so that all else stays as drawn
        self._today = today
        self._midnights = [self._midnight(today - timedelta(days=ago), zone) for ago in range(500)]
        self._ahead = [self._midnight(today + timedelta(days=days), zone) for days in range(30)]
        self._users = firm.make_users(self._random, leads)
        self._active = {role: self._staff(role, active=True) for role in ("bdr", "ae")}
        self._inactive = {role: self._staff(role, active=False) for role in ("bdr", "ae")}
        self._staff_ids = {user.id for user in self._users if user.type == "person"}
        self._activities: list[Activity] = []
        self._companies: list[tuple[str, str]] = []

    def world(self) -> World:
        leads: list[Lead] = []
        for number in range(1, self._count + 1):
            leads.append(self._lead(number, leads))
        campaigns = campaigns_of(leads, self._activities)
        return World(self._users, tuple(leads), tuple(self._activities), tuple(samples()), campaigns)

    def _staff(self, role: str, *, active: bool) -> tuple[str, ...]:
        return tuple(user.id for user in self._users if role in user.roles and user.active is active)

    def _pick(self, options: tuple[T, ...] | list[T]) -> T:
        return options[int(self._draw() * len(options))]

    @staticmethod
    def _midnight(day: date, zone: ZoneInfo) -> datetime:
        """The instant that is as far before local noon as midnight mostly is: good for business hours."""
        return datetime.combine(day, wall_time(12), zone).astimezone(UTC) - timedelta(hours=12)

    def _business_time(self, days_ago: int, draw: Callable[[], float] | None = None) -> datetime:
        """An instant in business hours on that day, or on the Friday before it."""
        if days_ago >= 0:
            weekday = (self._today.toordinal() - days_ago + 6) % 7
            past = days_ago + max(0, weekday - 4)
            midnight = self._midnights[past]
        else:
            midnight = self._ahead[-days_ago]
        return midnight + timedelta(seconds=28800 + int((draw or self._draw)() * 34200))

    def _lead(self, number: int, earlier: list[Lead]) -> Lead:
        draw = self._draw
        earned = EARNED[min(bisect_left(_CUMULATED, draw()), len(EARNED) - 1)]
        lead_id = f"lead-{number:06d}"
        first, last = self._pick(firm.FIRST_NAMES), self._pick(firm.LAST_NAMES)
        company, domain = self._company()
        email: str | None = f"{firm.ascii_slug(first)}.{firm.ascii_slug(last)}@{domain}"
        if earlier and draw() < 0.02:
            twin = earlier[int(draw() * len(earlier))]
            first, last, company = twin.first_name or first, twin.last_name or last, twin.company or company
            email = twin.email.upper() if twin.email and draw() < 0.3 else twin.email
        elif draw() < 0.02:
            email = None
        stage = self._stage(earned)
        owner = self._owner(stage, earned)
        steps = history(earned, self._pick, draw)
        first_day = 3 + int(draw() * _HISTORY_DAYS)
        created = self._business_time(first_day + int(draw() * 40 if draw() < 0.3 else 0))
        latest = self._act(lead_id, steps, first_day, created, owner)
        if earned in {"sal", "sql", "sqo"} and draw() < 0.12:
            self._plan(lead_id, owner)
        attributes = {**self._profile(), **facts(earned, draw)}
        way = self._way(stage, created, owner)
        return Lead(
            id=lead_id,
            email=email,
            first_name=first if draw() < 0.97 else None,
            last_name=last,
            company=company,
            owner=owner,
            stage=None if stage is None else NATIVE_STAGES[stage],
            created_at=created,
            modified_at=max([latest, *(step.at for step in way)]) + timedelta(seconds=60),
            attributes=attributes,
            stage_history=way,
        )

    def _way(self, stage: str | None, created: datetime, owner: str | None) -> tuple[StageStep, ...]:
        """How it came to its stage; its owner made half of the moves, a program the others."""
        passed = stages_passed(stage, self._draw_way)
        if not passed:
            return ()
        steps = [StageStep(NATIVE_STAGES[passed[0]], created)]
        days_ago = (self._today - created.date()).days
        for stood, ago in zip(passed[1:], days_of_moves(len(passed) - 1, days_ago, self._draw_way), strict=True):
            at = max(self._business_time(ago, self._draw_way), steps[-1].at + timedelta(minutes=1))
            by = owner if owner in self._staff_ids and self._draw_way() < 0.5 else None
            steps.append(StageStep(NATIVE_STAGES[stood], at, by))
        return tuple(steps)

    def _company(self) -> tuple[str, str]:
        """A company and its domain; about one lead in three comes from one that is known already."""
        if self._companies and self._draw() < 0.35:
            return self._pick(self._companies)
        name = f"{self._pick(firm.COMPANY_NAMES)} {self._pick(firm.COMPANY_TRADES)}"
        form = self._pick(firm.COMPANY_FORMS)
        made = (f"{name} {form}", f"{firm.ascii_slug(name)}-{form.lower()}.example")
        self._companies.append(made)
        return made

    def _stage(self, earned: str) -> str | None:
        """What the CRM says: for half of the leads what they earned, for the others something lower."""
        draw = self._draw
        if earned == "unmanaged":
            return "customer" if draw() < 0.4 else "nurturing"
        if earned == "disqualified":
            return self._pick(("disqualified", "lead", "mql", "lead"))
        rung = _LADDER.index(earned)
        if draw() < 0.55:
            return earned if rung or draw() < 0.8 else None
        return _LADDER[int(draw() * (rung + 1))]

    def _owner(self, stage: str | None, earned: str) -> str | None:
        draw = self._draw
        if stage in {None, "lead"}:
            chance = draw()
            if chance < 0.3:
                return None
            if chance < 0.42:
                return "queue-inbound"
        role = "ae" if stage in {"sql", "sqo", "customer"} else "bdr"
        if role == "ae" and earned in {"sql", "sqo"} and draw() < 0.15:
            role = "bdr"
        if draw() < 0.06:
            return self._pick(self._inactive[role])
        return self._pick(self._active[role])

    def _act(self, lead_id: str, steps: list[Step], first_day: int, created: datetime, owner: str | None) -> datetime:
        """Adds the past activities, spread from the first day until yesterday; gives the latest instant."""
        days = sorted((1 + int(self._draw() * first_day) for _ in steps), reverse=True)
        latest = created
        for step, days_ago in zip(steps, days, strict=True):
            at = max(self._business_time(days_ago), latest)
            self._add(lead_id, step, at, owner)
            latest = at
        return latest

    def _plan(self, lead_id: str, owner: str | None) -> None:
        self._add(lead_id, self._pick(PLANNED), self._business_time(-(1 + int(self._draw() * 14))), owner)

    def _add(self, lead_id: str, step: Step, at: datetime, owner: str | None) -> None:
        by: str | None = None
        if step.actor != "lead":
            by = owner if owner in self._active[step.actor] else self._pick(self._active[step.actor])
        activity_id = f"activity-{len(self._activities) + 1:07d}"
        self._activities.append(
            Activity(activity_id, lead_id, step.kind, at, step.direction, step.outcome, by, step.subject)
        )

    def _profile(self) -> dict[str, Value]:
        """Company and person facts, each missing now and then."""
        draw = self._draw
        known: dict[str, Value] = {"lead_source": self._pick(firm.LEAD_SOURCES)}
        if draw() < 0.85:
            known["industry"] = self._pick(firm.INDUSTRIES)
        if draw() < 0.85:
            known["country"] = self._pick(firm.COUNTRIES)
        if draw() < 0.8:
            known["title"], known["seniority"] = self._pick(firm.TITLES)
        if draw() < 0.75:
            known["employees"] = self._pick(firm.EMPLOYEES)
        if draw() < 0.5:
            known["campaign"] = self._pick(firm.CAMPAIGNS)
        return known
