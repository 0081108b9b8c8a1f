"""`policy describe`, `policy presets`: policies for eyes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from crmsync.showing.answers.shape import Format, Shape, left_out


class PointLine(Shape):
    """One point of a list."""

    text: str
    """The point."""
    term: str = left_out()
    """The named criterion that it refers to."""
    parts: list[PointLine] = left_out()
    """Points below it."""


class ParagraphBlock(Shape):
    """Running text."""

    paragraph: str
    """The text."""


class PointsBlock(Shape):
    """A list of points."""

    points: list[PointLine]
    """The points."""


class TableRows(Shape):
    """Rows under a head."""

    head: list[str]
    """The head."""
    rows: list[list[str]]
    """The rows."""


class TableBlock(Shape):
    """A table."""

    table: TableRows
    """Its rows."""


Block = Annotated[ParagraphBlock | PointsBlock | TableBlock, Field(description="A paragraph, a list or a table.")]


class Section(Shape):
    """A titled piece."""

    title: str
    """Its title."""
    blocks: list[Block]
    """What stands in it."""
    term: str = left_out()
    """The named criterion that it explains."""
    parts: list[Section] = left_out()
    """Pieces below it."""


class Described(Shape):
    """A policy in plain language, to agree on and to sign."""

    format: Format
    title: str
    """Its title."""
    digest: str
    """Tells one wording from another, so that a signature stays with its own."""
    sections: list[Section]
    """What stands on the page."""
    signed_by: list[str]
    """Who is to sign."""


class PresetLine(Shape):
    """A shipped policy."""

    name: str
    """What to extend."""
    extends: str | None
    """The preset that it extends itself."""
    ladder: list[str]
    """Its stages in words, from the bottom."""
    hand_off: str | None
    """The stage at which leads are handed off."""
    sales_confirmation: str | None
    """What sales has to confirm."""


class Presets(Shape):
    """The shipped policies."""

    format: Format
    presets: list[PresetLine]
    """Every one of them."""


class PoolOfRule(Shape):
    """A pool to which a rule gives leads."""

    pool: str
    """Its name."""
    part: int | None
    """Its part of the leads; null = they are not shared by ratio."""


class RoutingRule(Shape):
    """One rule, as the roster says it."""

    number: int
    """From 1, in the order in which rules are tried."""
    when: list[str]
    """Criteria that must be met; empty = always."""
    strategy: str
    """How it chooses."""
    then: str | None
    """How it chooses among those whom the strategy leaves; null = the strategy chooses itself."""
    pools: list[PoolOfRule]
    """Whose people it gives leads to."""
    queue: str | None
    """The queue it gives leads to."""
    same: list[str]
    """Facts in which what an owner has must be like the lead."""
    within_days: int | None
    """So new must be what an owner has; null = however old."""
    overflow: bool
    """Whether the next rule may take over."""


class RulesOfKind(Shape):
    """The rules for one kind of leads."""

    kind: str
    """A hand-over's name, `hand_off` for the only one, or `new_lead`."""
    rules: list[RoutingRule]
    """In their order; empty = these leads stay as they are."""


class PoolPeople(Shape):
    """A pool that a rule names."""

    pool: str
    """Its name."""
    people: list[str]
    """Keys of its people, as far as the file names them."""


class Routing(Shape):
    """By which rules leads get their owner."""

    format: Format
    roster: str
    """The file."""
    kinds: list[RulesOfKind]
    """Hand-overs, then new leads."""
    pools: list[PoolPeople]
    """Those that rules name."""
    otherwise: str | None
    """The queue for leads that no rule could place, or `nobody`; null = they are reported."""
    people_from_crm: bool
    """Whether a CRM names further people."""
