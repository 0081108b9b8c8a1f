"""What `check --data` counts: values only, and how they are told as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crmsync.errors import Finding

MOST_VALUES = 20
"""Different values that are told of one thing, the most frequent ones."""


@dataclass
class FactData:
    """What the records hold of one fact: counts of leads. `unused`: native values that `values` names in vain."""

    fact: str
    native: str
    filled: int = 0
    converted: int = 0
    unconverted: Counter[str] = field(default_factory=Counter)
    unused: list[str] = field(default_factory=list)


@dataclass
class DataCheck:
    """What one connection's records hold. `read`: object → records looked at; `cut`: objects with more than that."""

    leads: int = 0
    facts: list[FactData] = field(default_factory=list)
    stages: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    unmanaged: Counter[str] = field(default_factory=Counter)
    activities: Counter[tuple[str, str | None, str | None]] = field(default_factory=Counter)
    unnamed: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    read: dict[str, int] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """For `--format json`. `filled` and `converted` are shares of the leads read."""
        return {
            "read": [
                {"object": name, "records": count, "complete": name not in self.cut}
                for name, count in self.read.items()
            ],
            "facts": [self._fact(each) for each in self.facts],
            "stages": [
                {"stage": stage, "native": native, "leads": count} for (stage, native), count in self.stages.items()
            ],
            "unmanaged": _values(self.unmanaged),
            "activities": [
                {"object": name, "kind": kind, "outcome": outcome, "count": count}
                for (name, kind, outcome), count in _ordered(self.activities)
            ],
            "unnamed": [
                {"object": name, "field": native, "value": value, "count": count, "part": part}
                for (name, part, native, value), count in _ordered(self.unnamed)
            ],
        }

    def _fact(self, fact: FactData) -> dict[str, Any]:
        return {
            "fact": fact.fact,
            "field": fact.native,
            "filled": share(fact.filled, self.leads),
            "converted": share(fact.converted, self.leads),
            "unconverted": _values(fact.unconverted),
            "unused": fact.unused,
        }


def share(count: int, of: int) -> float:
    """A share of all, 0 … 1, in four decimals."""
    return round(count / of, 4) if of else 0.0


def _values(counted: Counter[str]) -> list[dict[str, Any]]:
    return [{"value": value, "count": count} for value, count in _ordered(counted)[:MOST_VALUES]]


def _ordered(counted: Mapping[Any, int]) -> list[tuple[Any, int]]:
    """The most frequent first, then by their words."""
    return sorted(counted.items(), key=lambda item: (-item[1], str(item[0])))
