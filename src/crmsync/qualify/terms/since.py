"""Since when activities count: a day of the lead's own, which a selector names.

`{fact: …}` is a day that a fact holds; the others are days on which crmsync saw the lead move: `reached` (the latest
time it came to a stage), `first_reached`, `left` (the latest time it left it), and the word `recycled`: the latest
time it came back from the disqualified stage. Only what is later than that day counts.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Struct
from pydantic import Discriminator, Tag, model_validator

from crmsync.qualify.terms.shape import Name, PolicyPart
from crmsync.tongue import Tongue, to_say

How = Literal["fact", "reached", "first_reached", "left", "recycled"]
_MOVES: tuple[How, ...] = ("reached", "first_reached", "left")
_WORDS: Mapping[How, str] = {
    "fact": to_say("since {what}"),
    "reached": to_say("since the lead came to {what}"),
    "first_reached": to_say("since the lead first came to {what}"),
    "left": to_say("since the lead left {what}"),
    "recycled": to_say("since the lead was recycled"),
}


class SinceDay(Struct, frozen=True):
    """A day of each lead. `name`: of the fact or stage. `all_if_never`: where it never was, everything is later."""

    how: How
    name: str = ""
    all_if_never: bool = False

    @property
    def key(self) -> str:
        """The same text for the same moment."""
        return f"{self.how} {self.name}{' or ever' if self.all_if_never else ''}"


class Since(PolicyPart):
    """One of `fact`, `reached`, `first_reached`, `left`. `if_never`: what counts where the lead did not move so."""

    fact: Name | None = None
    reached: Name | None = None
    first_reached: Name | None = None
    left: Name | None = None
    if_never: Literal["none", "all"] | None = None

    @model_validator(mode="after")
    def _is_one_day(self) -> "Since":
        given = [key for key in ("fact", *_MOVES) if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError("`since` names one day\n→ give one of `fact`, `reached`, `first_reached` and `left`")
        if self.fact is not None and self.if_never is not None:
            raise ValueError("`if_never` is about stages\n→ an empty fact is unknown: what counts is so, too")
        return self


def _written_how(value: object) -> str:
    return "<moment>" if isinstance(value, (dict, Since)) else "<word>"


SinceWhen = Annotated[
    Annotated[Literal["recycled"], Tag("<word>")] | Annotated[Since, Tag("<moment>")], Discriminator(_written_how)
]


def moment_of(since: Since | Literal["recycled"]) -> SinceDay:
    """What a policy wrote, in one shape. Who was never recycled is on the first way up: everything counts."""
    if not isinstance(since, Since):
        return SinceDay("recycled", all_if_never=True)
    if since.fact is not None:
        return SinceDay("fact", since.fact)
    how, stage = next((key, getattr(since, key)) for key in _MOVES if getattr(since, key) is not None)
    return SinceDay(how, stage, since.if_never == "all")


def since_words(since: Since | Literal["recycled"], tongue: Tongue) -> str:
    """`since the lead came to sql`."""
    moment = moment_of(since)
    return tongue.say(_WORDS[moment.how], what=tongue.own(moment.name.replace("_", " ")))
