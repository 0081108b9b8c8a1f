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
