"""What to ask about a lead: facts that nobody knows, and the conditions that wait for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crmsync.model import FACT_PREFIX
from crmsync.qualify.criteria import Criterion
from crmsync.qualify.engine.compile import Unit
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.telling.explanation import OpenQuestion
from crmsync.qualify.telling.words import in_order_to_ask, unknown_facts
from crmsync.qualify.terms.facts import BUILT_IN_FACTS
from crmsync.tongue import Tongue

Waiting = Mapping[str, Sequence[str]]
"""A fact → the conditions that wait for it."""


class KnownOfLead:
    """What is known of one lead under one policy: its row as evaluated, and its row in the batch."""

    def __init__(self, unit: Unit, columns: Mapping[str, Any], lead: Mapping[str, Any]) -> None:
        self.unit, self.columns, self.lead = unit, columns, lead

    def verdict_of(self, criterion: Criterion) -> bool | None:
        """null = unknown."""
        verdict: bool | None = self.columns[self.unit.column_of(criterion)]
        return verdict

    def value_of(self, fact: str) -> Any:
        """A fact's value, derived ones included; null = unknown."""
        if fact in self.unit.policy.derived:
            return self.columns.get(f"#fact.{fact}")
        return self.lead.get(fact if fact in BUILT_IN_FACTS else FACT_PREFIX + fact)

    def waiting(self, conditions: Iterable[str]) -> Waiting:
        """Unknown facts that these conditions wait for."""
        found: dict[str, list[str]] = {}
        for name in conditions:
            criterion = self.unit.conditions[name]
            if self.verdict_of(criterion) is not None:
                continue
            for fact in unknown_facts(self.unit.policy, criterion, self.verdict_of):
                if self.value_of(fact) is None and name not in found.setdefault(fact, []):
                    found[fact].append(name)
        return {fact: names for fact, names in found.items() if names}


def questions(policy: Policy, tongue: Tongue, *waiting: Waiting) -> tuple[OpenQuestion, ...]:
    """One question for each fact, in the policy's order of asking."""
    together: dict[str, dict[str, None]] = {}
    for part in waiting:
        for fact, names in part.items():
            together.setdefault(fact, {}).update(dict.fromkeys(names))
    return tuple(
        OpenQuestion(fact, policy.question_for(fact, tongue), tuple(together[fact]))
        for fact in in_order_to_ask(policy, together)
    )
