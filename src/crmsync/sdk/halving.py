"""Finding the one bad input that makes a CRM refuse a whole call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Input = TypeVar("Input")
Result = TypeVar("Result")
Refused = TypeVar("Refused", bound=Exception)


def _always(_: Exception) -> bool:
    return True


def in_halves(
    inputs: Sequence[Input],
    send: Callable[[Sequence[Input]], Result],
    refused: type[Refused],
    *,
    halve: Callable[[Refused], bool] = _always,
) -> Iterator[tuple[Sequence[Input], Result | Refused]]:
    """Send the inputs together, and in halves when they are refused together.

    Gives the parts in the order of the inputs, each with its result, or a single input with its refusal: an exception
    of the class `refused` for which `halve` is true. Any other exception passes through. With one bad input among n,
    about 2·log2(n) calls are made; for no inputs, none.
    """
    if not inputs:
        return
    try:
        answer: Result | Refused = send(inputs)
    except refused as refusal:
        if not halve(refusal):
            raise
        if len(inputs) > 1:
            middle = len(inputs) // 2
            yield from in_halves(inputs[:middle], send, refused, halve=halve)
            yield from in_halves(inputs[middle:], send, refused, halve=halve)
            return
        answer = refusal
    yield inputs, answer
