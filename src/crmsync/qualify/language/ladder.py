"""The ladder: the admin's own ordered stages, how leads move on it, and how they leave it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from crmsync.qualify.criteria import Criterion
from crmsync.qualify.language.clocks import Clocks, Hours, ReassignTo, is_next, no_clocks
from crmsync.qualify.terms.activities import Selector
from crmsync.qualify.terms.shape import Days, Name, PolicyPart, Words


class Rung(PolicyPart):
    """One stage. `when` includes the conditions of the rungs below unless `stands_alone`.

    The lowest rung has no `when`: every lead stands at least there. `set_by: people` means that crmsync shows when a
    lead has earned the stage but leaves writing it to people.
    """

    stage: Name
    label: Words | None = None
    when: Criterion | None = None
    stands_alone: bool = False
    set_by: Literal["crmsync", "people"] = "crmsync"


class Reason(PolicyPart):
    """Why a lead is disqualified. `say` is the sentence people read."""

    name: Name
    when: Criterion
    say: Words | None = None


class Recycle(PolicyPart):
    """How a disqualified lead comes back once nothing disqualifies it any more.

    `after_days`: whole days since it was first seen disqualified. `on_new_engagement`: an activity on a later day
    than that. Either suffices. `to`: the stage it comes back to, or `earned`: what its evidence gives.
    """

    after_days: Days | None = None
    on_new_engagement: Selector | None = None
    to: Literal["earned"] | Name = "earned"

    @model_validator(mode="after")
    def _has_a_way_back(self) -> "Recycle":
        if self.after_days is None and self.on_new_engagement is None:
            raise ValueError("nothing brings a lead back\n→ add `after_days` or `on_new_engagement`")
        return self


class Disqualified(PolicyPart):
    """The stage beside the ladder. A lead goes there when `when` or one of the `reasons` is met."""

    stage: Name = "disqualified"
    label: Words | None = None
    when: Criterion | None = None
    reasons: Annotated[tuple[Reason, ...], Field(max_length=100)] = ()
    recycle: Recycle | None = None


class Movement(PolicyPart):
    """How leads move. Forward always; `backward` never unless allowed.

    `hands_off_days`: for so many days after a person or another program changed the stage, it stays. `protected`:
    stages whose leads stay where they are. `cool_down_days`: a lead that has just come to a stage is not moved
    backward for so many days. 0 = off.

    `tug_of_war`: when a stage or owner that crmsync wrote was replaced so often within `tug_of_war_days`, that lead
    is left alone until a person lets crmsync go on; null = crmsync never gives in.
    """

    backward: Literal["never", "allowed"] = "never"
    hands_off_days: Days = 0
    protected: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    cool_down_days: Days = 0
    tug_of_war: Annotated[int, Field(strict=True, ge=1, le=100)] | None = 3
    tug_of_war_days: Days = 180


class Task(PolicyPart):
    """A task for the receiver, made in the CRM when a lead is handed off; its text tells the reasons.

    The number of the hand-off is added to the subject. `due_hours`: working hours of the receiver.
    `accepted_by`, `returned_by`: outcomes of the task that say what the receiver thinks of the lead.
    """

    subject: Annotated[Words, Field(max_length=200)] = "Get in touch"
    due_hours: Hours | None = None
    accepted_by: Annotated[tuple[Words, ...], Field(max_length=20)] = ()
    returned_by: Annotated[tuple[Words, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _told_apart(self) -> "Task":
        both = next((word for word in self.accepted_by if word in self.returned_by), None)
        if both is not None:
            raise ValueError(f"`{both}` is among `accepted_by` and `returned_by`\n→ an outcome means one of the two")
        return self


TOUCHES = ("call", "email", "meeting")
"""Kinds of activities that are a touch where the policy names none."""


class FirstTouch(PolicyPart):
    """How soon the receiver gets in touch, in hours of their own working time since the hand-off.

    A touch is an activity of one of these `kinds` by the receiver, not inbound. `remind_after_hours`: a second task.
    `reassign_after_hours`: the lead goes to the next receiver, or where `reassign_to` says: to a pool of the roster
    or a queue. Both count from the hand-off and are optional.
    """

    within_hours: Hours
    kinds: Annotated[tuple[Words, ...], Field(min_length=1, max_length=50)] = TOUCHES
    remind_after_hours: Hours | None = None
    reassign_after_hours: Hours | None = None
    reassign_to: ReassignTo = Field("next", exclude_if=is_next)

    @model_validator(mode="after")
    def _is_asked_for(self) -> "FirstTouch":
        if self.reassign_to != "next" and self.reassign_after_hours is None:
            raise ValueError("nothing says when the lead goes there\n→ add `reassign_after_hours`")
        return self

    @model_validator(mode="after")
    def _in_order(self) -> "FirstTouch":
        if self.reassign_after_hours is not None and self.reassign_after_hours < self.within_hours:
            raise ValueError(
                "a lead would be reassigned before its time is over\n"
                f"→ raise `reassign_after_hours` to `within_hours` ({self.within_hours:g}) or more"
            )
        remind, reassign = self.remind_after_hours, self.reassign_after_hours
        if remind is not None and reassign is not None and remind >= reassign:
            raise ValueError(
                "nobody would ever be reminded: the lead is with the next one by then\n"
                "→ make `remind_after_hours` less than `reassign_after_hours`, or leave it out"
            )
        return self


class Returned(PolicyPart):
    """What happens to a lead that its receiver gives back.

    `to`: the `giver` who handed it over (`bdr` says the same), or the `next` receiver. It is handed off again when
    the answer is taken back in the CRM, or `again_after_days` after the return (null = never by itself). After
    `at_most` returns it stays where it is and is listed for a person to decide.
    """

    to: Literal["bdr", "giver", "next"] = "bdr"
    at_most: Annotated[int, Field(strict=True, ge=1, le=20)] = 3
    again_after_days: Annotated[int, Field(strict=True, ge=1, le=3660)] | None = None


class HandOff(PolicyPart):
    """From which stage on the owner must be somebody who receives leads (the roster says who).

    `task`, `first_touch`, `returned`, `clocks` make a process of it; without them the owner moves and that is all.
    """

    stage: Name
    task: Task | None = None
    first_touch: FirstTouch | None = None
    returned: Returned | None = None
    clocks: Clocks = Field((), exclude_if=no_clocks)

    @property
    def is_process(self) -> bool:
        """Whether anything is watched after the owner has moved."""
        return bool(self.task or self.first_touch or self.returned or self.clocks)


class SalesConfirmation(PolicyPart):
    """Whether a stage needs the word of sales, and what counts as it.

    `required`: the `evidence` must be met for the stage. `waived`: it need not, and the policy says so openly.
    """

    stage: Name
    mode: Literal["required", "waived"]
    evidence: Criterion | None = None

    @model_validator(mode="after")
    def _required_needs_evidence(self) -> "SalesConfirmation":
        if self.mode == "required" and self.evidence is None:
            raise ValueError("a required confirmation needs `evidence`\n→ say what shows that sales agreed")
        return self


class Question(PolicyPart):
    """What a person asks to learn a fact."""

    fact: Name
    ask: Words
