"""A policy's own words: what its conditions ask, in sentences, and which part of a condition tells why."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from crmsync.qualify.criteria import Criterion, Vocabulary, sentence_of
from crmsync.qualify.criteria.at_least import AtLeast
from crmsync.qualify.criteria.combination import All, Any
from crmsync.qualify.policy import Policy

Verdict = bool | None
VerdictOf = Callable[[Criterion], Verdict]
WHY = {
    "unmanaged": "the CRM holds a stage that crmsync does not manage",
    "hands_off": "somebody else has changed the stage lately; it stays",
    "protected": "the policy protects this stage; it stays",
    "recycled": "comes back: nothing disqualifies the lead any more",
    "stays_disqualified": "was disqualified before; nothing brings the lead back yet",
    "left_to_people": "the evidence gives more, but people set that stage",
    "moved_back": "the evidence gives less than the stage the lead had",
    "cooling_down": "the evidence gives less, but the lead has only just come to this stage",
    "kept": "the evidence gives less now; leads do not move back",
}
"""Sentences for the codes of `stage_why`; `earned` and `disqualified` are told by their conditions."""


def vocabulary_of(policy: Policy) -> Vocabulary:
    """Labels of facts, criteria and stages; a criterion without a label is told by its sentence."""
    facts = {name: policy.fact_label(name) for name in policy.fact_types}
    stages = {stage: policy.label_of(stage) for stage in policy.stages}
    told: dict[str, str] = {}
    words = Vocabulary(facts=facts, criteria=told, stages=stages)

    def tell(name: str) -> None:
        if name in told:
            return
        criterion = policy.criteria[name]
        for needed in _named_in(criterion):
            tell(needed)
        told[name] = sentence_of(criterion, words)

    for name in policy.criteria:
        tell(name)
    return words


def deciding(policy: Policy, criterion: Criterion, wanted: Verdict, verdict_of: VerdictOf) -> Iterator[Criterion]:
    """The smallest parts that give a condition its verdict `wanted`: for `all` every such part, for `any` too.

    Parts with a label of their own are told as a whole when met, and taken apart when not: what is missing counts.
    """
    shape = policy.criteria[criterion] if isinstance(criterion, str) else criterion
    if isinstance(shape, str):
        yield from deciding(policy, shape, wanted, verdict_of)
    elif isinstance(shape, (All, Any, AtLeast)) and not (wanted is True and shape.label):
        for _, child in shape.children():
            if verdict_of(child) is wanted:
                yield from deciding(policy, child, wanted, verdict_of)
    else:
        yield criterion


def unknown_facts(policy: Policy, criterion: Criterion, verdict_of: VerdictOf) -> Iterator[str]:
    """Facts whose absence leaves a condition open, in the policy's order."""
    for part in deciding(policy, criterion, None, verdict_of):
        shape = policy.criteria[part] if isinstance(part, str) else part
        if isinstance(shape, str):
            continue
        yield from shape.facts()
        for _, child in shape.children():
            if verdict_of(child) is None:
                yield from unknown_facts(policy, child, verdict_of)


def _named_in(criterion: Criterion) -> Iterator[str]:
    if isinstance(criterion, str):
        yield criterion
        return
    for _, child in criterion.children():
        yield from _named_in(child)
