"""What a hand-off under way asks of routing for one lead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from msgspec import Struct, field

from crmsync.model import THE_HAND_OFF


class Order(Struct, frozen=True):
    """`waits`: the lead is not handed off now. `moves`: it gets another owner though its owner is a receiver.

    `to`: the native user it goes to, outside any rotation, as long as that person is still there. `not_to`: native
    users who do not get it, and why, as messages. `words`: the reason as a message with its `values`, without
    personal data. `hand_over`: the name of the hand-over that is under way. `pool`: of the roster, whose people get
    it and nobody else; `queue` (native id): where it goes instead of to anybody.
    """

    words: str
    waits: bool = False
    moves: bool = False
    to: str | None = None
    not_to: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, float | str] = field(default_factory=dict)
    hand_over: str = THE_HAND_OFF
    pool: str | None = None
    queue: str | None = None


class Credit(Struct, frozen=True):
    """Something that may count in a rotation though no turn was taken for it now. `owner`: native user.

    `given`: a person gave a lead to the owner, on this `day` in the org's zone (null = today). `returned`: the owner
    gave back a lead that was a turn in `pool`; `kept`: that was undone, so it is one again.
    """

    cause: Literal["given", "returned", "kept"]
    owner: str
    pool: str | None = None
    day: date | None = None
