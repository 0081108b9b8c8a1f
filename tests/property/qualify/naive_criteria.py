# ruff: noqa: PLR0911, PLR0912 - one question after the other is the point here
"""Criteria in the plainest Python: whether they are met, not met, or unknown."""

from __future__ import annotations

import re

from naive_evidence import NaiveEvidence
from naive_terms import (
    all_of,
    any_of,
    opposite,
    whole_word,
    words,
)


class NaiveCriteria(NaiveEvidence):
    """What criteria say of the lead; those about scores ask `NaiveScores`."""

    def verdict(self, criterion):
        if isinstance(criterion, str):
            if criterion not in self.told:
                self.told[criterion] = self.verdict(self.policy["criteria"][criterion])
            return self.told[criterion]
        for key in ("all", "any"):
            if key in criterion:
                return {"all": all_of, "any": any_of}[key](self.verdict(child) for child in criterion[key])
        if "not" in criterion:
            return opposite(self.verdict(criterion["not"]))
        if "of" in criterion:
            verdicts = [self.verdict(child) for child in criterion["of"]]
            low, high = verdicts.count(True), len(verdicts) - verdicts.count(False)
            return self.between(low, high, criterion.get("at_least", 1), criterion.get("at_most", 10**9))
        if "known" in criterion:
            return self.fact(criterion["known"]) is not None
        if "unknown" in criterion:
            return self.fact(criterion["unknown"]) is None
        if "activities" in criterion:
            default = 0 if "at_most" in criterion else 1
            low, high = self.number(criterion["activities"], criterion.get("distinct"))
            return self.between(low, high, criterion.get("at_least", default), criterion.get("at_most", 10**9))
        if "no_activities" in criterion:
            low, high = self.number(criterion["no_activities"], None)
            return False if low else None if high else True
        if "latest" in criterion:
            return self.latest(criterion)
        if "first" in criterion:
            return self.sequence(criterion)
        if "score" in criterion:
            return self.score_level(criterion)
        if "meets" in criterion:
            return self.meets(criterion["meets"])
        for key in ("stands_in", "stood_in", "came_to"):
            if key in criterion:
                return self.stay(key, criterion[key], criterion)
        return self.about_fact(criterion)

    def between(self, low, high, least, most):
        enough = True if low >= least else None if high >= least else False
        few = True if high <= most else None if low <= most else False
        return all_of([enough, few])

    def latest(self, criterion):
        least, most = criterion.get("at_least_days_ago", 0), criterion.get("at_most_days_ago", 10**9)
        matches = self.matches(criterion["latest"])
        sure = [self.age(one) for one, certain in matches if certain]
        perhaps = [self.age(one) for one, _ in matches]
        if self.provided(criterion["latest"]):
            worlds = [age for age in perhaps if age <= min(sure, default=10**9)]
        else:
            worlds = list(range(min(sure, default=10**3) + 1))
        worlds += [] if sure else ["never"]
        verdicts = {age != "never" and least <= age <= most for age in worlds}
        return verdicts.pop() if len(verdicts) == 1 else None

    def sequence(self, criterion):
        apart = criterion.get("at_most_days_apart", 10**9)

        def shown(sure_only):
            one = [x for x, certain in self.matches(criterion["first"]) if certain or not sure_only]
            two = [x for x, certain in self.matches(criterion["then"]) if certain or not sure_only]
            return any(a is not b and 0 <= (b["day"] - a["day"]).days <= apart for a in one for b in two)

        if shown(True):
            return True
        open_ = shown(False) or not (self.provided(criterion["first"]) and self.provided(criterion["then"]))
        return None if open_ else False

    def about_fact(self, criterion):
        name = criterion["fact"]
        if set(criterion) & {
            "within_days", "within_past_days", "more_than_days_ahead", "more_than_days_ago", "before", "after",
        }:  # fmt: skip
            return self.about_date(criterion, self.raw(name))
        value = self.fact(name)
        if value is None:
            return None
        text = self.type_of(name) == "text"

        def same(one):
            return value == (one.lower() if text and isinstance(one, str) else one)

        def among(values):
            listed = self.policy["lists"][values] if isinstance(values, str) else values
            return any(same(one) for one in listed)

        def each(key):
            return [word.lower() for word in words(criterion[key])]

        lower = value.lower() if isinstance(value, str) else value
        tests = {
            "is": same,
            "is_not": lambda one: not same(one),
            "in": among,
            "not_in": lambda values: not among(values),
            "contains_any": lambda _: any(word in lower for word in each("contains_any")),
            "contains_all": lambda _: all(word in lower for word in each("contains_all")),
            "contains_words": lambda _: any(whole_word(word, lower) for word in each("contains_words")),
            "starts_with": lambda _: any(lower.startswith(word) for word in each("starts_with")),
            "ends_with": lambda _: any(lower.endswith(word) for word in each("ends_with")),
            "matches": lambda pattern: re.search(pattern, lower, re.IGNORECASE) is not None,
        }
        verdicts = [test(criterion[key]) for key, test in tests.items() if key in criterion]
        for key in ("at_least", "at_most", "above", "below"):
            if key in criterion:
                bound = criterion[key]
                bounds = self.ends(bound["fact"]) if isinstance(bound, dict) else (bound, bound)
                verdicts.append(self.compared(key, self.ends(name), bounds))
        return all_of(verdicts)

    def about_date(self, criterion, value):
        if value is None:
            return None
        day = self.day_of(value)
        ahead = (day - self.as_of).days
        tests = {
            "within_days": lambda n: 0 <= ahead <= n,
            "within_past_days": lambda n: 0 <= -ahead <= n,
            "more_than_days_ahead": lambda n: ahead > n,
            "more_than_days_ago": lambda n: -ahead > n,
            "before": lambda limit: day < (self.as_of if limit == "as_of" else limit),
            "after": lambda limit: day > (self.as_of if limit == "as_of" else limit),
        }
        return all(test(criterion[key]) for key, test in tests.items() if key in criterion)
