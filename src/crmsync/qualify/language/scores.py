"""Scores: points for attributes and activities, capped, aged, combined.

A score adds its rules' points; each rule, each group and the score itself may have a limit. Unknown conditions
make a score an interval: each unknown rule contributes each of its possible points.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Discriminator, Field, StrictBool, Tag, model_validator

from crmsync.qualify.criteria import Criterion, Path
from crmsync.qualify.terms.activities import Selector
from crmsync.qualify.terms.once_per import MAY_BE_UNKNOWN, Once, OnceInDays, OncePer
from crmsync.qualify.terms.points import exact
from crmsync.qualify.terms.shape import Name, Points, PolicyPart, Weight, Words

HalfLife = Annotated[int, Field(strict=True, ge=1, le=3650)]
MOST_RULES = 500


class WhenRule(PolicyPart):
    """Points when a condition is met. Unknown: nothing or the points."""

    when: Criterion
    points: Points
    name: Words | None = None


class ActivityRule(PolicyPart):
    """Points for each matching activity, fading with its age.

    `half_life_days: h`: after h days half the points count, after 2h a quarter. `linear_days: n`: the points fall
    evenly to 0 at n days. `after_days: d`: both begin when it is d days old. `once_per`: of all activities of one
    `day`, `week`, `month`, `quarter` or `year` of the calendar, of one `kind`, by one `person` or about one `thing`,
    the youngest counts and no other; with `{days: n}` one in so many days, from the oldest on. `cap`: the most points
    (in the points' direction) all activities give together; with `cap` equal to `points`, the first one counts and no
    other.
    """

    activities: Selector
    points: Points
    half_life_days: HalfLife | None = None
    linear_days: HalfLife | None = None
    after_days: HalfLife | None = None
    once_per: Once | None = None
    cap: Points | None = None
    name: Words | None = None

    @model_validator(mode="after")
    def _ages_one_way(self) -> "ActivityRule":
        if self.half_life_days is not None and self.linear_days is not None:
            raise ValueError("points age by `half_life_days` or by `linear_days`, not both")
        if self.after_days is not None and self.half_life_days is None and self.linear_days is None:
            raise ValueError("`after_days` says when ageing begins\n→ add `half_life_days` or `linear_days`")
        if self.once_in_days is not None and (self.half_life_days is not None or self.linear_days is not None):
            raise ValueError(
                "points that are given once in so many days do not age\n→ take a period such as `once_per: month`"
            )
        _is_a_size(self.cap)
        return self

    @property
    def group(self) -> OncePer | None:
        """What only one activity of each counts of."""
        return None if isinstance(self.once_per, OnceInDays) else self.once_per

    @property
    def once_in_days(self) -> int | None:
        """In how many days only one activity counts."""
        return self.once_per.days if isinstance(self.once_per, OnceInDays) else None


class SilenceRule(PolicyPart):
    """Points for each whole period of `per_days` days since the latest matching activity.

    Without one the days count from the one `since` names or from the lead's creation, whichever is later. `cap`: the
    most points (in the points' direction) that all periods give together.
    """

    silence: Selector
    points: Points
    per_days: HalfLife
    cap: Points | None = None
    name: Words | None = None

    @model_validator(mode="after")
    def _looks_at_all_days(self) -> "SilenceRule":
        if self.silence.within_days is not None or self.silence.older_than_days is not None:
            raise ValueError("`silence` looks at all days\n→ `per_days` and `cap` say how long it counts")
        _is_a_size(self.cap)
        return self


def _is_a_size(cap: Points | None) -> None:
    if cap is not None and cap < 0:
        raise ValueError("a rule's `cap` is a size: 0 or more")


class ValuesRule(PolicyPart):
    """Points by a fact's value; `otherwise` for any other value. Unknown: any of these points."""

    fact: Name
    values: Annotated[dict[str, Points], Field(min_length=1, max_length=MOST_RULES)]
    otherwise: Points = 0
    name: Words | None = None


class Option(PolicyPart):
    """One line of a `first` rule."""

    when: Criterion
    points: Points


class FirstRule(PolicyPart):
    """Points of the first line whose condition is met, `otherwise` when none is. Unknown: those still possible."""

    first: Annotated[tuple[Option, ...], Field(min_length=1, max_length=MOST_RULES)]
    otherwise: Points = 0
    name: Words | None = None


_RULE_KEYS = {"activities": "<activities>", "silence": "<silence>", "values": "<values>", "first": "<first>"}


def _kind_of_rule(value: Any) -> str:
    if isinstance(value, PolicyPart):
        return next((tag for key, tag in _RULE_KEYS.items() if hasattr(value, key)), "<when>")
    keys = value.keys() if isinstance(value, dict) else ()
    return next((tag for key, tag in _RULE_KEYS.items() if key in keys), "<when>")


Rule = Annotated[
    Annotated[WhenRule, Tag("<when>")]
    | Annotated[ActivityRule, Tag("<activities>")]
    | Annotated[SilenceRule, Tag("<silence>")]
    | Annotated[ValuesRule, Tag("<values>")]
    | Annotated[FirstRule, Tag("<first>")],
    Discriminator(_kind_of_rule),
]
Rules = Annotated[tuple[Rule, ...], Field(max_length=MOST_RULES)]


class Limited(PolicyPart):
    """Something whose points have a highest (`cap`) and a lowest (`floor`) value."""

    cap: Points | None = None
    floor: Points | None = None

    @model_validator(mode="after")
    def _cap_is_above_floor(self) -> "Limited":
        if self.cap is not None and self.floor is not None and exact(self.floor) > exact(self.cap):
            raise ValueError(f"the floor {self.floor} is above the cap {self.cap}")
        return self


class Group(Limited):
    """Rules that share a limit."""

    name: Words | None = None
    rules: Rules


class Score(Limited):
    """One named score: its own rules and groups, or a weighted combination of other scores.

    `combine`: score → weight (three decimals); a combined score may be a combination itself. `bands`: label → lowest
    points; a lead is in the highest band that the low end of its score reaches. `running`: activities' points are
    added day by day, and after each day the total is held within `floor` and `cap`.
    """

    label: Words | None = None
    rules: Rules = ()
    groups: Annotated[tuple[Group, ...], Field(max_length=50)] = ()
    combine: Annotated[dict[Name, Weight], Field(max_length=20)] | None = None
    bands: Annotated[dict[Words, Points], Field(max_length=50)] | None = None
    running: StrictBool = False

    @model_validator(mode="after")
    def _adds_or_combines(self) -> "Score":
        if self.combine is not None and (self.rules or self.groups):
            raise ValueError("a score has `rules` and `groups`, or it combines others; not both")
        if self.combine is None and not self.rules and not self.groups:
            raise ValueError("the score has nothing that gives points\n→ add `rules`, `groups` or `combine`")
        return self

    @model_validator(mode="after")
    def _runs_over_days(self) -> "Score":
        if not self.running:
            return self
        if self.combine is not None or self.groups:
            raise ValueError("a `running` score has `rules` of its own, no groups, and combines no others")
        for rule in self.rules:
            if not isinstance(rule, ActivityRule):
                raise ValueError("a `running` score adds points of `activities`: nothing else has a day")
            for key in ("half_life_days", "linear_days", "after_days", "cap"):
                if getattr(rule, key) is not None:
                    raise ValueError(
                        f"points of a `running` score have no `{key}`\n→ its own `floor` and `cap` hold them"
                    )
            if rule.once_per in MAY_BE_UNKNOWN:
                raise ValueError(
                    f"in a `running` score points are not given `once_per: {rule.once_per}`: of which one an "
                    "activity is may be unknown\n→ write a period such as `week`, or `kind`"
                )
        return self

    def all_rules(self) -> Iterator[tuple[Path, Rule]]:
        """Every rule with its place, those of groups too."""
        for index, rule in enumerate(self.rules):
            yield ("rules", index), rule
        for number, group in enumerate(self.groups):
            for index, rule in enumerate(group.rules):
                yield ("groups", number, "rules", index), rule

    def selectors(self) -> Iterator[tuple[Path, Selector]]:
        """Which activities its rules ask for, with their places."""
        for path, rule in self.all_rules():
            if isinstance(rule, ActivityRule):
                yield (*path, "activities"), rule.activities
            elif isinstance(rule, SilenceRule):
                yield (*path, "silence"), rule.silence

    def criteria(self) -> Iterator[tuple[Path, Criterion]]:
        """Every condition of a rule with its place."""
        for path, rule in self.all_rules():
            if isinstance(rule, WhenRule):
                yield (*path, "when"), rule.when
            elif isinstance(rule, FirstRule):
                for index, option in enumerate(rule.first):
                    yield (*path, "first", index, "when"), option.when


def bands_of(score: Score) -> tuple[tuple[str, Points], ...]:
    """(label, lowest points), highest band first."""
    return tuple(sorted((score.bands or {}).items(), key=lambda band: exact(band[1]), reverse=True))
