"""Which activities: the selector that criteria and point rules share.

An activity matches when every key that is given fits. Unknown is a third answer here too: an outcome, direction
or role that the CRM does not know, asked for by the selector, makes the activity a *possible* match.
"""

from typing import Any

from pydantic import field_validator, model_validator

from crmsync.configuration import did_you_mean
from crmsync.model import UNKNOWN_OUTCOME
from crmsync.qualify.terms.shape import Days, OneOrMore, PolicyPart, many, refuse_keys_without_value
from crmsync.qualify.terms.since import SinceWhen, since_words
from crmsync.tongue import ENGLISH, Tongue

DIRECTIONS = ("inbound", "outbound")


class Selector(PolicyPart):
    """Activities by what, how, who and when. An empty selector means every activity.

    `kind`, `outcome`, `direction` (inbound | outbound), `by_role` (roster role of who did it), `about` (the thing
    that the mapping's field names, without regard to upper and lower case): one word or a list.
    Without `outcome`, only what happened matches: nothing open, scheduled, called off or not come about; what has an
    outcome that no rule of the mapping names matches only perhaps.
    `within_days: N`: at most N days old (age ≤ N). `older_than_days: M`: more than M days old (age > M).
    `since`: only what is later than a day of the lead's own.
    Days after `as_of` never count.
    """

    kind: OneOrMore | None = None
    outcome: OneOrMore | None = None
    direction: OneOrMore | None = None
    by_role: OneOrMore | None = None
    about: OneOrMore | None = None
    within_days: Days | None = None
    older_than_days: Days | None = None
    since: SinceWhen | None = None

    @model_validator(mode="before")
    @classmethod
    def _says_what_it_names(cls, value: Any) -> Any:
        refuse_keys_without_value(value)
        return value

    @field_validator("direction")
    @classmethod
    def _is_a_direction(cls, value: OneOrMore | None) -> OneOrMore | None:
        for word in many(value):
            if word not in DIRECTIONS:
                hint = did_you_mean(word, DIRECTIONS)
                raise ValueError(f"`{word}` is no direction\n→ {hint}")
        return value

    @field_validator("outcome")
    @classmethod
    def _is_a_word(cls, value: OneOrMore | None) -> OneOrMore | None:
        if UNKNOWN_OUTCOME in many(value):
            raise ValueError(
                f"`{UNKNOWN_OUTCOME}` says that nobody can tell the outcome\n→ name the outcomes that count"
            )
        return value

    @model_validator(mode="after")
    def _window_is_not_empty(self) -> "Selector":
        if None not in (self.within_days, self.older_than_days) and self.first_age > self.last_age:
            raise ValueError(
                f"no activity is at most {self.within_days} and more than {self.older_than_days} days old"
            )
        return self

    @property
    def first_age(self) -> int:
        """The youngest age in days that is inside the window."""
        return 0 if self.older_than_days is None else self.older_than_days + 1

    @property
    def last_age(self) -> int:
        """The oldest age in days inside the window; more than any age when the window is open."""
        return ENDLESS if self.within_days is None else self.within_days

    @property
    def windowed(self) -> bool:
        """Whether an activity can leave by growing old."""
        return self.within_days is not None

    @property
    def words(self) -> str:
        """The selector in English words."""
        return self.told(ENGLISH)

    def told(self, tongue: Tongue) -> str:
        """The selector in words: `a call or meeting (connected, by bdr) within 30 days`."""
        what = tongue.either(_plain(self.kind, tongue)) if self.kind else tongue.say("activity")
        details = [tongue.either(_plain(words, tongue)) for words in (self.outcome, self.direction) if words]
        if self.about:
            details.append(tongue.say("about {thing}", thing=tongue.either(many(self.about))))
        if self.by_role:
            details.append(tongue.say("by {role}", role=tongue.either(_plain(self.by_role, tongue))))
        when = []
        if self.within_days is not None:
            when.append(tongue.say_many("within {number} day", "within {number} days", self.within_days))
        if self.older_than_days is not None:
            old = self.older_than_days
            when.append(tongue.say_many("more than {number} day ago", "more than {number} days ago", old))
        if self.since is not None:
            when.append(since_words(self.since, tongue))
        return " ".join([what, *([f"({', '.join(details)})"] if details else []), *when])


ENDLESS = 2**30
"""An age in days that nothing reaches."""


def _plain(words: OneOrMore | None, tongue: Tongue) -> tuple[str, ...]:
    return tuple(tongue.own(word.replace("_", " ")) for word in many(words))
