"""A value as a key that is equal to itself only: for what is made once of this very value and kept."""

from __future__ import annotations

from typing import Generic, TypeVar

Value = TypeVar("Value")


class Itself(Generic[Value]):
    """What merely says the same is another key. Holds the value, so that no other gets its id."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)
