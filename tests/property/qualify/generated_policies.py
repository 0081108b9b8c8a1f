"""Random policies and leads that together use every construct of the language; the same seed gives the same ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl

from crmsync.model import ACTIVITIES, FACT_DTYPES, FACT_PREFIX, LEADS, STAYS, UNKNOWN_OUTCOME, Batch

AS_OF = date(2026, 11, 21)
FACTS: dict[str, dict[str, Any]] = {
    "budget": {"type": "choice", "values": ["available", "none"]},
    "authority": {"type": "choice", "values": ["decision_maker", "user", "none"]},
    "seniority": {"type": "text"},
    "title": {"type": "text"},
    "employees": {"type": "integer"},
    "revenue": {"type": "money"},
    "share": {"type": "number"},
    "vip": {"type": "boolean"},
    "close_date": {"type": "date"},
    "seen_at": {"type": "datetime"},
    "ghost": {"type": "text"},
    "staff": {"type": "text"},
}
DERIVED = {
    "domain": {"domain_of": "email"},
    "age": {"days_since": "created_at"},
    "until_close": {"days_until": "close_date"},
    "title_length": {"length_of": "title"},
    "size": {"range_of": "staff"},
}
LISTS = {"levels": ["VP", "director", "Chief"], "sizes": [5, 50, 500]}
NUMBERS = ("size", "employees", "revenue", "share", "age", "until_close", "title_length", "leads_at_company")
KINDS = ("call", "meeting", "webinar", "demo", "form")
WORDS = {
    "kind": KINDS,
    "outcome": ("connected", "no_answer", "completed", "scheduled", "open", "no_show"),
    "direction": ("inbound", "outbound"),
    "by_role": ("bdr", "ae"),
    "about": ("Guide", "spring mail"),
}
VALUES: dict[str, tuple[Any, ...]] = {
    "budget": ("available", "none", None),
    "authority": ("decision_maker", "user", "none", None),
    "seniority": ("vp", "VP", "Director", "intern", None),
    "title": ("VP Revenue Operations", "student", "Head of Sales", "ÖKONOM", None),
    "employees": (0, 5, 49, 50, 500, None),
    "revenue": (0.1, 1000.0, 2.5e6, None),
    "share": (0.25, -1.5, None),
    "vip": (True, False, None),
    "ghost": ("here", None),
    "staff": ("51-200", "1 - 50", "1,001 – 5,000", "1000+", "> 49", "<=50", "< 5", "3", "many", "200-51", None),
    "email": ("anna@Example.com", "a@b@c.org", "nobody", None),
    "company": ("Acme", None),
    "leads_at_company": (1, 3, None),
}
ZONES = ("UTC", "America/Los_Angeles", "Asia/Kathmandu")


class Maker:
    """Makes policies' data and leads from one source of chance."""

    def __init__(self, chance: int | Random, *, asks_known: bool = True) -> None:
        self.random = chance if isinstance(chance, Random) else Random(chance)
        self.pick = self.random.choice
        self.asks_known = asks_known

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    # --- leads

    def leads(self, number: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """(leads, activities); activities carry `row` and are in any order within it."""
        leads = [self.lead(row) for row in range(number)]
        activities = [activity for row in range(number) for activity in self.activities(row)]
        return leads, activities

    def lead(self, row: int) -> dict[str, Any]:
        lead: dict[str, Any] = {"row": row, "lead": f"L{row}", "managed": self.chance(0.95), "stage_native": "{}"}
        lead["stage"] = self.pick([None, "lead", "mql", "sql", "sqo", "out", "elsewhere"])
        for name, values in VALUES.items():
            lead[name] = self.pick(values)
        lead["close_date"] = self.day(-90, 90)
        for name in ("created_at", "seen_at"):
            day = self.day(-90, 90)
            hour, minute = self.random.randrange(24), self.random.randrange(60)
            lead[name] = day and datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
        lead["stage_edited_on"], lead["stage_since"] = self.day(-20, 3), self.day(-60, 3)
        lead["stays"] = self.stays(lead["stage"], lead["stage_since"])
        return lead

    def stays(self, stage: str | None, since: date | None) -> list[dict[str, Any]]:
        """A way through stages that ends where the lead stands."""
        past: list[dict[str, Any]] = []
        until = since
        while until is not None and self.chance(0.6):
            begun = until - timedelta(days=self.pick([0, 1, 1, 4, 30, 200]))
            earlier = self.pick([None, "lead", "mql", "sql", "out", "out"])
            past.insert(0, {"stage": earlier, "since": begun, "until": until, "exact": True})
            until = begun
        stays = [*past, {"stage": stage, "since": since, "until": None, "exact": True}]
        stays[0]["exact"] = self.chance(0.3)
        return stays

    def day(self, first: int, last: int) -> date | None:
        return None if self.chance(0.25) else AS_OF + timedelta(days=self.random.randint(first, last))

    def activities(self, row: int) -> list[dict[str, Any]]:
        found = []
        for number in range(self.pick([0, 0, 1, 2, 4, 8])):
            activity: dict[str, Any] = {"row": row, "lead": f"L{row}", "activity": f"a{row}.{number}"}
            activity["kind"] = self.pick(KINDS)
            activity["day"] = AS_OF - timedelta(
                days=self.random.choice([-9, -1, 0, 0, 1, 3, 5, 6, 7, 20, 45, 52, 90, 330])
            )
            activity["outcome"] = self.pick([*WORDS["outcome"], UNKNOWN_OUTCOME, None])
            for key in ("direction", "by_role"):
                activity[key] = self.pick([*WORDS[key], None])
            activity["about"] = self.pick(["Guide", "guide", "Spring mail", "Prices", None])
            activity["by"] = self.pick(["u1", "u2", None])
            found.append(activity)
        return found

    # --- policies

    def policy(self) -> dict[str, Any]:
        names = [f"c{number}" for number in range(14)]
        policy: dict[str, Any] = {
            "format": 1,
            "name": "random",
            "facts": FACTS,
            "derived": DERIVED,
            "lists": LISTS,
            "criteria": {name: self.criterion(names[:place], 2) for place, name in enumerate(names)},
        }
        policy["scores"] = {
            "fit": self.score(names),
            "work": self.score(names),
            "total": {"combine": {"fit": self.pick([1, 0.5, 2]), "work": self.pick([0.333, -1, 1.25])}},
            "whole": {"combine": {"total": self.pick([1, -0.5, 0.0005]), "work": self.pick([0.25, -2])}},
            "top": {"combine": {"whole": self.pick([1, -1, 0.1]), "total": self.pick([1, 0.667])}},
        }
        policy["scores"]["whole"] |= self.pick([{}, {"cap": 20, "floor": -1}, {"bands": {"A": 12, "B": 1}}])
        policy["grades"] = {"grade": ["fit", "work"]}
        for name in ("at_fit", "at_work", "at_total", "at_top"):
            score = name.removeprefix("at_")
            policy["criteria"][name] = self.pick(
                [{"score": score, "at_least": self.points()}, {"score": score, "below": self.points()}]
            )
        usable = [*names, "at_fit", "at_work", "at_total", "at_top"]
        policy["ladder"] = [
            {"stage": "lead"},
            {"stage": "mql", "when": self.pick(usable)},
            {"stage": "sql", "when": self.combined(usable)},
            {"stage": "sqo", "when": self.pick(usable)},
        ]
        for rung in policy["ladder"][1:]:
            if self.chance(0.25):
                rung["stands_alone"] = True
            if self.chance(0.35):
                rung["set_by"] = "people"
        policy["criteria"]["met_sql"] = {"meets": "sql"}
        self.decorate(policy, usable)
        if self.chance(0.4):
            policy["segments"] = [self.segment(name, names) for name in ("big", "far")]
        if "'recycled'" in str(policy):
            policy.setdefault("disqualified", {"stage": "out", "when": names[0]})
        return policy

    def segment(self, name: str, names: list[str]) -> dict[str, Any]:
        place = self.random.randrange(4, len(names))
        own: dict[str, Any] = {"criteria": {names[place]: self.criterion(names[:place], 1)}}
        own["movement"] = {"backward": self.pick(["never", "allowed"])}
        if self.chance(0.5):
            own["scores"] = {"fit": {"running": False, "rules": [self.rule(names)]}}
        return {"name": name, "when": self.pick(names[:6]), "policy": own}

    def decorate(self, policy: dict[str, Any], usable: list[str]) -> None:
        policy["priority"] = self.pick(["fit", "total"])
        policy["movement"] = {
            "backward": self.pick(["never", "allowed"]),
            "hands_off_days": self.pick([0, 5]),
            "cool_down_days": self.pick([0, 10]),
            "protected": self.pick([[], ["sqo"]]),
        }
        if self.chance(0.5):
            evidence = self.pick(usable)
            policy["sales_confirmation"] = {
                "stage": "sqo",
                "mode": self.pick(["required", "waived"]),
                "evidence": evidence,
            }
        if self.chance(0.8):
            leaving: dict[str, Any] = {"stage": "out"}
            leaving["reasons"] = [{"name": name, "when": self.combined(usable)} for name in ("first", "second")]
            if self.chance(0.3):
                leaving["when"] = self.pick(usable)
            if self.chance(0.7):
                recycle = {
                    "after_days": 30,
                    "on_new_engagement": self.selector(),
                    "to": self.pick(["earned", "lead", "mql", "sql"]),
                }
                del recycle[self.pick(["after_days", "on_new_engagement", "to"])]
                leaving["recycle"] = recycle
            policy["disqualified"] = leaving

    def combined(self, names: list[str]) -> Any:
        return self.pick(
            [
                {"all": [self.pick(names), self.pick(names)]},
                {"not": self.pick(names)},
                {"any": [self.pick(names), self.pick(names)]},
            ]
        )

    def criterion(self, names: list[str], depth: int) -> Any:
        nested = [self.all_any, self.negation, self.some_of] if depth else []
        makers = [self.comparison, self.text, self.date, self.count, self.absence, self.recency, self.sequence]
        makers += [*nested, *nested, self.stay, *([self.known] if self.asks_known else [])]
        made = self.pick(makers)(names, depth)
        if self.chance(0.1):
            made["label"] = "a label"
        return self.pick(names) if names and depth < 2 and self.chance(0.2) else made

    def all_any(self, names: list[str], depth: int) -> dict[str, Any]:
        children = [self.criterion(names, depth - 1) for _ in range(self.pick([1, 2, 3]))]
        return {self.pick(["all", "any"]): children}

    def negation(self, names: list[str], depth: int) -> dict[str, Any]:
        return {"not": self.criterion(names, depth - 1)}

    def some_of(self, names: list[str], depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"of": [self.criterion(names, depth - 1) for _ in range(3)]}
        if self.chance(0.8):
            made["at_least"] = self.pick([0, 1, 2])
        if self.chance(0.3):
            made["at_most"] = 2
        return made

    def comparison(self, names: list[str], depth: int) -> dict[str, Any]:
        name = self.pick(["budget", "authority", "seniority", "employees", "revenue", "share", "vip", "ghost"])
        name = self.pick(
            [name, name, "age", "until_close", "domain", "title_length", "leads_at_company", "company", "size"]
        )
        if name in ("budget", "authority"):
            choices = FACTS[name]["values"]
            one = self.pick(choices)
            return {"fact": name, **self.pick([{"is": one}, {"is_not": one}, {"in": [one]}, {"not_in": [one]}])}
        if name == "vip":
            return {"fact": name, self.pick(["is", "is_not"]): self.pick([True, False])}
        if name in ("seniority", "ghost", "domain", "company"):
            one = self.pick(["VP", "director", "example.com", "acme", "c.org"])
            ways = [{"is": one}, {"is_not": one}, {"in": "levels"}, {"not_in": [one, "vp"]}, {"in": [one, "here"]}]
            return {"fact": name, **self.pick(ways)}
        bound = self.pick([-10, 0, 3, 5, 49, 50, 100.5, 0.25, 1000])
        ways = [{"at_least": bound}, {"at_most": bound}, {"above": bound}, {"below": bound}, {"is": bound}]
        other = {"fact": self.pick([one for one in NUMBERS if one != name])}
        ways += [{"at_least": other}, {"at_most": other}, {"above": other}, {"below": other}]
        ways += [{"at_least": -20, "above": other}, {"above": bound, "below": other}]
        if name == "size":
            return {"fact": name, **self.pick(ways[:4] + ways[5:])}
        ways += [{"at_least": -20, "below": bound}, {"in": [bound, 5]}, {"not_in": "sizes"}, {"in": "sizes"}]
        return {"fact": name, **self.pick(ways)}

    def text(self, names: list[str], depth: int) -> dict[str, Any]:
        word = self.pick(["vp", "OPERATIONS", "head", "ökonom", "s", "student"])
        key = self.pick(["contains_any", "contains_all", "contains_words", "starts_with", "ends_with", "matches"])
        if key == "matches":
            return {"fact": "title", "matches": self.pick(["^vp", r"(head|vp)\b.*s$", "stud.nt", "[a-f]{2}"])}
        return {"fact": self.pick(["title", "budget"]), key: self.pick([word, [word, "of"]])}

    def date(self, names: list[str], depth: int) -> dict[str, Any]:
        key = self.pick(
            ["within_days", "within_past_days", "more_than_days_ahead", "more_than_days_ago", "before", "after"]
        )
        near = AS_OF + timedelta(days=self.random.randint(-40, 40))
        value: Any = self.pick([near, "as_of"]) if key in ("before", "after") else self.pick([0, 1, 7, 30, 60])
        made: dict[str, Any] = {"fact": self.pick(["close_date", "seen_at", "created_at"]), key: value}
        if self.chance(0.2):
            made["after"] = AS_OF - timedelta(days=30)
        return made

    def known(self, names: list[str], depth: int) -> dict[str, Any]:
        return {self.pick(["known", "unknown"]): self.pick([*FACTS, "domain", "email"])}

    def selector(self, *, window: bool = True) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, options in WORDS.items():
            if self.chance(0.75 if key == "kind" else 0.2):
                made[key] = self.pick([self.pick(options), list(options[:2]), list(options[1:])])
        if window and self.chance(0.5):
            made["within_days"] = self.pick([0, 1, 7, 30])
        if window and self.chance(0.15) and made.get("within_days", 99) > 5:
            made["older_than_days"] = self.pick([0, 2, 5])
        if self.chance(0.3):
            made["since"] = self.since()
        return made

    def since(self) -> Any:
        stage = self.pick(["lead", "mql", "sql", "sqo"])
        ways: list[Any] = [{key: stage} for key in ("reached", "first_reached", "left")]
        made = self.pick([*ways, {"fact": self.pick(["close_date", "seen_at", "created_at"])}, "recycled"])
        if made in ways and self.chance(0.5):
            made["if_never"] = self.pick(["all", "none"])
        return made

    def count(self, names: list[str], depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"activities": self.selector()}
        if self.chance(0.5):
            made["at_least"] = self.pick([0, 1, 2, 3])
        if self.chance(0.25):
            made["at_most"] = self.pick([3, 4])
        if self.chance(0.5):
            made["distinct"] = self.pick(
                ["days", "people", "things", "kinds", "weeks", "months", "quarters", "years"]
            )
        return made

    def absence(self, names: list[str], depth: int) -> dict[str, Any]:
        return {"no_activities": self.selector()}

    def recency(self, names: list[str], depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"latest": self.selector(window=False)}
        made |= self.pick([{"at_least_days_ago": 3}, {"at_most_days_ago": 7}])
        if self.chance(0.5):
            made |= {"at_least_days_ago": 1, "at_most_days_ago": 20}
        return made

    def sequence(self, names: list[str], depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"first": self.selector(), "then": self.selector()}
        if self.chance(0.5):
            made["at_most_days_apart"] = self.pick([0, 2, 10])
        return made

    def stay(self, names: list[str], depth: int) -> dict[str, Any]:
        stage = self.pick(["lead", "mql", "sql", "sqo"])
        if self.chance(0.3):
            return {
                "came_to": stage,
                **self.pick([{}, {"at_least": 2}, {"at_most": 1}, {"at_least": 0, "at_most": 0}]),
            }
        made = {self.pick(["stands_in", "stood_in"]): stage}
        return made | self.pick([{}, {"at_least_days": self.pick([0, 1, 30])}, {"at_most_days": self.pick([4, 30])}])

    def points(self) -> float:
        return self.pick([10, 5, 2.5, 0.1, -3, -0.0005, 20, 1])

    def rule(self, names: list[str]) -> dict[str, Any]:
        kind = self.pick(["when", "activities", "activities", "values", "first", "silence"])
        if kind == "silence":
            made = {
                "silence": self.selector(window=False),
                "points": self.points(),
                "per_days": self.pick([1, 7, 30]),
            }
            return made | self.pick([{}, {"cap": self.pick([3, 12])}])
        if kind == "when":
            return {"when": self.pick([self.pick(names), self.comparison(names, 0)]), "points": self.points()}
        if kind == "values":
            fact, values = self.pick([("budget", ["available", "none"]), ("seniority", ["vp"]), ("vip", ["true"])])
            made = {"fact": fact, "values": {value: self.points() for value in values}}
            return made | self.pick([{}, {"otherwise": self.points()}])
        if kind == "first":
            lines = [{"when": self.pick(names), "points": self.points()} for _ in range(3)]
            return {"first": lines, "otherwise": self.points()}
        made = {"activities": self.selector(), "points": self.points()}
        made |= self.pick([{}, {"half_life_days": self.pick([1, 7, 30])}, {"linear_days": self.pick([1, 10, 45])}])
        if {"half_life_days", "linear_days"} & set(made) and self.chance(0.4):
            made["after_days"] = self.pick([1, 6, 20])
        if self.chance(0.5):
            made["once_per"] = self.pick(["day", "week", "month", "quarter", "year", "kind", "person", "thing"])
            if made["once_per"] == "year" and not {"half_life_days", "linear_days"} & set(made):
                made["once_per"] = {"days": 9}
        return made | self.pick([{}, {"cap": self.pick([3, 12])}])

    def running(self) -> dict[str, Any]:
        rules: list[dict[str, Any]] = [{"activities": self.selector(), "points": self.points()} for _ in range(4)]
        for place, rule in enumerate(rules[::2]):
            periods = ("day", "week", "month", {"days": 9}, "quarter", "year", "kind")
            rule["once_per"] = periods[(place * 3 + len(rule["activities"])) % len(periods)]
        made = {"running": True, "rules": rules, "bands": {"A": 12, "B": 4.5, "C": -2}}
        return made | self.pick([{"floor": 0}, {"cap": 12}, {"floor": -2.5, "cap": 8}, {"floor": 1}, {}])

    def score(self, names: list[str]) -> dict[str, Any]:
        if self.chance(0.25):
            return self.running()
        made: dict[str, Any] = {"rules": [self.rule(names) for _ in range(4)], "bands": {"A": 12, "B": 4.5, "C": -2}}
        if self.chance(0.5):
            group = {"rules": [self.rule(names) for _ in range(2)], "cap": 8, "floor": -4}
            made["groups"] = [group]
        if self.chance(0.5):
            made |= {"cap": 30, "floor": 0}
        return made


def batch_from(leads: list[dict[str, Any]], activities: list[dict[str, Any]]) -> Batch:
    """As a run hands it over: activities sorted by row."""
    schema: dict[str, pl.DataType] = {"row": pl.UInt32(), **LEADS, "leads_at_company": pl.Int64()}
    schema |= dict.fromkeys(("stage_edited_on", "owner_edited_on", "stage_since"), pl.Date())
    schema |= {FACT_PREFIX + name: FACT_DTYPES[fact["type"]] for name, fact in FACTS.items()}
    known = all(lead["stays"] is not None for lead in leads)
    stays = [{"row": lead["row"], **stay} for lead in leads for stay in reversed(lead["stays"] or ())]
    named = [
        {FACT_PREFIX + key if key in FACTS else key: value for key, value in lead.items() if key != "stays"}
        for lead in leads
    ]
    frame = pl.DataFrame(activities, schema={"row": pl.UInt32(), **ACTIVITIES, "by_role": pl.String()})
    frame = frame.sort("row", maintain_order=True)
    return Batch(
        pl.DataFrame(named, schema=schema), frame, stays=pl.DataFrame(stays, schema=STAYS) if known else None
    )
