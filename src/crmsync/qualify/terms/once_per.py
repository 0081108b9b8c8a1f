"""What activities may have in common where only one of them counts: a period of the calendar, or a thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from crmsync.qualify.terms.shape import PolicyPart
from crmsync.tongue import Tongue, to_say

OncePer = Literal["day", "week", "month", "quarter", "year", "kind", "person", "thing"]
"""Weeks begin on Monday; all periods are the calendar's, in the org's zone, so no passing day parts them anew."""


class OnceInDays(PolicyPart):
    """From the oldest on, an activity counts when the last that counted was at least so many `days` before."""

    days: Annotated[int, Field(strict=True, ge=1, le=3650)]


def _written_how(value: object) -> str:
    return "<days>" if isinstance(value, (dict, OnceInDays)) else "<word>"


Once = Annotated[
    Annotated[OncePer, Tag("<word>")] | Annotated[OnceInDays, Tag("<days>")], Discriminator(_written_how)
]

MAY_BE_UNKNOWN = ("person", "thing")
"""Of these the CRM may not say which: such activities may be of one that is known, or each of another."""

_WORDS: Mapping[OncePer, str] = {
    "day": to_say("once a day"),
    "week": to_say("once a week"),
    "month": to_say("once a month"),
    "quarter": to_say("once a quarter"),
    "year": to_say("once a year"),
    "kind": to_say("once for each kind"),
    "person": to_say("once for each person"),
    "thing": to_say("once for each thing"),
}


def once_words(once_per: Once, tongue: Tongue) -> str:
    """`once a week`."""
    if isinstance(once_per, OnceInDays):
        return tongue.say_many("once in {number} day", "once in {number} days", once_per.days)
    return tongue.say(_WORDS[once_per])
