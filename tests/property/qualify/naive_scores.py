"""Scores in the plainest Python: the fewest and the most milli-points that a lead may have."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from naive_criteria import NaiveCriteria
from naive_terms import (
    MOST,
    all_of,
    half_up,
    in_days,
    milli,
    period,
    tenths,
)


class NaiveScores(NaiveCriteria):
    """The lead's points, rule by rule."""

    def score(self, name):
        key = ("score", name)
        if key not in self.told:
            self.told[key] = self.scored(self.policy["scores"][name])
        return self.told[key]

    def scored(self, score):
        low = high = Fraction(0)
        if score.get("running"):
            return self.running(score)
        if "combine" in score:
            for part, weight in score["combine"].items():
                ends = [end * Fraction(half_up(tenths(weight) * 1000), 1000) for end in self.score(part)]
                low, high = low + min(ends), high + max(ends)
            low, high = half_up(low), half_up(high)
        else:
            for rule in score.get("rules", ()):
                ends = self.rule(rule)
                low, high = low + ends[0], high + ends[1]
            for group in score.get("groups", ()):
                ends = [self.rule(rule) for rule in group["rules"]]
                limited = self.limited(group, sum(one[0] for one in ends), sum(one[1] for one in ends))
                low, high = low + limited[0], high + limited[1]
        return self.limited(score, int(low), int(high))

    def running(self, score):
        low, high = self.limited(score, 0, 0)
        days = {}
        for rule in score["rules"]:
            points = milli(rule["points"])
            for day, certain in self.counting_days(rule):
                ends = days.setdefault(day, [0, 0])
                ends[0] += points if certain or points < 0 else 0
                ends[1] += points if certain or points > 0 else 0
        for day in sorted(days):
            low, high = self.limited(score, low + days[day][0], high + days[day][1])
        for rule in score["rules"]:
            if not self.provided(rule["activities"]):
                high = self.limited(score, 0, MOST)[1] if milli(rule["points"]) > 0 else high
                low = self.limited(score, -MOST, 0)[0] if milli(rule["points"]) < 0 else low
        return low, high

    def counting_days(self, rule):
        """(day, certain) of what counts; once per period: each day on which the youngest of a period may be."""
        matches = self.matches(rule["activities"])
        if "once_per" not in rule:
            return [(one["day"], certain) for one, certain in matches]
        if isinstance(rule["once_per"], dict):
            days = {one["day"]: False for one, _ in matches} | {
                one["day"]: True for one, certain in matches if certain
            }
            if all(days.values()):
                return [(day, True) for day in in_days(days, rule["once_per"]["days"])]
            return [(day, False) for day in days]
        periods = {}
        for one, certain in matches:
            periods.setdefault(period(rule["once_per"], one), []).append((one["day"], certain))
        told = []
        for days in periods.values():
            surely = max((day for day, certain in days if certain), default=date.min)
            youngest = max(day for day, _ in days)
            told += [(day, day == surely == youngest) for day in {day for day, _ in days} if day >= surely]
        return told

    def limited(self, limits, low, high):
        floor = milli(limits["floor"]) if "floor" in limits else -MOST
        cap = milli(limits["cap"]) if "cap" in limits else MOST
        return max(floor, min(cap, low)), max(floor, min(cap, high))

    def rule(self, rule):
        if "activities" in rule:
            return self.activity_rule(rule)
        if "silence" in rule:
            return self.silence_rule(rule)
        if "when" in rule:
            lines, otherwise = [(self.verdict(rule["when"]), milli(rule["points"]))], 0
        elif "values" in rule:
            otherwise = milli(rule.get("otherwise", 0))
            lines = []
            for word, points in rule["values"].items():
                value = word == "true" if self.type_of(rule["fact"]) == "boolean" else word
                lines.append((self.about_fact({"fact": rule["fact"], "is": value}), milli(points)))
        else:
            otherwise = milli(rule.get("otherwise", 0))
            lines = [(self.verdict(line["when"]), milli(line["points"])) for line in rule["first"]]
        possible = []
        for verdict, points in lines:
            if verdict is not False:
                possible.append(points)
            if verdict is True:
                break
        else:
            possible.append(otherwise)
        return min(possible), max(possible)

    def activity_rule(self, rule):
        matches = self.matches(rule["activities"])
        certain, every = [one for one, certain in matches if certain], [one for one, _ in matches]
        if isinstance(rule.get("once_per"), dict):
            days = rule["once_per"]["days"]
            counts = [len(in_days([one["day"] for one in some], days)) for some in (certain, every)]
            sure, perhaps = (count * milli(rule["points"]) for count in counts)
        elif "once_per" in rule:
            sure, perhaps = self.fewest_once(rule, certain), self.most_once(rule, every)
        else:
            sure, perhaps = (sum(self.aged(rule, self.age(one)) for one in some) for some in (certain, every))
        cap = milli(rule["cap"]) if "cap" in rule else MOST
        sure, perhaps = (max(-cap, min(cap, points)) for points in (sure, perhaps))
        if milli(rule["points"]) and not self.provided(rule["activities"]):
            perhaps = cap if milli(rule["points"]) >= 0 else -cap
        return min(sure, perhaps), max(sure, perhaps)

    def silence_rule(self, rule):
        cap = milli(rule["cap"]) if "cap" in rule else MOST
        ends = []
        for days in self.silent_days(rule["silence"]):
            points = milli(rule["points"]) * (max(0, days) // rule["per_days"]) if days != "ever" else None
            if points is None:
                points = cap if milli(rule["points"]) > 0 else -cap if milli(rule["points"]) < 0 else 0
            ends.append(max(-cap, min(cap, points)))
        return min(ends), max(ends)

    def silent_days(self, selector):
        """(the fewest, the most) days that the silence may last; `ever`: any number."""
        matches = self.matches(selector)
        certain = [self.age(one) for one, sure in matches if sure]
        days = [self.age(one) for one, _ in matches if not certain or self.age(one) <= min(certain)]
        fewest = most = days
        if not certain:
            first, last = self.without_match(selector)
            fewest, most = [*days, first], [*days, last]
        longest = "ever" if "ever" in most else max(most)
        return (min(fewest) if self.provided(selector) else 0), longest

    def without_match(self, selector):
        """The same where there is no match."""
        created = self.raw("created_at")
        created = None if created is None else (self.as_of - self.day_of(created)).days
        young, old = (0, "ever") if created is None else (created, created)
        if "since" not in selector:
            return young, old
        sure, perhaps = self.since(selector["since"])
        if (sure, perhaps) == (date.max, date.max):  # no such day
            return young, old
        if sure == date.max:
            return 0, old
        young = young if sure == date.min else min(young, (self.as_of - sure).days)
        if perhaps != date.min:
            old = (self.as_of - perhaps).days if old == "ever" else min(old, (self.as_of - perhaps).days)
        return young, old

    def of_groups(self, rule, groups):
        """The points of the youngest of each group."""
        return sum(self.aged(rule, min(self.age(one) for one in group)) for group in groups if group)

    def groups_of(self, rule, activities):
        """(the groups, those of which nobody knows the group)"""
        groups, unnamed = {}, []
        for one in activities:
            if rule["once_per"] in ("person", "thing"):
                key = self.who(one) if rule["once_per"] == "person" else self.what(one)
            else:
                key = period(rule["once_per"], one)
            if key is None:
                unnamed.append(one)
            else:
                groups.setdefault(key, []).append(one)
        return list(groups.values()), unnamed

    def fewest_once(self, rule, activities):
        """All unnamed ones belong to one group, whichever that is."""
        groups, unnamed = self.groups_of(rule, activities)
        ways = [self.of_groups(rule, [*groups, unnamed])]
        for place, group in enumerate(groups):
            ways.append(self.of_groups(rule, [*groups[:place], *groups[place + 1 :], group + unnamed]))
        return min(ways, key=abs)

    def most_once(self, rule, activities):
        """Each unnamed one is a group of its own."""
        groups, unnamed = self.groups_of(rule, activities)
        return self.of_groups(rule, [*groups, *([one] for one in unnamed)])

    def aged(self, rule, age):
        age = max(0, age - rule.get("after_days", 0))
        full = tenths(rule["points"]) * 1000
        if "linear_days" in rule:
            return half_up(full * max(0, rule["linear_days"] - age) / rule["linear_days"])
        if "half_life_days" not in rule:
            return half_up(full)
        halves, rest = divmod(age, rule["half_life_days"])
        exact = full / 2**halves
        if not rest:
            return half_up(exact)
        with localcontext() as context:
            context.prec = 40
            part = Decimal(2) ** (Decimal(-rest) / Decimal(rule["half_life_days"]))
            value = Decimal(exact.numerator) / Decimal(exact.denominator) * part
            return int(value.to_integral_value(ROUND_HALF_UP))

    def band(self, name):
        low, _ = self.score(name)
        reached = [(milli(points), label) for label, points in self.policy["scores"][name]["bands"].items()]
        reached = [band for band in reached if low >= band[0]]
        return max(reached)[1] if reached else None

    def score_level(self, criterion):
        low, high = self.score(criterion["score"])
        verdicts = []
        if "at_least" in criterion:
            bound = milli(criterion["at_least"])
            verdicts.append(True if low >= bound else False if high < bound else None)
        if "below" in criterion:
            bound = milli(criterion["below"])
            verdicts.append(False if low >= bound else True if high < bound else None)
        return all_of(verdicts)
