"""Whether records tell every field that they were asked for.

Salesforce tells an empty field as null, and nothing behind a lookup that leads nowhere. A field that is missing was
lost on the way: it is not empty. Source: REST API Developer Guide, "Query".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crmsync.sdk import STILL_THERE
from crmsync_salesforce.replies import Record

TORN = f"{STILL_THERE}and Salesforce's answer did not tell all of its fields; the next run looks again"


@dataclass(frozen=True, slots=True)
class AskedFields:
    """The fields of a query: the object's own as Salesforce spells them, those behind lookups step by step in lower
    case.
    """

    own: frozenset[str]
    behind: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, names: Iterable[str]) -> AskedFields:
        """These names."""
        asked = dict.fromkeys(names)
        return cls(
            frozenset(name for name in asked if "." not in name),
            tuple(tuple(name.lower().split(".")) for name in asked if "." in name),
        )

    @classmethod
    def in_query(cls, soql: str) -> AskedFields:
        """Those of a query."""
        return cls.of(soql.removeprefix("SELECT ").partition(" FROM ")[0].split(", "))

    def told_by(self, record: Record) -> bool:
        """Whether the record tells all of them."""
        return record.keys() >= self.own and all(_reached(record, steps) for steps in self.behind)

    def lacking(self, records: Sequence[Record]) -> list[Record]:
        """Those of the records that do not."""
        return [record for record in records if not self.told_by(record)]


def _reached(value: Any, steps: Sequence[str]) -> bool:
    """Whether the way leads to a value, or ends at a lookup that leads nowhere."""
    for step in steps:
        if value is None:
            return True
        if not isinstance(value, dict):
            return False
        parts = {name.lower(): part for name, part in value.items()}
        if step not in parts:
            return False
        value = parts[step]
    return True
