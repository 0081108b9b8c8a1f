"""Finding the one bad input that makes HubSpot refuse a whole batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from crmsync_hubspot.errors import HubSpotRefused

Input = TypeVar("Input")
Result = TypeVar("Result")


def in_halves(
    inputs: Sequence[Input], send: Callable[[Sequence[Input]], Result]
) -> Iterator[tuple[Sequence[Input], Result | HubSpotRefused]]:
    """Send the inputs together, and in halves when HubSpot refuses them together.

    Gives each part with its result, or a single input with its refusal. With one bad input in n, about 2·log2(n)
    calls are made.
    """
    try:
        yield inputs, send(inputs)
    except HubSpotRefused as refused:
        if len(inputs) == 1:
            yield inputs, refused
            return
        middle = len(inputs) // 2
        yield from in_halves(inputs[:middle], send)
        yield from in_halves(inputs[middle:], send)
