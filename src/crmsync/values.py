"""Values: copied with a change, and told as plain data.

Most are made by `msgspec.Struct`, which costs a start thirty times less than `dataclass`; those with a field that is
not compared or not shown are dataclasses. What is done with a value is the same for both.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec import Struct, structs

if TYPE_CHECKING:
    from dataclasses import replace  # which mypy knows: it holds every keyword against the fields of either kind
else:

    def replace(value: Struct, /, **changes: object) -> Struct:
        """The value with other fields."""
        if isinstance(value, Struct):
            return structs.replace(value, **changes)
        return dataclasses.replace(value, **changes)


Value = TypeVar("Value")


class Itself(Generic[Value]):
    """A value as a key that is equal to itself only, for what is made once of this very value and kept.

    What merely says the same is another key. It holds the value, so that no other gets its id.
    """

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def asdict(value: object) -> dict[str, Any]:
    """The value's fields by name, and those of values in it; what stands in tuples, lists and dicts, too."""
    return {name: _plain(getattr(value, name)) for name in field_names(value)}


def field_names(value: object) -> tuple[str, ...]:
    """The names of its fields, of a class as well as of a value."""
    names: tuple[str, ...] | None = getattr(value, "__struct_fields__", None)
    if names is not None:
        return names
    return tuple(field.name for field in dataclasses.fields(value))  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    if isinstance(value, Struct) or dataclasses.is_dataclass(value):
        return asdict(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value


__all__ = ["Itself", "asdict", "field_names", "replace"]
