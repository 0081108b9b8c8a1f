"""`tidy`, `store copy`, `forget`: what becomes of the store itself."""

from __future__ import annotations

from pydantic import Field

from crmsync.showing.answers.shape import Format, Shape


class TidiedConnection(Shape):
    """What went, or would go, of one connection."""

    connection: str
    """Its name in crmsync.yaml."""
    entries: int
    """Entries of the journal that lose their detail."""
    dry_runs: int
    """Dry runs."""
    runs: int
    """Runs that nothing hangs on."""
    holds: int
    """Holds that are over."""
    overruled: int
    """Overrulings that count no more."""


class Tidied(Shape):
    """What the store let go of."""

    format: Format
    dry_run: bool
    """Whether nothing was to go."""
    connections: list[TidiedConnection]
    """One for each connection."""
    deeds: int
    """Lines of the console's log."""


class CopiedTable(Shape):
    """One table of a store."""

    table: str
    """Its name."""
    rows: int
    """How many rows were copied, all of which are there."""


class CopiedStore(Shape):
    """A store in another database."""

    format: Format
    from_: str = Field(alias="from")
    """The store that was copied: a file, or an address without its password."""
    to: str
    """Where the copy is, likewise."""
    tables: list[CopiedTable]
    """All that the store has."""


class Erasure(Shape):
    """How much was erased."""

    leads: int
    """Leads."""
    activities: int
    """Activities."""
    stage_moves: int
    """Changes of stage."""
    hand_offs: int
    """Hand-offs."""
    entries: int
    """Entries of the journal, emptied but for lead, owner and turn."""
    unread: int
    """Values that could not be read."""
    holds: int
    """Holds, with their reasons."""
    out_of_scope: int
    """1 where the lead had left the mapping's `when` and was remembered for the day it comes back."""
    set_aside: int
    """How often runs and stored plans told that they set the lead aside."""
    planned: int
    """Changes of the lead in stored plans."""
    marks: int
    """What else was kept under its id: values that others put in the place of crmsync's, credits for turns, records
    made beside it, changes that the CRM told."""


class Forgotten(Shape):
    """A person who was erased from the store."""

    format: Format
    connection: str
    """Its name in crmsync.yaml."""
    lead: str
    """The CRM's id of the lead."""
    erased: Erasure
    """How much was erased."""
