"""What activities may have in common where only one of them counts: a period of the calendar, or a thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from crmsync.tongue import Tongue, to_say

OncePer = Literal["day", "week", "month", "quarter", "year", "kind", "person", "thing"]
"""Weeks begin on Monday; all periods are the calendar's, in the org's zone, so no passing day parts them anew."""

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


def once_words(once_per: OncePer, tongue: Tongue) -> str:
    """`once a week`."""
    return tongue.say(_WORDS[once_per])
