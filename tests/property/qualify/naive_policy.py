# ruff: noqa: PLR0911, PLR0912 - one question after the other is the point here
"""The policy language once more, in the plainest Python: written from docs/reference/policy.md, not from the engine.

Takes the policy as the data of its YAML, one lead as dicts, and a day. Slow and simple on purpose. Verdicts are
True, False and None; points are milli-points.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from zoneinfo import ZoneInfo

MOST = 10**12
NOT_DONE = ["open", "planned", "scheduled", "rescheduled", "canceled", "cancelled", "no_show", "failed", "bounced"]


def all_of(verdicts):
    verdicts = list(verdicts)
    return False if False in verdicts else None if None in verdicts else True


def any_of(verdicts):
    verdicts = list(verdicts)
    return True if True in verdicts else None if None in verdicts else False


def opposite(verdict):
    return None if verdict is None else not verdict


def half_up(number):
    """Half away from zero."""
    size = int(abs(Fraction(number)) + Fraction(1, 2))
    return size if number >= 0 else -size


def tenths(number):
    return Fraction(str(number))


def milli(points):
    return half_up(tenths(points) * 1000)


def words(value):
    return [value] if isinstance(value, str) else list(value)


def under_segments(policy, *lead, **settings):
    """Everything told by the policy that decides: the first segment's, or the least of the candidates'."""

    def told(data, name):
        naive = Naive(data, *lead, **{key: settings[key] for key in ("kinds", "mapped", "zone")})
        everything = {**naive.everything(**settings["present"]), "policy": name}
        if everything["reason"] is None:
            return everything, everything, naive.earned()
        kept = {**everything, **naive.decide(**settings["present"], spared=True)}
        return everything, kept, naive.earned()

    main = Naive(policy, *lead, **{key: settings[key] for key in ("kinds", "mapped", "zone")})
    candidates = []
    inside = {}
    for segment in policy.get("segments", ()):
        inside[f"verdict.segment.{segment['name']}"] = main.verdict(segment["when"])
    for segment in policy.get("segments", ()):
        verdict = inside[f"verdict.segment.{segment['name']}"]
        if verdict is not False:
            candidates.append(told(overridden(policy, segment["policy"]), segment["name"]))
        if verdict is True:
            break
    else:
        candidates.append(told(policy, policy["name"]))
    everything, kept, _ = min(candidates, key=lambda one: (one[2], one[0]["reason"] is not None))
    all_leave = all(one["reason"] is not None for one, _, _ in candidates)
    return {**(everything if all_leave else kept), **inside}


def overridden(policy, own):
    """The main policy with what a segment says otherwise."""
    merged = {key: value for key, value in policy.items() if key != "segments"}
    merged |= {key: own[key] for key in ("ladder", "disqualified") if key in own}
    for key in ("criteria", "movement"):
        merged[key] = {**policy.get(key, {}), **own.get(key, {})}
    merged["scores"] = {
        name: {**score, **own.get("scores", {}).get(name, {})} for name, score in policy["scores"].items()
    }
    return merged


def range_of(text):
    """(lowest, highest) whole number that a text allows; null = it sets no such end."""
    text = text.strip().lower()
    signs = {">=": (0, None), "≥": (0, None), ">": (1, None), "<=": (None, 0), "≤": (None, 0), "<": (None, -1)}
    for sign, ends in signs.items():
        if text.startswith(sign):
            number = whole(text[len(sign) :].lstrip())
            return tuple(None if number is None or end is None else number + end for end in ends)
    if text.endswith("+"):
        return whole(text[:-1].rstrip()), None
    for dash in ("-", "–", "—", "to"):
        first, found, last = text.partition(dash)
        if found:
            low, high = whole(first.rstrip()), whole(last.lstrip())
            return (None, None) if low is None or high is None or low > high else (low, high)
    return whole(text), whole(text)


def whole(text):
    """Digits, in threes from the right where something parts them."""
    for part in (",", ".", "'", "’", " "):
        text = text.replace(part, "_")
    first, *others = text.split("_")
    right = first.isdigit() and all(len(other) == 3 and other.isdigit() for other in others)
    return int("".join([first, *others])) if right and not (others and len(first) > 3) else None


def in_days(days, apart):
    """From the oldest on, each that is far enough from the last one taken."""
    taken = []
    for day in sorted(days):
        if not taken or (day - taken[-1]).days >= apart:
            taken.append(day)
    return taken


def period(of, activity):
    """What tells activities of one period or kind from others."""
    day = activity["day"]
    return {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": (day.year, day.month),
        "quarter": (day.year, (day.month - 1) // 3),
        "year": day.year,
        "kind": activity["kind"],
    }[of]


def whole_word(word: str, text: str) -> bool:
    """Whether it stands there with no letter or digit at either end."""
    padded = f" {text} "
    places = [place for place in range(1, len(padded)) if padded.startswith(word, place)]
    touching = [(padded[place - 1], padded[place + len(word)]) for place in places]
    return any(not any(sign.isalnum() or sign == "_" for sign in pair) for pair in touching)


class Naive:
    """One lead under one policy on one day."""

    def __init__(self, policy, lead, activities, as_of, *, kinds=None, mapped=None, zone="UTC"):
        self.policy, self.lead, self.as_of = policy, lead, as_of
        self.kinds, self.zone = kinds, ZoneInfo(zone)
        self.mapped = mapped
        self.activities = [one for one in activities if one["day"] <= as_of]
        self.told = {}

    # --- facts

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

    # --- activities

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

    # --- criteria

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

    # --- scores

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

    # --- ladder and movement

    def own_condition(self, rung):
        verdicts = [self.verdict(rung["when"])] if "when" in rung else []
        confirmation = self.policy.get("sales_confirmation")
        if confirmation and confirmation["mode"] == "required" and confirmation["stage"] == rung["stage"]:
            verdicts.append(self.verdict(confirmation["evidence"]))
        return all_of(verdicts)

    def meets(self, stage):
        met = True
        for rung in self.policy["ladder"]:
            own = self.own_condition(rung)
            met = own if rung.get("stands_alone") else all_of([met, own])
            if rung["stage"] == stage:
                return met
        raise AssertionError(stage)

    def disqualification(self):
        """(verdict, reason)"""
        leaving = self.policy.get("disqualified")
        if not leaving:
            return False, None
        verdicts = [(reason["name"], self.verdict(reason["when"])) for reason in leaving.get("reasons", ())]
        if "when" in leaving:
            verdicts.append(("other", self.verdict(leaving["when"])))
        verdict = any_of(one for _, one in verdicts)
        return verdict, next((name for name, one in verdicts if one is True), None)

    def earned(self):
        order = [rung["stage"] for rung in self.policy["ladder"]]
        return max(rank for rank, stage in enumerate(order) if self.meets(stage) is True)

    def decide(self, stage, *, managed=True, stage_edited_on=None, stage_since=None, spared=False):
        """{earned_stage, stage, stage_why, reason}. `spared`: as if nothing disqualified the lead."""
        order = [rung["stage"] for rung in self.policy["ladder"]]
        earned = self.earned()
        verdict, reason = (False, None) if spared else self.disqualification()
        stage_after, why = self.moved(order, earned, verdict is True, stage, managed, stage_edited_on, stage_since)
        return {
            "earned_stage": order[earned],
            "stage": stage_after,
            "stage_why": why,
            "reason": reason if verdict is True else None,
        }

    def moved(self, order, earned, disqualified, stage, managed, edited_on, since):
        movement = self.policy.get("movement", {})
        leaving = self.policy.get("disqualified") or {}
        beside = leaving.get("stage", "disqualified") if leaving else None
        here = stage if stage is not None else order[0]
        if not managed or here not in [*order, beside]:
            return None, "unmanaged"
        hands_off = movement.get("hands_off_days", 0)
        if hands_off and edited_on and 0 <= (self.as_of - edited_on).days <= hands_off:
            return here, "hands_off"
        if here in movement.get("protected", ()):
            return here, "protected"
        if disqualified:
            return beside, "disqualified"
        writable = [rank for rank, rung in enumerate(self.policy["ladder"]) if rung.get("set_by") != "people"]
        target = max(rank for rank in writable if rank <= earned)
        if here == beside:
            return self.from_beside(leaving, order, earned, target, since)
        present = order.index(here)
        if target > present:
            return order[target], "earned"
        if earned == present:
            return here, "earned"
        if earned > present:
            return here, "left_to_people"
        if movement.get("backward", "never") == "never":
            return here, "kept"
        cool = movement.get("cool_down_days", 0)
        if cool and (since is None or (self.as_of - since).days <= cool):
            return here, "cooling_down"
        return order[target], "moved_back"

    def from_beside(self, leaving, order, earned, target, since):
        recycle = leaving.get("recycle")
        back = False
        if recycle and since is not None:
            if "after_days" in recycle:
                back |= (self.as_of - since).days >= recycle["after_days"]
            if "on_new_engagement" in recycle:
                matches = self.matches(recycle["on_new_engagement"])
                back |= any(certain and one["day"] > since for one, certain in matches)
        if back:
            to = recycle.get("to", "earned")
            return (order[target] if to == "earned" else self.onward(to, order, earned, target)), "recycled"
        return leaving.get("stage", "disqualified"), "stays_disqualified"

    def onward(self, to, order, earned, target):
        """Where a lead that comes back to `to` stands after the next look at the same day."""
        movement, here = self.policy.get("movement", {}), order.index(to)
        if to in movement.get("protected", ()):
            return to
        if target > here:
            return order[target]
        falls = movement.get("backward", "never") != "never" and not movement.get("cool_down_days", 0)
        return order[target] if falls and earned < here else to

    def everything(self, **present):
        """All that the engine tells, under the engine's column names."""
        told = self.decide(present.pop("stage", None), **present)
        for name in self.policy.get("criteria", {}):
            told[f"verdict.{name}"] = self.verdict(name)
        for rung in self.policy["ladder"][1:]:
            told[f"verdict.ladder.{rung['stage']}"] = self.own_condition(rung)
        for name, score in self.policy.get("scores", {}).items():
            told[f"score.{name}.low"], told[f"score.{name}.high"] = self.score(name)
            if "bands" in score:
                told[f"band.{name}"] = self.band(name)
        for grade, parts in self.policy.get("grades", {}).items():
            labels = [self.band(part) for part in parts]
            told[f"band.{grade}"] = None if None in labels else "".join(labels)
        priority = self.policy.get("priority")
        told["priority"] = self.score(priority)[0] if priority else 0
        return told
