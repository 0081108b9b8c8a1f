"""Going through everything a policy says: every criterion and every activity selector, with its place."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.qualify.criteria import All, Any, Criterion, Path
from crmsync.qualify.language.ladder import Rung
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.terms.activities import Selector


def roots_of(policy: Policy) -> Iterator[tuple[Path, Criterion]]:
    """Every criterion that is not nested in another, with its place; those of segments' policies not."""
    for name, criterion in policy.criteria.items():
        yield ("criteria", name), criterion
    for name, score in policy.scores.items():
        for path, criterion in score.criteria():
            yield ("scores", name, *path), criterion
    for index, rung in enumerate(policy.ladder):
        if rung.when is not None:
            yield ("ladder", index, "when"), rung.when
    if policy.disqualified:
        if policy.disqualified.when is not None:
            yield ("disqualified", "when"), policy.disqualified.when
        for index, reason in enumerate(policy.disqualified.reasons):
            yield ("disqualified", "reasons", index, "when"), reason.when
    if policy.sales_confirmation and policy.sales_confirmation.evidence is not None:
        yield ("sales_confirmation", "evidence"), policy.sales_confirmation.evidence
    for index, segment in enumerate(policy.segments):
        yield ("segments", index, "when"), segment.when


def with_nested(path: Path, criterion: Criterion) -> Iterator[tuple[Path, Criterion]]:
    """The criterion and all nested in it."""
    yield path, criterion
    if not isinstance(criterion, str):
        for below, child in criterion.children():
            yield from with_nested((*path, *below), child)


def criteria_of(policy: Policy) -> Iterator[tuple[Path, Criterion]]:
    """Every criterion, nested ones too."""
    for path, criterion in roots_of(policy):
        yield from with_nested(path, criterion)


def selectors_of(policy: Policy) -> Iterator[Selector]:
    """Every activity selector of criteria, point rules and recycling."""
    for _, selector in selectors_with_places(policy):
        yield selector


def selectors_with_places(policy: Policy) -> Iterator[tuple[Path, Selector]]:
    """The same with the place of the criterion or rule that each belongs to."""
    for path, criterion in criteria_of(policy):
        if not isinstance(criterion, str):
            for selector in criterion.selectors():
                yield path, selector
    for name, score in policy.scores.items():
        for path, selector in score.selectors():
            yield ("scores", name, *path), selector
    recycle = policy.disqualified.recycle if policy.disqualified else None
    if recycle and recycle.on_new_engagement:
        yield ("disqualified", "recycle", "on_new_engagement"), recycle.on_new_engagement


def rung_condition(policy: Policy, rung: Rung) -> Criterion | None:
    """A rung's own condition: with the word of sales where that is required."""
    confirmation = policy.sales_confirmation
    if confirmation is None or confirmation.mode == "waived" or confirmation.stage != rung.stage:
        return rung.when
    assert confirmation.evidence is not None
    return (
        confirmation.evidence if rung.when is None else All.model_construct(all_=(rung.when, confirmation.evidence))
    )


def conditions_of(policy: Policy) -> dict[str, Criterion]:
    """Condition name → criterion, in the stable order: see `CompiledPolicy`."""
    conditions: dict[str, Criterion] = dict(policy.criteria)
    for segment in policy.segments:
        conditions[f"segment.{segment.name}"] = segment.when
    for rung in policy.ladder:
        condition = rung_condition(policy, rung)
        if condition is not None:
            conditions[f"ladder.{rung.stage}"] = condition
    leaving = policy.disqualified
    if leaving:
        causes = [reason.when for reason in leaving.reasons] + ([leaving.when] if leaving.when is not None else [])
        conditions[f"ladder.{leaving.stage}"] = Any.model_construct(any_=tuple(causes))
        conditions.update({f"reason.{reason.name}": reason.when for reason in leaving.reasons})
    return conditions
