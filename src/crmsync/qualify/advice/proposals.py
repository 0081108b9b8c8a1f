"""Which changes of a lead could bring it to the next stage: gathered from what its conditions still lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from crmsync.qualify.columns.builder import key_of
from crmsync.qualify.criteria import Criterion, MeetsStage, Not, ScoreLevel
from crmsync.qualify.engine.compile import CompiledPolicy, Unit
from crmsync.qualify.language.scores import ActivityRule, FirstRule, Rule, SilenceRule, ValuesRule, WhenRule
from crmsync.qualify.terms.activities import Selector
from crmsync.qualify.terms.changes import Change, FactBecomes, Situation, happening

Proposal = tuple[int, str, list[Change]]
"""(row, next stage, changes worth a try)"""


def proposals_for(
    compiled: CompiledPolicy,
    decisions: pl.DataFrame,
    evaluated: Mapping[int, Mapping[str, Any]],
    matches: Mapping[int, Mapping[str, int]],
    as_of: date,
) -> Iterator[Proposal]:
    """For each lead that is not disqualified and not on the highest rung. `matches`: see `ways_up`."""
    wanted = decisions.filter(pl.col("reason").is_null())
    for (policy,), group in wanted.group_by(["policy"], maintain_order=True):
        unit = compiled.unit(str(policy))
        stages = [rung.stage for rung in unit.policy.ladder]
        rising = group.filter(pl.col("earned_stage") != stages[-1])
        for row, earned in rising.select("row", "earned_stage").iter_rows():
            following = stages[stages.index(earned) + 1]
            lead = _Proposer(unit, evaluated[row], matches.get(row, {}), as_of)
            yield row, following, list(dict.fromkeys(lead.towards(following)))


class _Proposer:
    """Goes through what is not yet as wanted and asks the criteria there."""

    def __init__(self, unit: Unit, columns: Mapping[str, Any], counts: Mapping[str, int], as_of: date) -> None:
        self._unit, self._columns = unit, columns
        self._policy = policy = unit.policy
        self._seen: set[tuple[str, bool]] = set()

        def certain(selector: Selector) -> int:
            return counts.get(key_of(selector), 0)

        self._situation = Situation(
            as_of=as_of,
            types=policy.fact_types,
            choices={name: fact.values for name, fact in policy.facts.items() if fact.values},
            lists={name: values for name, values in policy.lists.items() if isinstance(values, tuple)},
            derived=frozenset(policy.derived) | (policy.fact_types.keys() - policy.facts.keys()),
            certain=certain,
        )

    def towards(self, stage: str) -> Iterator[Change]:
        """Changes towards a rung and those below it that it includes."""
        order = [rung.stage for rung in self._policy.ladder]
        for rung in reversed(self._policy.ladder[: order.index(stage) + 1]):
            condition = self._unit.conditions.get(f"ladder.{rung.stage}")
            if condition is not None:
                yield from self._for(condition, wanted=True)
            if rung.stands_alone:
                return

    def _for(self, criterion: Criterion, *, wanted: bool) -> Iterator[Change]:
        column = self._unit.column_of(criterion)
        if self._columns[column] is wanted or (column, wanted) in self._seen:
            return
        self._seen.add((column, wanted))
        while isinstance(criterion, str):
            criterion = self._policy.criteria[criterion]
        yield from criterion.changes(wanted, self._situation)
        if isinstance(criterion, Not):
            yield from self._for(criterion.not_, wanted=not wanted)
        elif isinstance(criterion, MeetsStage) and wanted:
            yield from self.towards(criterion.meets)
        elif isinstance(criterion, ScoreLevel):
            rising = wanted if criterion.at_least is not None else not wanted
            yield from self._for_score(criterion.score, rising=rising)
        else:
            for _, child in criterion.children():
                yield from self._for(child, wanted=wanted)

    def _for_score(self, name: str, *, rising: bool) -> Iterator[Change]:
        if (name, rising) in self._seen:
            return
        self._seen.add((name, rising))
        score = self._policy.scores[name]
        for part, weight in (score.combine or {}).items():
            yield from self._for_score(part, rising=rising == (weight >= 0))
        for _, rule in score.all_rules():
            yield from self._for_rule(rule, rising=rising)

    def _for_rule(self, rule: Rule, *, rising: bool) -> Iterator[Change]:
        match rule:
            case WhenRule():
                yield from self._for(rule.when, wanted=(rule.points > 0) == rising)
            case ActivityRule() if (rule.points > 0) == rising and rule.activities.first_age == 0:
                yield from happening(rule.activities, 1)
            case SilenceRule() if (rule.points < 0) == rising:  # what happens ends it
                yield from happening(rule.silence, 1)
            case ValuesRule():
                best = (max if rising else min)(rule.values, key=lambda word: rule.values[word])
                boolean = self._situation.types[rule.fact] == "boolean"
                if self._situation.settable(rule.fact):
                    yield FactBecomes(rule.fact, best == "true" if boolean else best)
            case FirstRule():
                best_option = (max if rising else min)(rule.first, key=lambda option: option.points)
                yield from self._for(best_option.when, wanted=True)
