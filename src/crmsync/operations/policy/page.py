"""A page to read as a value: sections with paragraphs, points and tables."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from crmsync.qualify.telling.describe import ConditionLine
from crmsync.tongue import ENGLISH, Tongue, to_say

SIGNED_BY = (to_say("Marketing"), to_say("Sales"))


class Paragraph(Struct, frozen=True):
    """Running text."""

    text: str

    def to_json(self) -> dict[str, Any]:
        """With its kind."""
        return {"paragraph": self.text}


class Points(Struct, frozen=True):
    """A list of points, each perhaps with points below it."""

    points: tuple[ConditionLine, ...]

    def to_json(self) -> dict[str, Any]:
        """With its kind."""
        return {"points": [point.to_json() for point in self.points]}


class Table(Struct, frozen=True):
    """Rows of texts under a head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """With its kind."""
        return {"table": {"head": list(self.head), "rows": [list(row) for row in self.rows]}}


Block = Paragraph | Points | Table


class Section(Struct, frozen=True):
    """A titled piece of the page. `term`: the named criterion it explains, to which points refer."""

    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Section, ...] = ()
    term: str | None = None

    def to_json(self) -> dict[str, Any]:
        """`term` and `parts` only where there are any."""
        told: dict[str, Any] = {"title": self.title, "blocks": [block.to_json() for block in self.blocks]}
        told |= {"term": self.term} if self.term else {}
        return told | ({"parts": [part.to_json() for part in self.parts]} if self.parts else {})


class ReadablePage(Struct, frozen=True):
    """The whole page. `digest` tells one wording of the policy from another, so that a signature stays with it.

    `tongue`: the language of all its texts.
    """

    title: str
    digest: str
    sections: tuple[Section, ...]
    tongue: Tongue = ENGLISH

    @property
    def signed_by(self) -> tuple[str, ...]:
        """Who signs it."""
        return tuple(map(self.tongue.say, SIGNED_BY))

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {
            "format": 1,
            "title": self.title,
            "digest": self.digest,
            "sections": [section.to_json() for section in self.sections],
            "signed_by": list(self.signed_by),
        }
