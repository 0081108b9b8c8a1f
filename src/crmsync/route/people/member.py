"""A person of the roster in one CRM."""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm

from msgspec import Struct

from crmsync.route.hours.calendar import Stretch
from crmsync.route.people.person import Person
from crmsync.route.rotation.fair import Shares


class Member(Struct, frozen=True):
    """A roster person in this CRM. `user`: native id. `away`: all absences, those of calendars too."""

    key: str
    user: str
    active: bool
    person: Person
    away: tuple[Stretch, ...] = ()


def whole_weights(members: Sequence[Member]) -> Shares:
    """The members' weights as whole numbers in the same proportion, in roster order."""
    weights = [member.person.weight.as_integer_ratio() for member in members]
    common = lcm(*(denominator for _, denominator in weights))
    return [
        (member.key, numerator * (common // denominator))
        for member, (numerator, denominator) in zip(members, weights, strict=True)
    ]
