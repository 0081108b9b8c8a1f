"""`fields`: an object's fields, and what stands in them."""

from __future__ import annotations

from crmsync.contract import FieldKind
from crmsync.showing.answers.shape import Format, Shape


class ValueCount(Shape):
    """A value, and how often it occurs."""

    value: str
    """As the CRM holds it."""
    count: int
    """Records that hold it."""


class Choice(Shape):
    """One value of a field with a list of values."""

    value: str
    """As the CRM stores it."""
    label: str
    """As people see it."""
    count: int | None
    """Records of the sample that hold it; null = they could not be read."""


class FieldLine(Shape):
    """One field of the CRM."""

    object: str
    """The CRM's object."""
    name: str
    """As mappings name it."""
    label: str
    """As people see it."""
    type: str
    """In the CRM's word."""
    kind: FieldKind
    """In the word for all CRMs."""
    writable: bool
    """Whether this sign-in may write it."""
    choices: list[Choice]
    """The list of values, where it has one."""
    filled: float | None
    """The share of the sample that holds something, 0…1; null = it could not be read."""
    values: list[ValueCount]
    """The most frequent values, personal data masked."""
    mapped_to: str | None
    """The parts of the mapping that name it; null = none."""


class Sample(Shape):
    """The records that were looked at."""

    records: int
    """How many."""
    complete: bool
    """Whether that is all of them."""


class Fields(Shape):
    """An object's fields, and what stands in them."""

    format: Format
    connection: str
    """Its name in crmsync.yaml."""
    object: str
    """The CRM's object."""
    sample: Sample
    """The records that were looked at."""
    fields: list[FieldLine]
    """The fields that were found."""
    parents: list[str]
    """Relationships of the object whose fields are listed by themselves."""
    notes: list[str]
    """What could not be read."""
