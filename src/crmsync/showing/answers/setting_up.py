"""`init`, `provision`, `docs`, `fmt`: what is made, what is lacking, and where it is told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from crmsync.operations.init.files_written import State as FileState
from crmsync.operations.provision.provisioning import State as ProvisionState
from crmsync.showing.answers.shape import Finding, Format, Shape, left_out


class FileLine(Shape):
    """A file of the configuration."""

    path: str
    """Relative to the configuration's folder."""
    state: FileState
    """What was done with it."""
    diff: str | None
    """What `init` would change in a file that was kept, or what it added to one; null = nothing."""


class FactLine(Shape):
    """A fact, and the field that was taken for it."""

    fact: str
    """Its name."""
    field: str | None
    """The native field; null = it stays unmapped."""
    confidence: float | None
    """How sure the suggestion was, 0…1; null = there was none."""
    filled: float | None
    """The share of the sample in which the field holds something, 0…1."""


class NativeStage(Shape):
    """A stage with all that a mapping says of it."""

    label: str = left_out()
    """As people see it in the CRM."""
    set: dict[str, str | None] = left_out()
    """Further native fields that belong to it → their values."""
    leaving: dict[str, str | None] = left_out()
    """What these fields get when the stage is left."""
    value: str | None = left_out()
    """The native value."""


class SetUpPerson(Shape):
    """A user of the CRM in the roster."""

    user: str
    """The CRM's id."""
    roles: list[str]
    """The roles in the roster."""


MappedStage = Annotated[
    str | list[str] | NativeStage | None, Field(description="One native value, several, or more of it.")
]


class SetUp(Shape):
    """What `init` took, wrote and left open."""

    format: Format
    connection: str
    """Its name in crmsync.yaml."""
    exit_code: int
    """0; 4 = something stayed open: see `gaps`."""
    files: list[FileLine]
    """The files of the configuration."""
    facts: list[FactLine]
    """Every fact that the policy asks for."""
    stages: dict[str, MappedStage]
    """Stage → its native value, as in a mapping."""
    people: list[SetUpPerson]
    """The roster."""
    gaps: list[str]
    """What stayed open, in sentences."""
    notes: list[str]
    """What a reader should know."""
    findings: list[Finding]
    """What `crmsync check` says of the files."""
    next: list[str]
    """The commands to type next."""


class ProvisionLine(Shape):
    """One thing that the CRM is to have."""

    kind: str
    """What it is: a field, values of one, access, a list."""
    object: str | None
    """The CRM's object; null = it belongs to none."""
    name: str
    """Its name in the CRM."""
    label: str | None
    """As people see it."""
    type: str | None
    """A field's kind of value."""
    values: list[str]
    """Values of a list of choices; those that are added."""
    state: ProvisionState
    """How it stands, or what became of it."""
    words: str
    """What is to be known of it."""


class Provisioned(Shape):
    """What the CRM needs to be a good host, and how it stands."""

    format: Format
    connection: str
    """Its name in crmsync.yaml."""
    org: str
    """Whose account it is."""
    dry_run: bool
    """Whether nothing was to be made."""
    provisions: list[ProvisionLine]
    """Everything that it is to have."""
    files: list[str]
    """Files that were written instead of making it."""


class Page(Shape):
    """A page of the documentation."""

    topic: str
    """What `crmsync docs` knows it by."""
    kind: Literal["tutorial", "how to", "reference", "explanation"]
    """What kind of page it is."""
    title: str
    """Its title."""
    text: str = left_out()
    """The page itself, in Markdown; where a topic was named."""


class Pages(Shape):
    """The documentation of this version: a page that was asked for, or the list of them."""

    format: Format
    pages: list[Page]
    """The pages."""


class FormattedLine(Shape):
    """A file of the configuration."""

    path: str
    """As it was named, or as crmsync.yaml names it."""
    state: Literal["in_order", "not_in_order", "put_in_order"]
    """How it stands; with `--check` nothing is put in order."""
    diff: str | None
    """What putting it in order changes; null = nothing."""


class Formatted(Shape):
    """Which files are in order."""

    format: Format
    check: bool
    """Whether nothing was to be written."""
    files: list[FormattedLine]
    """Every file that was looked at."""
