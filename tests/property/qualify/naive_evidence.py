# ruff: noqa: PLR0911 - one question after the other is the point here
"""Facts, activities and stays of one lead, as the naive interpreter of policies sees them."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from naive_terms import (
    NOT_DONE,
    period,
    range_of,
    words,
)


class NaiveEvidence:
    """One lead under one policy on one day: its facts and its activities."""

    def __init__(self, policy, lead, activities, as_of, *, kinds=None, mapped=None, zone="UTC"):
        self.policy, self.lead, self.as_of = policy, lead, as_of
        self.kinds, self.zone = kinds, ZoneInfo(zone)
        self.mapped = mapped
        self.activities = [one for one in activities if one["day"] <= as_of]
        self.told = {}

    def kind_of_fact(self, name):
        builtin = {"email": "text", "company": "text", "created_at": "datetime", "leads_at_company": "integer"}
        return builtin.get(name) or self.policy["facts"][name]["type"]

    def raw(self, name):
        builtin = {"email", "company", "created_at", "leads_at_company"}
        if name not in builtin and self.mapped is not None and name not in self.mapped:
            return None
        return self.lead.get(name)

    def day_of(self, value):
        return value.astimezone(self.zone).date() if isinstance(value, datetime) else value

    def fact(self, name):
        derived = self.policy.get("derived", {}).get(name)
        if derived is None:
            value = self.raw(name)
            return value.lower() if value is not None and self.kind_of_fact(name) == "text" else value
        (function, source), *_ = derived.items()
        value = self.raw(source)
        if value is None:
            return None
        if function == "range_of":
            return value if range_of(value) != (None, None) else None
        if function == "length_of":
            return len(value)
        if function == "domain_of":
            found = re.search(r"@([^@\s]+)\s*$", value.lower())
            return found.group(1) if found else None
        days = (self.as_of - self.day_of(value)).days
        return days if function == "days_since" else -days

    def type_of(self, name):
        derived = self.policy.get("derived", {}).get(name)
        if derived is None:
            return self.kind_of_fact(name)
        return "text" if "domain_of" in derived else "integer"

    def ends(self, name):
        """(lowest, highest) a number may be; null = no such end."""
        if "range_of" in self.policy.get("derived", {}).get(name, {}):
            text = self.raw(self.policy["derived"][name]["range_of"])
            return (None, None) if text is None else range_of(text)
        return self.fact(name), self.fact(name)

    def compared(self, key, ends, bounds):
        """Whether it holds for all numbers that are possible, for some, or for none."""
        (low, high), (least, most) = ends, bounds
        if key in ("at_most", "below"):
            low, high, least, most = (None if one is None else -one for one in (high, low, most, least))
        strict = key in ("above", "below")

        def holds(one, other):
            return one > other if strict else one >= other

        if low is not None and most is not None and holds(low, most):
            return True
        return False if high is not None and least is not None and not holds(high, least) else None

    def age(self, activity):
        return (self.as_of - activity["day"]).days

    def matches(self, selector):
        """[(activity, certainly)]"""
        found = []
        for activity in self.activities:
            age = self.age(activity)
            if age > selector.get("within_days", 10**9) or age <= selector.get("older_than_days", -1):
                continue
            if "kind" in selector and activity["kind"] not in words(selector["kind"]):
                continue
            if "outcome" not in selector and activity["outcome"] in NOT_DONE:
                continue
            unknown = activity["outcome"] in (None, "unknown")
            certainly, possibly = "outcome" in selector or activity["outcome"] != "unknown", True
            if "since" in selector:
                sure, perhaps = self.since(selector["since"])
                certainly, possibly = certainly and activity["day"] > sure, activity["day"] > perhaps
            for key in ("outcome", "direction", "by_role", "about"):
                if key in selector:
                    asked = words(selector[key])
                    if activity[key] is None or (key == "outcome" and unknown):
                        certainly = False
                    elif key == "about" and activity[key].lower() not in [word.lower() for word in asked]:
                        possibly = False
                    elif key != "about" and activity[key] not in asked:
                        possibly = False
            if possibly:
                found.append((activity, certainly))
        return found

    def since(self, since):
        """(the day after which activities certainly match, the day after which they may)"""
        never, ever = date.max, date.min
        if "fact" in since:
            value = self.raw(since["fact"])
            return (never, ever) if value is None else (self.day_of(value),) * 2
        if self.lead["stays"] is None:
            return never, ever
        if since == "recycled":
            there = self.stays_in(self.policy["disqualified"]["stage"])
            until = [stay["until"] for stay in there]
            back = [day if day is not None and day <= self.as_of else self.as_of for day in until]
            return (max(back),) * 2 if back else (ever, ever)
        (how, stage), *_ = since.items()
        there = self.stays_in(stage)
        if how == "left":
            left = [stay["until"] for stay in there if stay["until"] is not None and stay["until"] < self.as_of]
            if left:
                return (max(left),) * 2
        elif there:
            came = [stay["since"] for stay in there]
            if came[-1 if how == "reached" else 0] is None:
                return never, ever
            day = max(came) if how == "reached" else min(one for one in came if one)
            exact = all(stay["exact"] for stay in there if stay["since"] == day)
            return day, day if exact else ever
        return (ever, ever) if since.get("if_never") == "all" else (never, never)

    def stays_in(self, stage):
        """Those that began before today, in the order of time."""
        lowest = self.policy["ladder"][0]["stage"]
        begun = [stay for stay in self.lead["stays"] if stay["since"] is None or stay["since"] < self.as_of]
        return [stay for stay in begun if (stay["stage"] or lowest) == stage]

    def stay(self, key, stage, criterion):
        if self.lead["stays"] is None:
            return None
        there = self.stays_in(stage)
        if key == "came_to":
            default = 0 if "at_most" in criterion else 1
            return criterion.get("at_least", default) <= len(there) <= criterion.get("at_most", 10**9)
        if not there:
            return False
        until = there[-1]["until"]
        lasts = until is None or until >= self.as_of
        if key == "stands_in" and not lasts:
            return False
        if not {"at_least_days", "at_most_days"} & set(criterion):
            return True
        if there[-1]["since"] is None:
            return None
        days = ((self.as_of if lasts else until) - there[-1]["since"]).days
        return criterion.get("at_least_days", 0) <= days <= criterion.get("at_most_days", 10**9)

    def provided(self, selector):
        if self.kinds is None:
            return True
        return set(words(selector["kind"])) <= self.kinds if "kind" in selector else bool(self.kinds)

    def who(self, activity):
        return activity["by"]

    def what(self, activity):
        return activity["about"] and activity["about"].lower()

    def number(self, selector, distinct):
        matches = self.matches(selector)
        sure, perhaps = [one for one, certain in matches if certain], [one for one, _ in matches]
        if distinct is None:
            low, high = len(sure), len(perhaps)
        elif distinct in ("people", "things"):
            which = {"people": self.who, "things": self.what}[distinct]
            low = len({which(one) for one in sure if which(one)})
            if low == 0 and sure:
                low = 1
            named = {which(one) for one in perhaps if which(one)}
            high = len(named) + sum(1 for one in perhaps if not which(one))
        else:
            key = distinct.removesuffix("s")
            low, high = (len({period(key, one) for one in found}) for found in (sure, perhaps))
        return low, high if self.provided(selector) else 10**9
