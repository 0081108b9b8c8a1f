"""Clocks of a hand-over: where each starts, whose hours it counts, what stops it, where a timeout sends the lead."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from crmsync.qualify.terms.shape import Name, PolicyPart, Words, shown

Hours = Annotated[float, Field(strict=True, gt=0, le=1000, allow_inf_nan=False)]
WorkingDays = Annotated[int, Field(strict=True, ge=1, le=250)]


class Target(PolicyPart):
    """A pool of the roster, or a queue of the CRM (its name or id, or one for each connection)."""

    pool: Words | None = None
    queue: Annotated[Words | dict[Name, Words], Field(union_mode="left_to_right")] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Target":
        if (self.pool is None) == (self.queue is None):
            raise ValueError("one place belongs here\n→ write `{pool: NAME}` or `{queue: NAME}`")
        return self


def _place(value: Any) -> Any:
    if value == "next" or isinstance(value, (dict, Target)):
        return value
    raise ValueError(f"{shown(value)} is no place for a lead\n→ write `next`, `{{pool: NAME}}` or `{{queue: NAME}}`")


def _kind_of_target(value: Any) -> str:
    return "<place>" if isinstance(value, (dict, Target)) else "<word>"


ReassignTo = Annotated[
    Annotated[Literal["next"], Tag("<word>")] | Annotated[Target, Tag("<place>")],
    Discriminator(_kind_of_target),
    BeforeValidator(_place),
]
"""The next receiver by the roster's rules, or a place of its own."""


def is_next(target: ReassignTo) -> bool:
    """A policy that names no place of its own is the same as one from before there were any, also by its digest."""
    return target == "next"


def no_clocks(clocks: "tuple[NamedClock, ...]") -> bool:
    """The same of one without clocks."""
    return not clocks


class NamedClock(PolicyPart):
    """One clock of a hand-over, with a line of its own in reports.

    `starts`: when the lead was `created`, when it was `assigned` to the receiver, or when it came to the `stage` at
    which it was handed over. `within_hours`: hours at work; `within_days`: until the end of work on so many working
    days after the day of the start. `zone`: whose hours, the `receiver`'s or those where the `lead` is (the
    roster's `lead_hours`).
    `until`: what stops it, that the receiver has `touched` the lead (or accepted it) or `accepted` it.
    `reassign_to`: where the lead goes when the time is over; without it the clock only tells who is late.
    """

    name: Name
    label: Words | None = None
    starts: Literal["created", "assigned", "stage"] = "assigned"
    within_hours: Hours | None = None
    within_days: WorkingDays | None = None
    zone: Literal["receiver", "lead"] = "receiver"
    until: Literal["touched", "accepted"] = "touched"
    reassign_to: ReassignTo | None = None

    @model_validator(mode="after")
    def _says_how_long(self) -> "NamedClock":
        if (self.within_hours is None) == (self.within_days is None):
            raise ValueError("a clock has one time\n→ write `within_hours` or `within_days`")
        return self

    @model_validator(mode="after")
    def _gives_the_next_one_time(self) -> "NamedClock":
        if self.reassign_to is not None and self.starts != "assigned":
            raise ValueError(
                f"a clock that runs since `{self.starts}` is over for the next one, too, who would lose the lead at "
                "once\n→ write `starts: assigned`, or leave `reassign_to` out"
            )
        return self

    @property
    def called(self) -> str:
        """Its label, else its name, as people read it."""
        return self.label or self.name.replace("_", " ")


Clocks = Annotated[tuple[NamedClock, ...], Field(max_length=10)]
