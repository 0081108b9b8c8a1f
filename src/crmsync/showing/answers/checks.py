"""`check`: whether the configuration is right, and what the mapping makes of the records."""

from __future__ import annotations

from crmsync.showing.answers.fields import ValueCount
from crmsync.showing.answers.shape import Finding, Format, Shape, left_out


class Point(Shape):
    """One thing that was looked at."""

    what: str
    """What it was."""
    right: bool
    """Whether it is right."""
    found: str
    """What was found, in words."""


class ReadObject(Shape):
    """Records that were looked at."""

    object: str
    """The CRM's object."""
    records: int
    """How many."""
    complete: bool
    """Whether that is all of them."""


class FactData(Shape):
    """What the records hold of one fact. Shares are of the leads that were read, 0…1."""

    fact: str
    """Its name."""
    field: str
    """The native field."""
    filled: float
    """The share in which the field holds something."""
    converted: float
    """The share in which the mapping makes a value of it."""
    unconverted: list[ValueCount]
    """Values that the mapping does not understand."""
    unused: list[str]
    """Values that the mapping names and no record holds."""


class StageData(Shape):
    """A stage of the mapping."""

    stage: str
    """Its name in the policy."""
    native: str | None
    """The native value; null = empty."""
    leads: int
    """Leads that hold it."""


class ActivityData(Shape):
    """Activities that the mapping reads alike."""

    object: str
    """The CRM's object."""
    kind: str | None
    """In crmsync's words."""
    outcome: str | None
    """In crmsync's words; null = none, or not known."""
    count: int
    """How many."""


class Unnamed(Shape):
    """A native value of activities that no rule of the mapping names."""

    object: str
    """The CRM's object."""
    field: str
    """The native field."""
    value: str
    """Its value."""
    count: int
    """Activities that hold it."""
    part: str
    """What of the activity the field tells."""


class CheckedConnection(Shape):
    """One connection. What records hold is there with `--data`."""

    connection: str
    """Its name in crmsync.yaml."""
    exit_code: int
    """0; 1 = the CRM could not be reached or refused; 2 = something is to be mended."""
    points: list[Point]
    """What was looked at."""
    read: list[ReadObject] = left_out()
    """How many records of which object were looked at."""
    facts: list[FactData] = left_out()
    """Every mapped fact."""
    stages: list[StageData] = left_out()
    """Every mapped stage."""
    unmanaged: list[ValueCount] = left_out()
    """Native stages that the mapping does not name."""
    activities: list[ActivityData] = left_out()
    """Activities by kind and outcome."""
    unnamed: list[Unnamed] = left_out()
    """Values of activities that no rule names."""


class Check(Shape):
    """Whether the configuration is right, and what the mapping makes of the records."""

    format: Format
    connections: list[CheckedConnection]
    """Each connection that could be opened."""
    findings: list[Finding]
    """What is wrong in the files, and what is worth a look."""
