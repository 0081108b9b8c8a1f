"""`crmsync test`: example leads decided by a policy and compared with what is expected of them.

No CRM, no store, and no clock but the day of the test: fit for continuous integration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from crmsync.errors import UsageError
from crmsync.model import Batch
from crmsync.operations.policy.case_files import LocatedCase, Selected
from crmsync.operations.policy.case_owners import RosterAlone
from crmsync.qualify.engine.compile import CompiledPolicy, compile_policy
from crmsync.qualify.engine.decide import decide, part_of
from crmsync.qualify.examples import Difference, batch_of, differences
from crmsync.qualify.explain import explain
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.telling.explanation import Condition, Explanation, RuleStory
from crmsync.qualify.telling.reasons import reasons
from crmsync.qualify.terms.shape import listed, many
from crmsync.values import replace

_MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that came out otherwise than expected; all texts."""

    what: str
    expected: str
    actual: str
    why: str

    def to_json(self) -> dict[str, str]:
        """All keys."""
        return {"what": self.what, "expected": self.expected, "actual": self.actual, "why": self.why}


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case against one policy; it has passed when there are no failures."""

    located: LocatedCase
    policy: str
    as_of: date
    failures: tuple[Mismatch, ...]

    @property
    def passed(self) -> bool:
        """Whether all came out as expected."""
        return not self.failures

    def to_json(self) -> dict[str, Any]:
        """All keys, always."""
        return {
            "file": self.located.file,
            "line": self.located.line,
            "name": self.located.case.name,
            "policy": self.policy,
            "as_of": self.as_of.isoformat(),
            "passed": self.passed,
            "failures": [failure.to_json() for failure in self.failures],
        }


@dataclass(frozen=True, slots=True)
class CaseReport:
    """What `crmsync test` answers. `skipped`: cases that are for other policies."""

    results: tuple[CaseResult, ...]
    skipped: int

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The cases that did not come out as expected."""
        return tuple(result for result in self.results if not result.passed)

    @property
    def exit_code(self) -> int:
        """0 or 4."""
        return 4 if self.failed else 0

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {
            "format": 1,
            "cases": len(self.results),
            "passed": len(self.results) - len(self.failed),
            "failed": len(self.failed),
            "skipped": self.skipped,
            "results": [result.to_json() for result in self.results],
        }


def run_cases(
    selected: Selected, policy: Policy, roster: RosterAlone | None, *, as_of: date | None, today: date
) -> CaseReport:
    """Decide all cases and compare.

    `as_of` goes before the day a file names, `today` stands where neither names one. Raises `UsageError` when a case
    expects an owner and there is no roster.
    """
    compiled = compile_policy(policy, mapped_facts=frozenset(policy.all_facts))
    by_day: dict[date, list[LocatedCase]] = {}
    for located in selected.cases:
        if located.case.expect.owner is not None and roster is None:
            raise UsageError(
                f"{located.file}:{located.line}: expects an owner, and there is no roster",
                hint="name one with --roster, or run beside a crmsync.yaml",
            )
        by_day.setdefault(as_of or located.as_of or today, []).append(located)
    results = {
        id(result.located): result
        for day, cases in by_day.items()
        for result in _Run(compiled, roster, cases, day).results()
    }
    return CaseReport(tuple(results[id(located)] for located in selected.cases), selected.skipped)


class _Run:
    """The cases of one day, decided in one batch."""

    def __init__(
        self, compiled: CompiledPolicy, roster: RosterAlone | None, cases: Sequence[LocatedCase], day: date
    ) -> None:
        self._compiled, self._roster, self._cases, self._day = compiled, roster, cases, day
        self._examples = [one.case.on(day).model_copy(update={"name": str(row)}) for row, one in enumerate(cases)]
        self._batch = _with_owners(batch_of(compiled.policy, self._examples, day), cases, roster)
        self._decisions = decide(compiled, self._batch, day)

    def results(self) -> Iterator[CaseResult]:
        found: dict[int, list[Difference]] = {}
        for difference in differences(self._compiled, self._examples, self._day):
            found.setdefault(int(difference.example), []).append(difference)
        told = self._explained(sorted(found))
        for row, located in enumerate(self._cases):
            failures = [self._failure(difference, told[row]) for difference in found.get(row, ())]
            failures += self._owner_failures(row, located)
            yield CaseResult(located, self._compiled.policy.name, self._day, tuple(failures))

    def _explained(self, rows: list[int]) -> Mapping[int, tuple[Explanation, tuple[str, ...]]]:
        if not rows:
            return {}
        part = part_of(self._batch, pl.Series("row", rows, dtype=pl.UInt32))
        sentences = reasons(self._compiled, self._batch, self._decisions, rows)
        stories = explain(self._compiled, part, self._day, ways=False)
        return {story.row: (story, sentences.get(story.row, ())) for story in stories}

    def _failure(self, difference: Difference, told: tuple[Explanation, tuple[str, ...]]) -> Mismatch:
        story, sentences = told
        what = difference.what
        if what.startswith("score "):
            score = what.removeprefix("score ")
            rules = next((one.rules for one in story.points if one.name == score), ())
            why = _few([_rule(rule) for rule in rules if rule.points != (0, 0)])
            return Mismatch(what, _points(difference.expected), _points(difference.actual), why)
        condition = _condition(story, what)
        why = "; ".join(sentences) if condition is None else _told(condition)
        return Mismatch(what, _shown(difference.expected), _shown(difference.actual), why)

    def _owner_failures(self, row: int, located: LocatedCase) -> Iterator[Mismatch]:
        wanted = many(located.case.expect.owner)
        if not wanted or self._roster is None:
            return
        owner = self._roster.owner(self._compiled.policy, self._batch, self._decisions, row, self._day)
        if owner not in wanted:
            stage = self._decisions["stage"][row]
            yield Mismatch("owner", listed(wanted), owner, f"the decided stage is {_shown(stage)}")


def _with_owners(batch: Batch, cases: Sequence[LocatedCase], roster: RosterAlone | None) -> Batch:
    owners = [one.case.owner if roster is None else roster.user_of(one.case.owner) for one in cases]
    return replace(batch, leads=batch.leads.with_columns(pl.Series("owner", owners, dtype=pl.String)))


def _condition(story: Explanation, name: str) -> Condition | None:
    if name in story.criteria:
        return story.criteria[name]
    steps = [*story.ladder, *([story.disqualification] if story.disqualification else [])]
    return next((step.condition for step in steps if f"ladder.{step.stage}" == name), None)


def _told(condition: Condition) -> str:
    """A condition's sentence with what speaks for and against it."""
    evidence = [
        f"{one.fact} is {'not known' if one.value is None else one.value}"
        if one.fact
        else f"{one.score} is {_points(one.points)}"
        if one.score
        else f"{one.kind} on {one.day}" + (f" ({one.outcome})" if one.outcome else "")
        for one in condition.evidence
    ]
    telling = sorted(condition.parts, key=lambda part: part.verdict != condition.verdict)
    parts = [f"{part.sentence}: {part.verdict.replace('_', ' ')}" for part in telling]
    return f"{condition.sentence}: {_few([*parts, *evidence] or ['nothing of that is there'])}"


def _rule(rule: RuleStory) -> str:
    return f"{rule.rule}: {_points(rule.points)}"


def _few(parts: list[str]) -> str:
    rest = len(parts) - _MOST_PARTS
    return "; ".join(parts[:_MOST_PARTS] or ["nothing"]) + (f"; and {rest} more" if rest > 0 else "")


def _points(ends: object) -> str:
    """Milli-points as points."""
    if not isinstance(ends, tuple) or None in ends:
        return "no such score"
    low, high = ends
    return f"{low / 1000:g}" if low == high else f"{low / 1000:g} to {high / 1000:g}"


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value).replace("_", " ") if isinstance(value, str) else str(value)
