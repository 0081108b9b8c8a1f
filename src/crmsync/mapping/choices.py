"""What the policy knows as choices of a fact, held against what the mapping makes of native values. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime

from crmsync.configuration import Document, did_you_mean
from crmsync.errors import Finding
from crmsync.mapping.fact_mapping import FactMapping
from crmsync.mapping.schema import CrmMapping
from crmsync.model import FactType
from crmsync.patterns import late_pattern

_INTEGER = late_pattern(r"[+-]?\d{1,18}(\.0+)?")


def choices_known(mapping: CrmMapping, choices: Mapping[str, tuple[str, ...]]) -> CrmMapping:
    """The mapping with the policy's own `choices` (fact → values) where it gives a choice as the CRM holds it.

    So a value that the policy does not know makes the fact unknown and is counted, and letter case does not matter.
    """
    facts: dict[str, FactMapping | str] = dict(mapping.facts)
    for name, fact in mapping.mapped_facts.items():
        if name in choices and fact.values is None and fact.type in ("choice", "text"):
            facts[name] = fact.model_copy(update={"values": {value: value for value in choices[name]}})
    return mapping.model_copy(update={"facts": facts})


def translation_findings(
    mapping: CrmMapping, choices: Mapping[str, tuple[str, ...]], document: Document
) -> Iterator[Finding]:
    """Native values that are translated to a word the policy does not know of this fact."""
    for name, fact in mapping.mapped_facts.items():
        known = choices.get(name)
        for native, value in (fact.values or {}).items() if known else ():
            if known and value is not None and value not in known:
                yield document.finding(
                    value_place(document, name, native),
                    f"the policy knows no `{value}` of `{name}`, which “{native}” is translated to",
                    did_you_mean(value, known) or f"write one of the policy's: {', '.join(known)}",
                )


def untyped_findings(mapping: CrmMapping, document: Document) -> Iterator[Finding]:
    """Native values that are translated to what the fact's own type cannot hold."""
    for name, fact in mapping.mapped_facts.items():
        for native, value in (fact.values or {}).items():
            if value is not None and not fits(value, fact.type):
                yield document.finding(
                    value_place(document, name, native),
                    f"`{value}` is no {_NOUNS[fact.type]}: `{name}` would be unknown for “{native}”",
                    f"write {_EXAMPLES[fact.type]}, or `null` for a value that says nothing",
                )


def value_place(document: Document, fact: str, native: str) -> tuple[str | int, ...]:
    """Where the file translates this native value; a list of values stands for itself."""
    place: tuple[str | int, ...] = ("facts", fact, "values", native)
    if place in document.values:
        return place
    for path in document.values:
        if path[:3] == place[:3] and len(path) == 4 and isinstance(path[3], int):
            listed = document.data["facts"][fact]["values"][path[3]]
            if str(listed).casefold() == native.casefold():
                return path
    return place[:3]


_NOUNS: Mapping[FactType, str] = {
    "integer": "whole number", "number": "number", "money": "amount", "boolean": "truth value", "date": "day",
    "datetime": "instant",
}  # fmt: skip
_EXAMPLES: Mapping[FactType, str] = {
    "integer": "a whole number such as 50", "number": "a number such as 12.5", "money": "an amount such as 1000",
    "boolean": "`true` or `false`", "date": "a day such as 2026-01-31",
    "datetime": "an instant such as 2026-01-31T09:30:00Z",
}  # fmt: skip


_CHECKS: Mapping[FactType, Callable[[str], object]] = {
    "integer": _INTEGER.fullmatch,
    "number": lambda value: math.isfinite(float(value)),
    "money": lambda value: math.isfinite(float(value)),
    "boolean": lambda value: value.lower() in ("true", "false"),
    "date": lambda value: date.fromisoformat(value[:10]),
    "datetime": lambda value: datetime.fromisoformat(value).tzinfo,
}


def fits(value: str, kind: FactType) -> bool:
    """Whether a fact of this type can hold the text."""
    try:
        return kind not in _CHECKS or bool(_CHECKS[kind](value))
    except ValueError:
        return False
