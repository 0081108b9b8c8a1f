"""What is asked before the first write, by whoever can ask somebody."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from crmsync.model import Plan


class ApprovalQuestion(Struct, frozen=True):
    """A plan with something to write, and no guard against it.

    `user_names`: native id → name, for people's eyes. `first_time`: nothing was ever written to this connection.
    `calls`: that writing it may take.
    """

    plan: Plan
    user_names: Mapping[str, str]
    first_time: bool
    calls: int


Approve = Callable[[ApprovalQuestion], bool]
"""Whether it may be written."""


def nobody_asked(_: ApprovalQuestion) -> bool:
    """Yes: who called the program has said so."""
    return True
