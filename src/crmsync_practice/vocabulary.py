"""The facts that a practice firm's CRM has fields for, whether or not any lead holds them yet.

So the starter mappings fit every made-up CRM, and a fact can be filled in later. An imported one has the fields of
what was imported, and those for a hand-off. Choices stand twice, because that is what tells a list of choices from
free text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crmsync_practice.records import Value

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "budget": ("available", "none"),
    "authority": ("decision_maker", "influencer", "user", "none"),
    "need": ("none", "some", "clear"),
    "timeline": ("now", "this_quarter", "this_year", "later", "none"),
    "interest": ("none", "some", "strong"),
    "business_owner": ("yes", "no"),
}
_TEXTS = ("industry", "country", "title", "lead_source", "campaign", "seniority", "need_detail", "goals")
_HAND_OFF = ("bdr", "hand_off_response", "hand_off_return_reason")
"""What a firm notes on a lead about its hand-off: by whom, the receiver's answer, and why it was given back."""
LEAVE_ALONE = "leave_alone"
"""Set by people whose leads shall stay as they are."""
_NUMBERS: Mapping[str, Value] = {"employees": 1, "annual_revenue": 0.5}


def samples() -> Iterator[Mapping[str, Value]]:
    """Attributes that no lead holds, to be looked at beside those of the leads."""
    for name, choices in _CHOICES.items():
        yield from ({name: choice} for choice in choices * 2)
    yield from (_in_words(name) for name in (*_TEXTS, *_HAND_OFF))
    for name, number in _NUMBERS.items():
        yield {name: number}
    # What keeps a lead as it is; a truth value, twice as the choices are.
    yield from ({LEAVE_ALONE: answer} for answer in (True, False))


def hand_off_samples() -> Iterator[Mapping[str, Value]]:
    """Those of the samples that are no facts about a lead."""
    return (_in_words(name) for name in _HAND_OFF)


def _in_words(name: str) -> Mapping[str, Value]:
    return {name: f"{name} in words, as a person would write them down after a call"}
