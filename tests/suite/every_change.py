"""A change of which no field holds its default, and the same with each field another: nothing of it may be lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from crmsync.model import Between, Change, HandOffStep, NewRecord, RecordChange, Routing
from crmsync.values import field_names, replace

BETWEEN = Between("between aes, partners", 6, 7, (("aes", 7), ("partners", 3)))
FULL = Change(
    lead="1",
    stage_before="mql",
    stage_after="sql",
    owner_before="bob",
    owner_after="anna",
    writes={"Status": ("Working", "Qualified"), "OwnerId": ("bob", "anna"), "Answer": ("x", None)},
    scores={"fit": (1_000, 2_000)},
    reasons=("because", "and so"),
    turn="receivers",
    beside={"Stage__c": None, "Other__c": "as read"},
    routing=Routing(
        "their turn", "receivers", 3, 4, (("ben", "away"), ("cleo", "full")), (("anna", 2),), BETWEEN, "to_ae"
    ),
    hand_off=HandOffStep("passed_on", 2, "bob", "no time", "Answer", "to_ae"),
    creates=(NewRecord("Task", {"Subject": "Call", "OwnerId": "anna"}, ("Subject",)),),
    fields=("Why__c",),
    records=(RecordChange("Task", "00T1", {"Status": ("Not Started", "Completed")}),),
)
"""No field of it, and none of its parts, holds its default."""


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, str):
        return f"another {value}"
    if isinstance(value, int | float):
        return value + 7
    if isinstance(value, tuple) and value and isinstance(value[0], Struct):
        return (*value, value[0])
    if isinstance(value, tuple):
        return tuple(other(part) for part in value)
    if isinstance(value, dict):
        return {f"more {name}": other(part) for name, part in value.items()}
    return value


def variants(value: Any) -> Iterator[tuple[str, Any]]:
    """Name → the value with exactly this field changed, fields of its parts included."""
    for name in field_names(value):
        held = getattr(value, name)
        if isinstance(held, Struct):
            for part_name, part in variants(held):
                yield f"{name}.{part_name}", replace(value, **{name: part})
        elif isinstance(held, tuple) and held and isinstance(held[0], Struct):
            for part_name, part in variants(held[0]):
                yield f"{name}.{part_name}", replace(value, **{name: (part,)})
            yield name, replace(value, **{name: other(held)})
        elif name == "move":
            yield name, replace(value, move="returned")
        else:
            yield name, replace(value, **{name: other(held)})


VARIANTS = dict(variants(FULL))
