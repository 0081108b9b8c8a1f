"""Fields of a CRM's objects, as it tells of them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Choice(Struct, frozen=True):
    """One value of a choice field."""

    value: str
    label: str
    active: bool = True


FieldKind = Literal[
    "text", "choice", "choices", "number", "money", "boolean", "date", "datetime", "reference", "unknown"
]
"""What a field holds, in words for every CRM. `choices`: several at once. `reference`: another record's id."""


class NativeField(Struct, frozen=True):
    """A field of a CRM object as the signed-in user sees it.

    `type` is the CRM's own word, `kind` the same in the words of all CRMs (`unknown`: the connector does not say).
    `choices`, in the CRM's order, is empty for a field without a fixed list; `open_choices` says that the CRM accepts
    other values than the listed ones. `writable` is false for calculated and read-only fields. `calculated`: the CRM
    works it out (a formula, a rollup), so that it may change without any stamp of the record. `max_length`: the most
    characters it takes; null = not told. `max_digits`: of a number, the most digits before the decimal point; null =
    not told. `clearable` is false for a field that always holds something. `currency_field`: of an amount, the field
    of the same object that says in which currency it is; null = all are in one. `masked`: encrypted, so that a user
    without a permission of its own reads stars in place of what it holds.
    """

    name: str
    label: str
    type: str
    writable: bool
    choices: tuple[Choice, ...] = ()
    open_choices: bool = False
    kind: FieldKind = "unknown"
    calculated: bool = False
    max_length: int | None = None
    currency_field: str | None = None
    clearable: bool = True
    max_digits: int | None = None
    masked: bool = False


class Parent(Struct, frozen=True):
    """Where a relationship of an object's records leads: to one record of one of these objects, or to none.

    No object: the connector cannot say which. `followed`: records whose parent alone has changed come again with what
    changed since a cursor; else a new value of the parent is seen by the next reading of everything.
    """

    objects: tuple[str, ...]
    followed: bool = False
