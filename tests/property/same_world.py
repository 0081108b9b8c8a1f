"""Worlds for `test_same_answer_on_both_crms`: people, facts and activities that are hard to read alike.

A world is made from a seed. Its first leads are designed: every kind, outcome and direction of the vocabulary, both
edges of days at every window's border, every stage, every odd value of a fact. The others are drawn at random from
the same material. `World.tally` counts how many of each case there are.

One thing is left out because the CRMs really differ there: leads that are a Salesforce `Closed - Converted` (not a
lead any more) have no twins.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count, cycle, product
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

Record = dict[str, Any]

KINDS = (
    "form_submission", "newsletter_signup", "content_download", "gated_content", "webinar_registered", "webinar",
    "event", "social_connect", "social_follow", "page_view", "intent_signal", "demo_request", "demo",
    "pricing_request", "pricing_talk", "consultation_request", "discovery_call", "discovery_workshop",
    "proposal_request", "rfp_received", "call", "email", "meeting", "note", "task", "podcast_listened",
)  # fmt: skip
"""The vocabulary of the domain, and one kind that nobody has heard of."""
OUTCOMES = (
    "connected", "no_answer", "left_voicemail", "completed", "scheduled", "no_show", "canceled", "replied",
    "postponed", "open", "rescheduled", "failed", "bounced", None,
)  # fmt: skip
DIRECTIONS = ("inbound", "outbound", None)
WINDOWS = (0, 1, 7, 30, 180, 365)
"""Days that the policy's windows end on."""
CLOCK = ("00:00:00", "23:59:59", "00:00:01", "23:59:59.999", "12:00:00", "02:30:00")
STAGES: dict[str, Any] = {
    "empty": None,
    "lead": {"salesforce": "Open - Not Contacted", "hubspot": "lead"},
    "subscriber": {"salesforce": "Open - Not Contacted", "hubspot": "subscriber"},
    "mql": {"salesforce": "Marketing Qualified", "hubspot": "marketingqualifiedlead"},
    "sal": {"salesforce": "Sales Accepted", "hubspot": "94943285"},
    "sql": {"salesforce": "Sales Qualified", "hubspot": "salesqualifiedlead"},
    "sqo": {"salesforce": "Sales Qualified Opportunity", "hubspot": "94943286"},
    "disqualified": {"salesforce": "Closed - Not Converted", "hubspot": "UNQUALIFIED"},
    "unmanaged: nurturing": {"salesforce": "Nurturing", "hubspot": "other"},
    "unmanaged: opportunity": {"salesforce": "Working - Contacted", "hubspot": "opportunity"},
    "unmanaged: a word of nobody's": "Parked since 2019",
    "customer": {"salesforce": "Closed - Converted", "hubspot": "customer"},
}
FACTS: dict[str, tuple[Any, ...]] = {
    "industry": ("Software", "software", "  SaaS ", "Bäckerei", "Finance; Banking", "retail"),
    "employees": (0, 1, 9, 10, 11, 5000, 5001, 2_000_000),
    "annual_revenue": (0, 1234.56, 1_000_000, 999_999.99, 0.5, 123_456_789_012),
    "country": ("Germany", "DE", "Côte d’Ivoire", "日本"),
    "title": ("VP Sales", "Student", "chief of staff", "Geschäftsführer", "Head of IT", "intern"),
    "lead_source": ("Web", "Referral", "web"),
    "campaign": ("Spring 2026", "x" * 200),
    "seniority": ("vp", "c_level", "Director", "individual", "owner"),
    "budget": ("available", "none", "Available", " available ", "maybe", "0"),
    "authority": ("decision_maker", "influencer", "user", "none", "boss"),
    "need": ("none", "some", "clear", "CLEAR", "urgent"),
    "need_detail": ("They lose orders.", "Long: " + "ä" * 400, "Two\nlines"),
    "timeline": ("now", "this_quarter", "this_year", "later", "none", "0-3 months", "Immediately", "someday"),
    "interest": ("none", "some", "strong", "Strong", "huge"),
    "business_owner": (True, False),
    "goals": ("more traffic", "Straße"),
    "deal_urgency": ("high", "low", "Straße", "STRASSE"),
    "seats": (0, 5, 12, 100_000),
    "discount": (0.1, 0.25, 12.5, 0.123456789012345, 1e-7, -2.5),
    "pilot": (True, False),
    "renewal_on": ("2026-06-15", "2026-06-14", "2027-01-01", "soon", "2026-02-30"),
    "mixed": (5, "five", True, 2.5, False),
}
"""Values per attribute, odd ones among them; every attribute is also left out, null and, for texts, empty."""
COMPANIES = ("Alder", "Birch", "Cedar", "Delta", "Ember", "Fjord", "Garnet", "Heron")


@dataclass
class World:
    """An import world. `as_of` is the day it is looked at, in `zone`. `alike`: leads that are alike in much."""

    seed: int
    zone: str
    as_of: date
    users: list[Record] = field(default_factory=list)
    leads: list[Record] = field(default_factory=list)
    activities: list[Record] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)
    alike: set[str] = field(default_factory=set)

    def only(self, wanted: set[str]) -> World:
        """The same world with these leads only."""
        return World(
            self.seed,
            self.zone,
            self.as_of,
            self.users,
            [lead for lead in self.leads if lead["id"] in wanted],
            [activity for activity in self.activities if activity["lead"] in wanted],
        )


def make_world(seed: int, zone: str, as_of: date, leads: int) -> World:
    """Designed leads, then random ones, `leads` in all (at least the designed ones)."""
    return _Maker(seed, zone, as_of).make(leads)


class _Maker:
    def __init__(self, seed: int, zone: str, as_of: date) -> None:
        self.world = World(seed, zone, as_of)
        self.random = Random(seed)
        self.zone = ZoneInfo(zone)
        self.numbers = count(1)
        self.activity_numbers = count(1)
        self.actors = cycle(("bdr-1", "ae-2", None, "ae-gone", "ops", "queue-in", "bdr-2", "ae-nomail"))

    def make(self, leads: int) -> World:
        self._users()
        self._kinds_outcomes_directions()
        self._edges_of_days()
        self._stages_and_owners()
        self._odd_facts()
        self._duplicates()
        while len(self.world.leads) < leads:
            self._random_lead()
        return self.world

    def _users(self) -> None:
        people = [
            ("bdr-1", ["bdr"], True, "Bea One"), ("bdr-2", ["bdr"], True, "Bo Two"),
            ("bdr-gone", ["bdr"], False, "Bill Gone"), ("ae-1", ["ae"], True, "Ann One"),
            ("ae-2", ["ae"], True, "Al Two"), ("ae-3", ["ae", "manager"], True, "Ada Three"),
            ("ae-gone", ["ae"], False, "Abe Gone"), ("ops", [], True, "Ola Ops"),
            ("ae-nomail", ["ae"], True, "Arno Nomail"),
        ]  # fmt: skip
        for identity, roles, active, name in people:
            user: Record = {"id": identity, "type": "person", "name": name, "roles": roles, "active": active}
            if identity != "ae-nomail":
                user["email"] = f"{identity}@ourfirm.example"
            if identity == "ae-1":
                user |= {"team": "North", "timezone": self.world.zone, "territories": ["DE", "AT"]}
            self.world.users.append(user)
        self.world.users.append({"id": "queue-in", "type": "queue", "name": "Inbound queue"})

    def _lead(self, case: str, **given: Any) -> Record:
        number = next(self.numbers)
        created = datetime.combine(self.world.as_of - timedelta(days=400), time(8), self.zone)
        created += timedelta(minutes=self.random.randrange(500_000), seconds=number % 60, microseconds=number * 7919)
        lead: Record = {
            "id": f"lead-{number:05d}",
            "email": f"p{number}@c{number}.example",
            "first_name": "Pat",
            "last_name": f"Person {number}",
            "company": f"Company {number}",
            "owner": self.random.choice(("bdr-1", "bdr-2", "ae-1", None)),
            "stage": STAGES["lead"],
            "created_at": created.isoformat(),
            "attributes": {},
            **given,
        }
        self.world.leads.append(lead)
        self.world.tally[case] += 1
        if case.startswith(("twin", "no e-mail")):
            self.world.alike.add(lead["id"])
        return lead

    def _activity(self, lead: Record, kind: str, at: datetime, **given: Any) -> Record:
        activity: Record = {
            "id": f"activity-{next(self.activity_numbers):06d}",
            "lead": lead["id"],
            "kind": kind,
            "at": at.isoformat(),
            "by": next(self.actors),
            "subject": self.random.choice((None, "Hello", "Re: your question")),
            **given,
        }
        self.world.activities.append(activity)
        tally = self.world.tally
        tally[f"kind {kind}"] += 1
        tally[f"outcome {activity.get('outcome')}"] += 1
        tally[f"direction {activity.get('direction')}"] += 1
        day = at.astimezone(self.zone).date()
        tally["activity after the day"] += day > self.world.as_of
        tally["activity in the first second of a day"] += at.astimezone(self.zone).strftime("%T") == "00:00:00"
        tally["activity in the last second of a day"] += at.astimezone(self.zone).strftime("%T") == "23:59:59"
        tally["activity by somebody unknown"] += activity["by"] is None
        return activity

    def _at(self, age: int, clock: str, fold: int = 0) -> datetime:
        """A wall-clock time so many days before `as_of`; a time that does not exist is moved as zones do."""
        wall = datetime.combine(self.world.as_of - timedelta(days=age), time.fromisoformat(clock))
        return wall.replace(tzinfo=self.zone, fold=fold)

    def _kinds_outcomes_directions(self) -> None:
        """Every combination; a lead holds a handful, so that a wrong one shows in few leads."""
        combinations = list(product(KINDS, OUTCOMES, DIRECTIONS))
        for start in range(0, len(combinations), 4):
            lead = self._lead("combinations of kind, outcome and direction")
            for number, (kind, outcome, direction) in enumerate(combinations[start : start + 4]):
                at = self._at(self.random.choice((0, 1, 3, 20, 40)), CLOCK[number % len(CLOCK)])
                self._activity(lead, kind, at, outcome=outcome, direction=direction)

    def _edges_of_days(self) -> None:
        """Each border of a window, from both sides, in the first and the last second of the day."""
        kinds = cycle(KINDS)
        ages = sorted({age + step for age in WINDOWS for step in (-1, 0, 1)})
        for age, clock in product(ages, CLOCK):
            lead = self._lead("edge of a day at the edge of a window")
            self._activity(lead, next(kinds), self._at(age, clock), outcome="completed", direction="inbound")
        for kind, clock in product(("meeting", "task", "call", "form_submission", "demo"), CLOCK[:2]):
            lead = self._lead("edge of today and tomorrow")
            self._activity(lead, kind, self._at(0, clock), outcome="scheduled")
            self._activity(lead, kind, self._at(-1, clock), outcome="scheduled")
            self._activity(lead, kind, self._at(-20, clock), outcome="completed")
        for fold in (0, 1):  # the hour that comes twice, where the clock goes back on that day
            lead = self._lead("hour that comes twice")
            self._activity(lead, "demo", self._at(0, "01:30:00", fold), outcome="completed")

    def _stages_and_owners(self) -> None:
        for name, owner in product(STAGES, ("bdr-1", "ae-1", "bdr-gone", "ae-gone", "queue-in", "ops", None)):
            for hot in (False, True):
                lead = self._lead("every stage with every kind of owner", stage=STAGES[name], owner=owner)
                self._count_stage(name, owner)
                if hot:
                    age = self.random.randrange(100)
                    self._activity(lead, "demo_request", self._at(age, "09:00:00"), direction="inbound")

    def _count_stage(self, name: str, owner: str | None) -> None:
        self.world.tally[f"stage {name}"] += 1
        self.world.tally["owner inactive"] += owner in {"bdr-gone", "ae-gone"}
        self.world.tally["owner a queue"] += owner == "queue-in"
        self.world.tally["owner nobody"] += owner is None

    def _odd_facts(self) -> None:
        for name, values in FACTS.items():
            for value in (*values, None, *(("", "  ") if isinstance(values[0], str) else ())):
                self._lead("one fact with each of its values", attributes={name: value})
                self.world.tally["fact null or empty"] += value is None or value == ""
        for name in FACTS:
            self._lead("all facts but one", attributes={other: FACTS[other][0] for other in FACTS if other != name})
            self.world.tally["fact unknown"] += 1

    def _duplicates(self) -> None:
        """Groups that belong together, some of whose leads are to be handed off."""
        for number in range(12):
            company = COMPANIES[number % len(COMPANIES)]
            domain = f"{company.lower()}.example"
            for member in range(3):
                same_person = number % 3 == 0
                email = f"twin{number}@{domain}" if same_person else f"m{member}.{number}@{domain}"
                lead = self._lead(
                    "twin: same e-mail" if same_person else "twin: same company domain",
                    email=email.upper() if member == 1 else email,
                    company=None if number % 4 == 1 else f"{company} AG",
                    owner=(None, "bdr-1", "ae-2", "ae-gone")[(number + member) % 4],
                )
                if member != number % 3:
                    self._activity(lead, "pricing_request", self._at(member + number, "10:00:00"))
        at = self._at(200, "09:00:00")
        for number, (first, second) in enumerate((("bdr-1", "bdr-2"), ("bdr-2", "bdr-1")) * 3):
            for member, owner in enumerate((first, second, None)):  # of one second: one CRM keeps the milliseconds
                self._lead(
                    "twin: same e-mail and second",
                    email=f"second{number}@second{number}.example",
                    owner=owner,
                    created_at=(at + timedelta(milliseconds=(500, 100, 300)[member])).isoformat(),
                )
        for number in range(12):
            lead = self._lead(
                "no e-mail, and the second of others",
                email=None,
                company=None if number % 2 else f"Lone {number // 4}",
                last_name=f"Lone {(7 * number) % 12:02}",
                owner=None,
                created_at=(at + timedelta(milliseconds=(97 * number) % 1000)).isoformat(),
            )
            if number < 6:
                self._activity(lead, "demo_request", self._at(3, "11:00:00"))
        for number in range(8):
            email = (None, "", "not an address", " spaced@name.example ")[number % 4]
            lead = self._lead("no e-mail or none that is one", email=email, company=f"Solo {number}", owner=None)
            if number < 5:
                self._activity(lead, "demo_request", self._at(number, "11:00:00"))

    def _random_lead(self) -> None:
        random = self.random
        stage = random.choice([name for name in STAGES if name != "customer"])
        owner = random.choice(
            ("bdr-1", "bdr-2", "ae-1", "ae-2", "bdr-gone", "ae-gone", "queue-in", "ops", None, None)
        )
        attributes = {name: random.choice((*values, None)) for name, values in FACTS.items() if random.random() < 0.5}
        given: Record = {"stage": STAGES[stage], "owner": owner, "attributes": attributes}
        if random.random() < 0.15:
            company = random.choice(COMPANIES)
            given |= {"email": f"r{random.randrange(20)}@{company.lower()}.example", "company": f"{company} AG"}
        lead = self._lead("random", **given)
        self._count_stage(stage, owner)
        self.world.tally["fact unknown"] += len(FACTS) - len(attributes)
        for _ in range(random.choice((0, 1, 2, 3, 5, 8, 13))):
            age = random.choice((random.choice(WINDOWS), random.randrange(-5, 420)))
            self._activity(
                lead,
                random.choice(KINDS),
                self._at(age + random.choice((-1, 0, 0, 1)), random.choice(CLOCK)),
                outcome=random.choice(OUTCOMES),
                direction=random.choice(DIRECTIONS),
                by=random.choice(("bdr-1", "ae-1", "ae-gone", "ops", None)),
            )
