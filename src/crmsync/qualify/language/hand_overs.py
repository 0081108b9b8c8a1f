"""Hand-overs: in which stage, and from whom, a lead goes to whom the roster says, and what is watched after that."""

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from crmsync.model import THE_HAND_OFF
from crmsync.qualify.language.clocks import Clocks, Target, no_clocks
from crmsync.qualify.language.ladder import TOUCHES, FirstTouch, HandOff, Returned, Task
from crmsync.qualify.terms.shape import Name, PolicyPart, Words, shown

Origin = Literal["nobody", "queue", "anybody"]
"""From whom: a lead without an owner, one in any queue, one of anybody."""

TAKEN = frozenset({THE_HAND_OFF, "new_lead", "otherwise"})
"""Words that mean something else under the roster's `rules`."""

KEYS_OF_A_MATCH = frozenset({"role", "team", "territory", "segment", "language", "people"})
"""Words that mean something else under the roster's `receivers`."""


class FromThese(PolicyPart):
    """From a queue (its name or id, or one for each connection), or from people with a role of the roster."""

    queue: Annotated[Words | dict[Name, Words], Field(union_mode="left_to_right")] | None = None
    role: Words | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "FromThese":
        if (self.queue is None) == (self.role is None):
            raise ValueError("one thing belongs here\n→ write `{queue: NAME}` or `{role: ROLE}`")
        return self


def _known_word(value: Any) -> Any:
    if isinstance(value, str) and value not in get_args(Origin):
        raise ValueError(
            f"`{value}` says nothing about an owner\n"
            "→ write `nobody`, `queue`, `anybody`, `{queue: NAME}` or `{role: ROLE}`"
        )
    return value


def _kind_of_origin(value: Any) -> str:
    return "<these>" if isinstance(value, (dict, FromThese)) else "<word>"


From = Annotated[
    Annotated[Origin, Tag("<word>")] | Annotated[FromThese, Tag("<these>")],
    Discriminator(_kind_of_origin),
    BeforeValidator(_known_word),
]


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _reasons(value: Any) -> Any:
    if value is True:
        return value
    if isinstance(value, str):
        return [value]
    if isinstance(value, (list, tuple)) and value and all(isinstance(name, str) for name in value):
        return list(value)
    raise ValueError(f"`true` or names of reasons belong here, not {shown(value)}")


class HandOver(PolicyPart):
    """One hand-over: when it counts, from whom it takes leads, and its process. The roster says to whom.

    It counts from `stage` on, and where `when` is met (names of criteria; unknown is not met); or, with `leaving`,
    for disqualified leads (`true`: all, else those with one of these reasons). Of those that count the last one
    holds. `from`: without it from everybody who receives no leads of this or a later hand-over. `task`,
    `first_touch`, `returned`, `clocks` make a process of it; without them the owner moves and that is all.
    """

    name: Name
    label: Words | None = None
    stage: Name | None = None
    when: Annotated[tuple[Name, ...], BeforeValidator(_listed), Field(max_length=20)] = ()
    leaving: Annotated[Literal[True] | tuple[Name, ...], BeforeValidator(_reasons)] | None = None
    from_: Annotated[tuple[From, ...], BeforeValidator(_listed), Field(min_length=1, max_length=20)] | None = Field(
        None, alias="from"
    )
    task: Task | None = None
    first_touch: FirstTouch | None = None
    returned: Returned | None = None
    clocks: Clocks = Field((), exclude_if=no_clocks)

    @model_validator(mode="after")
    def _says_when(self) -> "HandOver":
        if self.leaving is not None and (self.stage is not None or self.when):
            raise ValueError(
                "a lead that leaves the ladder stands on none of its stages\n"
                "→ make two hand-overs of it: one with `leaving`, one with `stage` or `when`"
            )
        if self.leaving is None and self.stage is None and not self.when:
            raise ValueError(
                "nothing says when leads are handed over\n→ add `stage`, `when: CRITERION` or `leaving: true`"
            )
        return self

    @property
    def is_process(self) -> bool:
        """Whether anything is watched after the owner has moved."""
        return bool(self.task or self.first_touch or self.returned or self.clocks)

    @property
    def kinds_of_touch(self) -> tuple[str, ...]:
        """Kinds of activities that are a touch; none where no clock asks for one."""
        if self.first_touch is not None:
            return self.first_touch.kinds
        return TOUCHES if any(each.until == "touched" for each in self.clocks) else ()

    @property
    def targets(self) -> tuple[tuple[tuple[str | int, ...], Target], ...]:
        """Pools and queues to which a timeout sends leads, each with its place in the hand-over."""
        found: list[tuple[tuple[str | int, ...], Target]] = []
        if self.first_touch is not None and isinstance(self.first_touch.reassign_to, Target):
            found.append((("first_touch", "reassign_to"), self.first_touch.reassign_to))
        for number, clock in enumerate(self.clocks):
            if isinstance(clock.reassign_to, Target):
                found.append((("clocks", number, "reassign_to"), clock.reassign_to))
        return tuple(found)

    @property
    def key(self) -> str | None:
        """How plan and store tell it from others; null = the policy's one `hand_off`."""
        return None if self.name == THE_HAND_OFF else self.name

    @property
    def called(self) -> str:
        """Its label, else its name, as people read it."""
        return self.label or self.name.replace("_", " ")


def the_hand_off(rule: HandOff) -> HandOver:
    """The policy's one `hand_off` as the list of one that it is."""
    return HandOver.model_construct(
        name=THE_HAND_OFF,
        stage=rule.stage,
        task=rule.task,
        first_touch=rule.first_touch,
        returned=rule.returned,
        clocks=rule.clocks,
    )
