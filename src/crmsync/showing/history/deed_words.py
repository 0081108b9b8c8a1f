"""What was done in the console, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from crmsync.store import Deed
from crmsync.tongue import Tongue, to_say

_DONE: Mapping[str, str] = {
    "signed_in": to_say("signed in"),
    "signed_out": to_say("signed out"),
    "sign_in_refused": to_say("a sign-in was refused"),
    "plan_made": to_say("made a plan"),
    "plan_approved": to_say("approved"),
    "plan_carried_out": to_say("carried out"),
    "plan_dropped": to_say("dropped a plan"),
    "file_changed": to_say("changed a file"),
    "lead_held": to_say("held a lead"),
    "lead_released": to_say("let crmsync go on with a lead"),
}


def deed_words(deed: Deed, tongue: Tongue) -> str:
    """What it was; of a kind that a later version knows, its name."""
    return tongue.say(_DONE[deed.what]) if deed.what in _DONE else deed.what.replace("_", " ")


def about_words(deed: Deed, tongue: Tongue) -> str:
    """What it was done to."""
    return ", ".join(_parts(deed.about, tongue))


def _parts(about: Mapping[str, Any], tongue: Tongue) -> Iterator[str]:
    left = dict(about)
    if "leads" in left and "of" in left:
        shown, total = left.pop("leads"), left.pop("of")
        words = {"shown": tongue.number(shown), "total": tongue.number(total)}
        yield tongue.say_many("{shown} of {total} lead", "{shown} of {total} leads", total, **words)
    if "before" in left and "after" in left:
        file = left.pop("file", "")
        yield f"{file}: {left.pop('before')} → {left.pop('after')}"
    for name, value in left.items():
        yield _ONE[name](value, tongue) if name in _ONE else f"{name.replace('_', ' ')}: {value}"


_ONE: Mapping[str, Callable[[Any, Tongue], str]] = {
    "plan": lambda it, tongue: tongue.say("plan {number}", number=it),
    "run": lambda it, tongue: tongue.say("run {number}", number=it),
    "undo_of": lambda it, tongue: tongue.say("takes back run {number}", number=it),
    "leads": lambda it, tongue: tongue.say_many("{number} lead", "{number} leads", it, number=tongue.number(it)),
    "written": lambda it, tongue: tongue.say("{number} written", number=tongue.number(it)),
    "open": lambda it, tongue: tongue.say("{number} open", number=tongue.number(it)),
    "let_through": lambda _, tongue: tongue.say("let through its guards"),
    "leads_of": lambda it, tongue: tongue.say("leads of {people}", people=it),
    "until": lambda it, tongue: tongue.say("until {day}", day=tongue.day(date.fromisoformat(it))),
    "file": lambda it, _: str(it),
    "lead": lambda it, _: str(it),
}
