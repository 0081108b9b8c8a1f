"""One compile of a policy into expressions: the same value serves a batch, a single lead and a simulation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
from msgspec import Struct, field

from crmsync.errors import UsageError
from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.columns.plan import EvaluationPlan
from crmsync.qualify.criteria import Criterion, ScoreLevel
from crmsync.qualify.engine.movement import moved_today, movement
from crmsync.qualify.engine.scoring import CompiledScore, band, compile_score
from crmsync.qualify.engine.watching import Watch, points_watch, watch_of
from crmsync.qualify.language.policy import ListFile, Policy
from crmsync.qualify.language.scores import ActivityRule, Score, bands_of
from crmsync.qualify.language.walk import conditions_of, criteria_of
from crmsync.qualify.terms.points import milli
from crmsync.qualify.terms.shape import Value

Columns = Mapping[str, pl.Expr]


class Unit(Struct, frozen=True):
    """One compiled policy without its segments: the main one, or a segment's.

    `conditions`: condition name → criterion; its verdict column is `verdict.<name>`. `columns`: id of a criterion
    object → its column (nested ones too). `watches`: scores whose ageing could change a verdict or a band.
    `ages`: score that is written into the CRM and ages → what watches its whole points.
    """

    name: str
    policy: Policy
    plan: EvaluationPlan
    conditions: Mapping[str, Criterion]
    columns: Mapping[int, str]
    scores: Mapping[str, CompiledScore]
    watches: tuple[Watch, ...]
    ages: Mapping[str, Watch] = field(default_factory=dict)

    def column_of(self, criterion: Criterion) -> str:
        """The verdict column of a criterion of this policy."""
        return f"verdict.{criterion}" if isinstance(criterion, str) else self.columns[id(criterion)]

    @property
    def verdict_columns(self) -> tuple[str, ...]:
        """All columns that `column_of` gives, each once."""
        return tuple(dict.fromkeys([*(f"verdict.{name}" for name in self.conditions), *self.columns.values()]))


class CompiledPolicy(Struct, frozen=True):
    """A policy ready to decide. `units[0]` is the main policy, the others its segments' in order.

    `needs_facts`: what it asks of a mapping.
    `conditions`: all condition names: criteria in the policy's order, then `segment.…`, `ladder.<stage>` from the
    bottom, `ladder.<disqualified>`, `reason.<name>`; those only in segments follow.
    """

    policy: Policy
    digest: str
    units: tuple[Unit, ...]
    needs_facts: frozenset[str]
    conditions: tuple[str, ...]

    @property
    def lowest_stage(self) -> str:
        """Where a lead with an empty stage stands."""
        return self.policy.ladder[0].stage

    @property
    def asks_stays(self) -> bool:
        """Whether the leads' ways through the stages are asked for: `Batch.stays`."""
        return any(unit.plan.asks_stays for unit in self.units)

    def unit(self, name: str) -> Unit:
        """The unit by its name in a decision's `policy` column."""
        return next(unit for unit in self.units if unit.name == name)

    def next_action(self, policy: str, stage: str | None) -> str | None:
        """What the policy (by its name in the `policy` column) says to do next with a lead at a stage."""
        return self.unit(policy).policy.next_action.get(stage) if stage else None


def compile_policy(
    policy: Policy,
    *,
    provided_kinds: frozenset[str] | None = None,
    mapped_facts: frozenset[str],
    time_zone: str = "UTC",
    written_scores: frozenset[str] = frozenset(),
) -> CompiledPolicy:
    """Compiles a policy that `policy_from` has checked.

    `provided_kinds`: activity kinds the mapping provides, null = every kind; counts of others are unknown.
    `mapped_facts`: facts the mapping provides; others are unknown for everybody. `time_zone`: the org's IANA zone,
    which says on which day a datetime fact lies. `written_scores`: those whose whole points stand in the CRM.
    """
    ranks = {rung.stage: rank for rank, rung in enumerate(policy.ladder)}
    named = [(policy.name, policy), *((segment.name, segment.policy) for segment in policy.segments)]
    units = []
    for name, one in named:
        builder = Builder(
            facts={fact: declared.type for fact, declared in one.facts.items()},
            derived=one.derived,
            lists=_lists(one),
            provided_kinds=provided_kinds,
            mapped_facts=mapped_facts,
            time_zone=time_zone,
        )
        units.append(_compile_unit(name, one, builder, ranks, written_scores))
    return CompiledPolicy(
        policy=policy,
        digest=policy.digest,
        units=tuple(units),
        needs_facts=frozenset(fact for unit in units for fact in unit.plan.needs_facts),
        conditions=tuple(dict.fromkeys(condition for unit in units for condition in unit.conditions)),
    )


def _compile_unit(
    name: str, policy: Policy, builder: Builder, ranks: Mapping[str, int], written_scores: frozenset[str]
) -> Unit:
    conditions = conditions_of(policy)
    scores: dict[str, CompiledScore] = {}
    for condition, criterion in conditions.items():
        _offer_verdict(builder, f"verdict.{condition}", criterion)
    _offer_rungs(builder, policy)
    for score in policy.scores:
        _offer_score(builder, policy, score, scores)
    for column in [*(f"verdict.{condition}" for condition in conditions), *_score_columns(policy)]:
        builder.column(column)
    builder.define(lambda: movement(policy, builder, ranks))
    builder.define(lambda: _reason_and_priority(policy, builder))
    if builder.plan.asks_stays:
        builder.edge(moved_today(policy.ladder[0].stage))
    watches = _watches(builder, policy, scores)
    ages = _ages(builder, policy, scores, written_scores)
    return Unit(name, policy, builder.finish(), conditions, builder.nested, scores, watches, ages)


def _lists(policy: Policy) -> dict[str, tuple[Value, ...]]:
    lists = {}
    for name, values in policy.lists.items():
        if isinstance(values, ListFile):
            raise UsageError(f"the list `{name}` stands in `{values.file}`, which was not read")
        lists[name] = values
    return lists


def _offer_verdict(builder: Builder, column: str, criterion: Criterion) -> None:
    if isinstance(criterion, str):
        builder.makers[column] = lambda: {column: builder.verdict(criterion)}
    else:
        builder.nested.setdefault(id(criterion), column)
        builder.makers[column] = lambda: {column: criterion.expression(builder)}


def _offer_rungs(builder: Builder, policy: Policy) -> None:
    """`#meets.<stage>`: a rung's condition and those of the rungs below it."""

    def meets(column: str, asked: list[str]) -> Callable[[], Columns]:
        return lambda: {column: pl.all_horizontal([pl.lit(True), *(builder.column(name) for name in asked)])}

    below: str | None = None
    for rung in policy.ladder:
        column, own = f"#meets.{rung.stage}", f"verdict.ladder.{rung.stage}"
        asked = [own] if own in builder.makers else []
        if below is not None and not rung.stands_alone:
            asked.append(below)
        builder.makers[column] = meets(column, asked)
        below = column


def _offer_score(builder: Builder, policy: Policy, name: str, scores: dict[str, CompiledScore]) -> None:
    score = policy.scores[name]

    def make() -> Columns:
        for part in score.combine or ():
            builder.column(f"score.{part}.low")
        scores[name], columns = compile_score(builder, name, score, scores)
        return columns

    builder.makers[f"score.{name}.low"] = make
    builder.makers[f"score.{name}.high"] = make
    builder.makers[f"band.{name}"] = lambda: {f"band.{name}": band(builder.column(f"score.{name}.low"), score)}


def _score_columns(policy: Policy) -> list[str]:
    columns = [f"score.{name}.{end}" for name in policy.scores for end in ("low", "high")]
    return columns + [f"band.{name}" for name, score in policy.scores.items() if score.bands]


def _reason_and_priority(policy: Policy, builder: Builder) -> Columns:
    """`reason` (first disqualification reason met), `priority`, and the grades' bands side by side."""
    reason = pl.lit(None, dtype=pl.String)
    if policy.disqualified:
        met = builder.column(f"verdict.ladder.{policy.disqualified.stage}").fill_null(False)
        reason = pl.when(met).then(pl.lit("other")).otherwise(reason)
        for one in reversed(policy.disqualified.reasons):
            verdict = builder.column(f"verdict.reason.{one.name}").fill_null(False)
            reason = pl.when(verdict).then(pl.lit(one.name)).otherwise(reason)
    priority = builder.column(f"score.{policy.priority}.low") if policy.priority else pl.lit(0, dtype=pl.Int64)
    grades = {
        f"band.{grade}": pl.concat_str([builder.column(f"band.{score}") for score in parts])
        for grade, parts in policy.grades.items()
    }
    return {"reason": reason, "priority": priority, **grades}


def _watches(builder: Builder, policy: Policy, scores: Mapping[str, CompiledScore]) -> tuple[Watch, ...]:
    """Watches of the scores that conditions or bands depend on; adds the edges of the activities in them."""
    thresholds: dict[str, set[int]] = {}
    for _, criterion in criteria_of(policy):
        if isinstance(criterion, ScoreLevel):
            thresholds.setdefault(criterion.score, set()).update(criterion.thresholds())
    edges = {name: {milli(lowest) for _, lowest in bands_of(score)} for name, score in policy.scores.items()}
    watches: list[Watch] = []
    for name in policy.scores:
        if not thresholds.get(name) and not edges[name]:
            continue
        _add_activity_edges(builder, policy, name)
        if scores[name].longest_ageing:
            watches.append(watch_of(scores[name], thresholds.get(name, set()), edges[name]))
    return tuple(watches)


def _ages(
    builder: Builder, policy: Policy, scores: Mapping[str, CompiledScore], written: frozenset[str]
) -> dict[str, Watch]:
    """Watches of the whole points of written scores; adds the edges of the activities in them."""
    mine = [name for name in policy.scores if name in written]
    for name in mine:
        _add_activity_edges(builder, policy, name)
    return {name: points_watch(scores[name]) for name in mine if scores[name].longest_ageing}


def _add_activity_edges(builder: Builder, policy: Policy, name: str) -> None:
    """Of a score and of all that it is made of."""
    for score in _made_of(policy, name):
        for _, selector in score.selectors():
            builder.entering(selector)
            builder.leaving(selector)
        for _, rule in score.all_rules():
            if isinstance(rule, ActivityRule) and rule.after_days is not None:
                builder.passing(rule.activities, rule.after_days)


def _made_of(policy: Policy, name: str) -> list[Score]:
    """The score itself and, where it is a combination, its parts down to those with rules, each once."""
    found, pending = {name: policy.scores[name]}, [name]
    while pending:
        for part in policy.scores[pending.pop()].combine or ():
            if part not in found:
                found[part] = policy.scores[part]
                pending.append(part)
    return list(found.values())
