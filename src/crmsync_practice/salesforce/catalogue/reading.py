"""Reads the tables: an object on a line of its own, its fields indented below it.

Object: `Name prefix Plural traits`. Traits: `d` has IsDeleted, `s` all five system fields, `c` CreatedDate and
CreatedById only, `m` SystemModstamp only, `o` an owner who is a user, `O` an owner who is a user or a queue, `w` can
be written through the API.

Field: `Name type flags | picklist`. Types: those of describe, with a length (`string(40)`), digits (`currency(18,2)`)
or targets (`ref(Account.Cases,Contact)`: the name behind a dot is that of the parent's relationship to these
children). Flags: `!` never null, `n` the name field, `r` read-only, `f` fixed once created, `=Value` default.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crmsync_practice.salesforce.field_makers import (
    id_fields,
    make_field,
    make_object,
    read_only,
    reference,
    system_fields,
)
from crmsync_practice.salesforce.schema import Child, Field, SObject

_TYPE = re.compile(r"(\w+)(?:\(([^)]*)\))?")
FIXED = {"createable": True, "updateable": False}
READ_ONLY = {"createable": False, "updateable": False}


@dataclass
class Listed:
    """What one heading of a table says; `children` are (parent object, relationship) of the fields below it."""

    name: str
    prefix: str = ""
    plural: str = ""
    traits: str = ""
    fields: list[Field] = field(default_factory=list)
    children: list[tuple[str, Child]] = field(default_factory=list)

    def sobject(self) -> SObject:
        """The object; its own fields come between its id and the system fields."""
        writable = "w" in self.traits
        return make_object(
            self.name,
            self.prefix,
            [*self._first(), *self.fields, *self._owner(), *self._system()],
            plural=self.plural,
            writable=writable,
            deletable=writable,
            sparse=True,
        )

    def _first(self) -> list[Field]:
        both = id_fields()
        return both if "d" in self.traits else both[:1]

    def _owner(self) -> list[Field]:
        if "O" in self.traits:
            return [reference("OwnerId", "Owner", "Group", "User", nillable=False)]
        return [reference("OwnerId", "Owner", "User", nillable=False)] if "o" in self.traits else []

    def _system(self) -> list[Field]:
        every = system_fields()
        if "s" in self.traits:
            return every
        if "c" in self.traits:
            return every[:2]
        return every[4:] if "m" in self.traits else []


def read_table(text: str) -> Iterator[Listed]:
    """The headings of a table in order, each with the fields below it."""
    listed: Listed | None = None
    for line in text.strip().splitlines():
        if line.startswith(" "):
            assert listed is not None
            _read_field(line.strip(), listed)
            continue
        if listed is not None:
            yield listed
        name, *rest = line.split()
        prefix, plural, traits = rest or ("", "", "")
        listed = Listed(name, prefix, plural, traits)
    if listed is not None:
        yield listed


def _read_field(line: str, listed: Listed) -> None:
    described, _, choices = line.partition(" | ")
    name, kind_text, *flags = described.split(" ")
    kind = _TYPE.fullmatch(kind_text)
    assert kind is not None, line
    given: dict[str, Any] = {}
    for flag in flags:
        given |= _flag(flag)
    if choices:
        given["picklist"] = tuple(each.strip() for each in choices.split(";"))
    what, inside = kind.groups()
    if what == "ref":
        listed.fields.append(_reference(name, inside, listed, given))
        return
    if inside:
        sizes = [int(each) for each in inside.split(",")]
        given |= {"precision": sizes[0], "scale": sizes[1]} if len(sizes) == 2 else {"length": sizes[0]}
    listed.fields.append(make_field(name, what, **given))


def _flag(flag: str) -> dict[str, Any]:
    if flag.startswith("="):
        return {"default": {"true": True, "false": False}.get(flag[1:], flag[1:])}
    found: dict[str, Any] = {}
    for letter in flag:
        found |= {"!": {"nillable": False}, "n": {"name_field": True}, "r": READ_ONLY, "f": FIXED}[letter]
    return found


def _reference(name: str, inside: str | None, listed: Listed, given: dict[str, Any]) -> Field:
    targets = []
    for each in (inside or "").split(","):
        target, _, children = each.partition(".")
        targets.append(target)
        if children:
            listed.children.append((target, Child(children, listed.name, name)))
    return reference(name, name.removesuffix("Id"), *targets, **given)


def calculated(name: str, kind: str, expression: str, **given: Any) -> Field:
    """A read-only field that follows from the row: SQL over the row's alias `{t}`."""
    return read_only(name, kind, expression=expression, **given)
