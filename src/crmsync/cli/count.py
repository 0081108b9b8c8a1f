"""Whole numbers on the command line."""

from __future__ import annotations

from typing import Any

import click

_MOST = 2**63 - 1
"""What a store's columns hold."""


class Count(click.IntRange):
    """A whole number that is `least` or more, and small enough to be looked for in a store."""

    def __init__(self, least: int) -> None:
        super().__init__(min=least)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Refuses what nothing can be as many as."""
        number: int = super().convert(value, param, ctx)
        if number > _MOST:
            self.fail(f"{value} is too large", param, ctx)
        return number
