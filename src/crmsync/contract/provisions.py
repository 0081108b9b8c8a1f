"""What a CRM is to have so that it can be worked with, and what became of making it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from crmsync.contract.fields import Choice, FieldKind


class FieldProvision(Struct, frozen=True):
    """A field to make. `characters`: the most a text has to take; `digits`: of a whole number. `about`: for people.

    `choices`: of a `choice`, in order. A `reference` holds users.
    """

    object: str
    name: str
    label: str
    kind: FieldKind
    about: str = ""
    characters: int | None = None
    digits: int | None = None
    choices: tuple[Choice, ...] = ()


class ValuesProvision(Struct, frozen=True):
    """Values that a choice field is to offer besides those it has."""

    object: str
    field: str
    choices: tuple[Choice, ...]


class AccessProvision(Struct, frozen=True):
    """What the signed-in user has to be allowed, and nothing else. Each: object → fields; none = the object itself.

    `reads`: what is read; `edits`: fields of records that are written; `makes`: fields of records that are made.
    """

    name: str
    reads: Mapping[str, tuple[str, ...]]
    edits: Mapping[str, tuple[str, ...]]
    makes: Mapping[str, tuple[str, ...]]


class ListProvision(Struct, frozen=True):
    """A list of records for people: those whose `field` holds one of the values. `columns`: fields to show."""

    object: str
    label: str
    field: str
    values: tuple[str, ...]
    columns: tuple[str, ...] = ()


Provision = FieldProvision | ValuesProvision | AccessProvision | ListProvision
"""Something that a CRM is to have so that it can be worked with."""


class Provided(Struct, frozen=True):
    """How a provision stands in the CRM, or what became of it.

    `there`: it is there. `missing`: it can be made. `by_hand`: a person has to, and `words` say how. `made`: it was
    made. `refused`: the CRM said no, in its own words. `uncertain`: the answer was lost. `words` of one that is there
    say in what it differs, if anything.
    """

    state: Literal["there", "missing", "by_hand", "made", "refused", "uncertain"]
    words: str = ""
