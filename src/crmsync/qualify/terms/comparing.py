"""What facts are compared with: values, lists, numbers and other facts; and how."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Field, Tag

from crmsync.model import FactType
from crmsync.qualify.terms.shape import Name, Number, PolicyPart, Value, shown


def _list_or_name(values: object) -> object:
    if not isinstance(values, (str, list, tuple)) or not values:
        raise ValueError(f"a list of values or the name of one of `lists` belongs here, not {shown(values)}")
    return values


def _written_how(values: object) -> str:
    return "<name>" if isinstance(values, str) else "<values>"


Written = Annotated[tuple[Value, ...], Field(min_length=1, max_length=10_000)]
Values = Annotated[
    Annotated[Annotated[Written, Tag("<values>")] | Annotated[Name, Tag("<name>")], Discriminator(_written_how)],
    BeforeValidator(_list_or_name),
]
NUMERIC: tuple[FactType, ...] = ("integer", "number", "money")


class OtherFact(PolicyPart):
    """What another fact of the lead holds."""

    fact: Name


def _bound_how(value: object) -> str:
    return "<fact>" if isinstance(value, (dict, OtherFact)) else "<number>"


Bound = Annotated[Annotated[Number, Tag("<number>")] | Annotated[OtherFact, Tag("<fact>")], Discriminator(_bound_how)]
"""A number, or the fact that holds one."""


def suits(value: object, kind: FactType) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in NUMERIC:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, str) and kind in ("text", "choice")
