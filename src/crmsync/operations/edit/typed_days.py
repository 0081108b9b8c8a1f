"""Days and times as somebody typed them into a form, and for each field why it cannot stand there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Literal

from pydantic import ValidationError

from crmsync.clock import day_from
from crmsync.errors import UsageError
from crmsync.route.people.absence import PlannedAbsence

WhyNot = Literal["missing", "no_day", "no_time", "before_begin", "before_first_day", "there_already"]


class WrongDays(UsageError):
    """Days that cannot stand there."""

    def __init__(self, why: Mapping[str, WhyNot]) -> None:
        """`why`: field → what is wrong with it."""
        super().__init__("these days cannot stand in the roster", hint="mend what is marked")
        self.why = why


def typed_absence(typed: Mapping[str, str]) -> tuple[str, str, str, str]:
    """First day and time, last day and time, as files have them; a time that is empty means whole days.

    `typed` has `from_day`, `from_time`, `to_day`, `to_time`. Raises `WrongDays`.
    """
    wrong: dict[str, WhyNot] = {}
    told = []
    for end in ("from", "to"):
        for name, read in ((f"{end}_day", _day), (f"{end}_time", _time)):
            text = typed.get(name, "").strip()
            why = read(text)
            if why is not None:
                wrong[name] = why
            told.append(text)
    if wrong:
        raise WrongDays(wrong)
    from_day, from_time, to_day, to_time = told
    try:
        PlannedAbsence.model_validate({"from": _joined(from_day, from_time), "to": _joined(to_day, to_time)})
    except ValidationError:  # each is right by itself
        raise WrongDays({"to_day": "before_begin"}) from None
    return from_day, from_time, to_day, to_time


def typed_day(text: str, name: str) -> date:
    """The day in a field of this name. Raises `WrongDays`."""
    why = _day(text.strip())
    if why is not None:
        raise WrongDays({name: why})
    return day_from(text.strip())


def _joined(day: str, at: str) -> str:
    return f"{day}T{at}" if at else day


def _day(text: str) -> WhyNot | None:
    if not text:
        return "missing"
    try:
        day_from(text)
    except ValueError:
        return "no_day"
    return None


def _time(text: str) -> WhyNot | None:
    if not text:
        return None
    try:
        at = time.fromisoformat(text)
    except ValueError:
        return "no_time"
    return "no_time" if at.tzinfo is not None or at.isoformat("seconds" if at.second else "minutes") != text else None
