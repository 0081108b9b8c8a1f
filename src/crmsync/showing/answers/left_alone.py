"""`hold`, `holds`: leads that are left alone."""

from __future__ import annotations

from crmsync.run.left_alone import Cause
from crmsync.showing.answers.shape import Day, Format, Instant, Shape, left_out


class Kept(Shape):
    """A lead that is left alone."""

    connection: str
    """Its name in crmsync.yaml."""
    lead: str
    """The CRM's id of the lead."""
    cause: Cause
    """Held by a person, pinned by a field, stopped after being overruled, or undone."""
    until: Day | None
    """The last such day; null = until somebody says otherwise."""
    why: str
    """In words."""
    by: str | None
    """Who held it, as the machine knows them."""
    made_at: Instant | None
    """When it was held."""
    url: str | None
    """The address of the lead's page in the CRM; null = it has none."""


class Holds(Shape):
    """The leads that are left alone."""

    format: Format
    holds: list[Kept]
    """Every one of them."""


class Released(Shape):
    """A lead that crmsync may change again."""

    connection: str
    """Its name in crmsync.yaml."""
    lead: str
    """The CRM's id of the lead."""
    holds: int
    """Holds that ended."""
    overruled: int
    """Overrulings that count no more."""
    undone: bool
    """Whether it was left alone since what a run wrote was taken back."""


class Hold(Shape):
    """A lead that is left alone from now on; with `--release`, one that no longer is."""

    format: Format
    holds: list[Kept] = left_out()
    """Where it is held; without `--release`."""
    released: list[Released] = left_out()
    """Where it is released; with `--release`."""
