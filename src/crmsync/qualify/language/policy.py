"""What a policy may say. `docs/reference/policy.md` is the reference in words.

A policy is a frozen value; `policy_from` makes one from a file, checks every name and resolves `extends`. Its JSON
Schema for editors is `Policy.model_json_schema()`.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from crmsync.model import FactType
from crmsync.qualify.criteria import Criterion
from crmsync.qualify.language.hand_overs import HandOver, the_hand_off
from crmsync.qualify.language.ladder import Disqualified, HandOff, Movement, Question, Rung, SalesConfirmation
from crmsync.qualify.language.scores import Score
from crmsync.qualify.terms.facts import BUILT_IN_FACTS, Derived, Fact, gives
from crmsync.qualify.terms.shape import Name, PolicyPart, Value, Words, shown
from crmsync.tongue import ENGLISH, Tongue

MOST_NAMED = 1000

ListValues = Annotated[tuple[Value, ...], Field(max_length=50_000)]


class ListFile(PolicyPart):
    """A list that stands in a file of its own: one value a line, `#` begins a comment."""

    file: Words


def _values_or_file(value: Any) -> Any:
    if not isinstance(value, (list, tuple, dict, ListFile)):
        raise ValueError(f"a list of values, or `{{file: names.txt}}`, belongs here, not {shown(value)}")
    return value


def _kind_of_list(value: Any) -> str:
    return "<file>" if isinstance(value, (dict, ListFile)) else "<values>"


List = Annotated[
    Annotated[
        Annotated[ListValues, Tag("<values>")] | Annotated[ListFile, Tag("<file>")], Discriminator(_kind_of_list)
    ],
    BeforeValidator(_values_or_file),
]


def _none(hand_overs: tuple[HandOver, ...]) -> bool:
    """A policy without any is the same as one from before there were any, also by its digest."""
    return not hand_overs


class Segment(PolicyPart):
    """A policy of their own for some leads: the first segment whose `when` is met.

    In a file `policy` says only what differs from the main policy (or `extends` another preset). Its ladder uses
    stages of the main ladder, in the same order.
    """

    name: Name
    when: Criterion
    policy: "Policy"


class Policy(PolicyPart):
    """A whole policy. Everything has a default except the ladder, which a preset can bring."""

    format: Literal[1] = 1
    name: Words = "policy"
    extends: Name | None = None
    facts: Annotated[dict[Name, Fact], Field(max_length=MOST_NAMED)] = Field(default_factory=dict)
    lists: Annotated[dict[Name, List], Field(max_length=MOST_NAMED)] = Field(default_factory=dict)
    derived: Annotated[dict[Name, Derived], Field(max_length=MOST_NAMED)] = Field(default_factory=dict)
    criteria: Annotated[dict[Name, Criterion], Field(max_length=MOST_NAMED)] = Field(default_factory=dict)
    scores: Annotated[dict[Name, Score], Field(max_length=50)] = Field(default_factory=dict)
    grades: Annotated[
        dict[Name, Annotated[tuple[Name, ...], Field(min_length=1, max_length=5)]], Field(max_length=20)
    ] = Field(default_factory=dict)
    ladder: Annotated[tuple[Rung, ...], Field(max_length=30)] = ()
    disqualified: Disqualified | None = None
    movement: Movement = Movement.model_construct()
    priority: Name | None = None
    hand_off: HandOff | None = None
    hand_overs: Annotated[tuple[HandOver, ...], Field(max_length=20, exclude_if=_none)] = ()
    sales_confirmation: SalesConfirmation | None = None
    next_action: dict[Name, Words] = Field(default_factory=dict)
    questions: Annotated[tuple[Question, ...], Field(max_length=200)] = ()
    expectations: dict[Name, Words] = Field(default_factory=dict)
    segments: Annotated[tuple[Segment, ...], Field(max_length=20)] = ()

    @property
    def stages(self) -> tuple[str, ...]:
        """Every stage crmsync may decide: the ladder from the bottom, then the disqualified one."""
        beside = (self.disqualified.stage,) if self.disqualified else ()
        return (*(rung.stage for rung in self.ladder), *beside)

    @property
    def every_hand_over(self) -> tuple[HandOver, ...]:
        """All hand-overs in their order; the one `hand_off` is a list of one."""
        return (the_hand_off(self.hand_off),) if self.hand_off else self.hand_overs

    def stages_of(self, hand_over: HandOver) -> tuple[str, ...]:
        """The stages in which it may count, the lowest first."""
        if hand_over.leaving is not None:
            return (self.disqualified.stage,) if self.disqualified else ()
        ladder = tuple(rung.stage for rung in self.ladder)
        return ladder[ladder.index(hand_over.stage) :] if hand_over.stage is not None else ladder

    @property
    def stages_handed_over(self) -> tuple[str, ...]:
        """The stages from which on leads are handed over, the lowest first."""
        named = {hand_over.stage for hand_over in self.every_hand_over}
        return tuple(rung.stage for rung in self.ladder if rung.stage in named)

    @property
    def fact_types(self) -> Mapping[str, FactType]:
        """Built-in, declared and derived facts with their types."""
        declared = {name: fact.type for name, fact in self.facts.items()}
        derived = {name: gives(how) for name, how in self.derived.items()}
        return {**BUILT_IN_FACTS, **declared, **derived}

    @property
    def all_facts(self) -> Mapping[str, Fact]:
        """Declared facts of this policy and of its segments: what a mapping has to map."""
        merged = dict(self.facts)
        for segment in self.segments:
            merged.update({name: fact for name, fact in segment.policy.facts.items() if name not in merged})
        return merged

    @property
    def choices_by_fact(self) -> Mapping[str, tuple[str, ...]]:
        """Each fact that is a choice → its values, those of segments included: what a mapping can give it."""
        found: dict[str, dict[str, None]] = {}
        for policy in (self, *(segment.policy for segment in self.segments)):
            for name, fact in policy.facts.items():
                found.setdefault(name, {}).update(dict.fromkeys(fact.values or ()))
        return {name: tuple(values) for name, values in found.items() if values}

    @property
    def digest(self) -> str:
        """A hash of everything the policy says; the same for the same policy on every machine."""
        text = json.dumps(self.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def label_of(self, stage: str) -> str:
        """A stage's label for people."""
        labels = {rung.stage: rung.label for rung in self.ladder}
        if self.disqualified:
            labels.setdefault(self.disqualified.stage, self.disqualified.label)
        return labels.get(stage) or stage

    def question_for(self, fact: str, tongue: Tongue = ENGLISH) -> str:
        """What to ask to learn a fact."""
        for question in self.questions:
            if question.fact == fact:
                return tongue.own(question.ask)
        declared = self.facts.get(fact)
        if declared and declared.question:
            return tongue.own(declared.question)
        return tongue.say("What is the {fact}?", fact=tongue.own(self.fact_label(fact)))

    def score_label(self, score: str) -> str:
        """A score's label for people."""
        return self.scores[score].label or score.replace("_", " ")

    def fact_label(self, fact: str) -> str:
        """A fact's label for people."""
        declared = self.facts.get(fact)
        return (declared.label if declared else None) or fact.replace("_", " ")
