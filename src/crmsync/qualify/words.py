"""A policy's own words: what its conditions ask, in sentences, and which part of a condition tells why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from crmsync.qualify.criteria import Criterion, Vocabulary, sentence_of
from crmsync.qualify.criteria.at_least import AtLeast
from crmsync.qualify.criteria.base import plain
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
    """Labels of facts, criteria and stages.

    A criterion without a label is told by its sentence, a combined one by its name: sentences stay short however
    deep criteria are built on each other.
    """
    facts = {name: policy.fact_label(name) for name in policy.fact_types}
    stages = {stage: policy.label_of(stage) for stage in policy.stages}
    told: dict[str, str] = {}
    words = Vocabulary(facts=facts, criteria=told, stages=stages)
    for name, criterion in policy.criteria.items():
        if isinstance(criterion, str) or (criterion.label is None and any(criterion.children())):
            told[name] = plain(name)
        else:
            told[name] = sentence_of(criterion, words)
    return words


def deciding(
    policy: Policy, criterion: Criterion, wanted: Verdict, verdict_of: VerdictOf, seen: set[str] | None = None
) -> Iterator[Criterion]:
    """The smallest parts that give a condition its verdict `wanted`, each once.

    Parts with a label of their own are told as a whole when met, and taken apart when not: what is missing counts.
    """
    seen = set() if seen is None else seen
    shape = criterion
    while isinstance(shape, str):
        if shape in seen:
            return
        seen.add(shape)
        shape = policy.criteria[shape]
    if isinstance(shape, (All, Any, AtLeast)) and not (wanted is True and shape.label):
        for _, child in shape.children():
            if verdict_of(child) is wanted:
                yield from deciding(policy, child, wanted, verdict_of, seen)
    else:
        yield criterion


def in_order_to_ask(policy: Policy, facts: Iterable[str]) -> list[str]:
    """Each fact once: first those with a question of the policy's own, in its order."""
    order = {question.fact: place for place, question in reversed(list(enumerate(policy.questions)))}
    return sorted(dict.fromkeys(facts), key=lambda fact: order.get(fact, len(order)))


def unknown_facts(policy: Policy, criterion: Criterion, verdict_of: VerdictOf) -> Iterator[str]:
    """Facts whose absence may leave a condition open, in the order of the condition; they may repeat."""
    pending, seen = [criterion], set[str]()
    while pending:
        shape = pending.pop(0)
        if verdict_of(shape) is not None:
            continue
        while isinstance(shape, str):
            name, shape = shape, policy.criteria[shape]
            if name in seen:
                break
            seen.add(name)
        else:
            yield from shape.facts()
            pending[:0] = [child for _, child in shape.children()]
