"""A policy's own words: what its conditions ask, in sentences, and which part of a condition tells why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from crmsync.qualify.criteria import (
    Absence,
    All,
    Any,
    AtLeast,
    BaseCriterion,
    Criterion,
    Not,
    NotKnown,
    Vocabulary,
    denial_of,
    plain,
    sentence_of,
)
from crmsync.qualify.language.policy import Policy
from crmsync.tongue import ENGLISH, Tongue, to_say

Verdict = bool | None
VerdictOf = Callable[[Criterion], Verdict]
_MET_BY_NOTHING = (Absence, Not, NotKnown)
"""Where these are not met, something is there that should not be."""
WHY = {
    "unmanaged": to_say("the CRM holds a stage that crmsync does not manage"),
    "left_alone": to_say("people keep this lead for themselves; it stays"),
    "hands_off": to_say("somebody else has changed the stage lately; it stays"),
    "protected": to_say("the policy protects this stage; it stays"),
    "recycled": to_say("comes back: nothing disqualifies the lead any more"),
    "stays_disqualified": to_say("was disqualified before; nothing brings the lead back yet"),
    "left_to_people": to_say("the evidence gives more, but people set that stage"),
    "moved_back": to_say("the evidence gives less than the stage the lead had"),
    "cooling_down": to_say("the evidence gives less, but the lead has only just come to this stage"),
    "kept": to_say("the evidence gives less now; leads do not move back"),
}
"""Sentences for the codes of `stage_why`; `earned` and `disqualified` are told by their conditions."""


def vocabulary_of(policy: Policy, tongue: Tongue = ENGLISH) -> Vocabulary:
    """Labels of facts, criteria and stages, in a language.

    A criterion without a label is told by its sentence, a combined one by its name: sentences stay short however
    deep criteria are built on each other.
    """
    told: dict[str, str] = {}
    denied: dict[str, str] = {}
    words = Vocabulary(
        facts={name: tongue.own(policy.fact_label(name)) for name in policy.fact_types},
        criteria=told,
        stages={stage: tongue.own(policy.label_of(stage)) for stage in policy.stages},
        scores={name: tongue.own(policy.score_label(name)) for name in policy.scores},
        units={name: tongue.own(fact.unit) for name, fact in policy.facts.items() if fact.unit},
        denied=denied,
        tongue=tongue,
    )
    for name, criterion in policy.criteria.items():
        if isinstance(criterion, str) or (criterion.label is None and any(criterion.children())):
            told[name] = plain(name, tongue)
        else:
            told[name] = sentence_of(criterion, words)
            denied[name] = denial_of(criterion, words)
    return words


def deciding(
    policy: Policy, criterion: Criterion, wanted: Verdict, verdict_of: VerdictOf, seen: set[str] | None = None
) -> Iterator[Criterion]:
    """The smallest parts that give a condition its verdict `wanted`, each once.

    Parts with a label of their own are taken apart when not met, because what is missing counts. When met they are
    told as a whole, but for an `any` of criteria with names: which of them it was says more.
    """
    seen = set() if seen is None else seen
    shape = criterion
    while isinstance(shape, str):
        if shape in seen:
            return
        seen.add(shape)
        shape = policy.criteria[shape]
    if not isinstance(shape, (All, Any, AtLeast)) or (wanted is True and _told_whole(shape)):
        yield criterion
        return
    parts = [child for _, child in shape.children() if verdict_of(child) is wanted]
    for child in _telling(parts) if wanted is False else parts:
        yield from deciding(policy, child, wanted, verdict_of, seen)


def _told_whole(shape: BaseCriterion) -> bool:
    names = isinstance(shape, Any) and any(isinstance(child, str) for _, child in shape.children())
    return shape.label is not None and not names


def _telling(parts: list[Criterion]) -> list[Criterion]:
    """What is wrong, without “is not known” where something else is wrong too: that a fact is known is no fault."""
    return [part for part in parts if not isinstance(part, NotKnown)] or parts


def in_the_way(
    policy: Policy, criterion: Criterion, words: Vocabulary, verdict_of: VerdictOf
) -> tuple[list[Criterion], list[str]]:
    """Of a condition that is not met: (parts that are lacking, what stands against it, in words)."""
    lacking: list[Criterion] = []
    against: list[str] = []
    for part in deciding(policy, criterion, False, verdict_of):
        shape = part
        while isinstance(shape, str):
            shape = policy.criteria[shape]
        if isinstance(shape, _MET_BY_NOTHING) and shape.label is None:
            against.append(denial_of(shape, words))
        else:
            lacking.append(part)
    return lacking, against


def disqualified_words(policy: Policy, words: Vocabulary, name: object) -> str:
    """Why a lead is disqualified, for the reason's name in the decision."""
    assert policy.disqualified is not None
    for reason in policy.disqualified.reasons:
        if reason.name == name:
            return words.tongue.own(reason.say) if reason.say else sentence_of(reason.when, words)
    assert policy.disqualified.when is not None
    return sentence_of(policy.disqualified.when, words)


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
