"""Which fields of the lead crmsync fills for people who look at the CRM only: the `write:` part of a mapping file."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from msgspec import Struct
from pydantic import BeforeValidator, Field, model_validator

from crmsync.mapping.parts import MappingPart, NativeText

Content = Literal[
    "score",
    "band",
    "grade",
    "reasons",
    "ask",
    "next_action",
    "disqualification_reason",
    "first_day",
    "latest_day",
    "attempts",
    "previous_owner",
    "decided_by",
]
"""What a written field tells."""


class WordField(MappingPart):
    """A field for a word that the policy chooses: a band, a grade, a reason, an action.

    `values`: the policy's word → the native value that is written for it; a word that it does not name stands for
    itself.
    """

    field: str = Field(description="The native field")
    values: Mapping[str, NativeText] = Field(
        default_factory=dict,
        description="The policy's word (a band, a grade, the name of a disqualification reason, or for "
        "`next_action` a stage) → the native value that is written for it; without it the word itself",
    )


def _short(value: Any) -> Any:
    return {"field": value} if isinstance(value, str) else value


Word = Annotated[WordField, BeforeValidator(_short)]


class StageDays(MappingPart):
    """The fields for the days on which a lead came to a stage."""

    first: str | None = Field(None, description="The field for the day on which it came there first")
    latest: str | None = Field(None, description="The field for the day on which it came there last")

    @model_validator(mode="after")
    def _any(self) -> "StageDays":
        if self.first is None and self.latest is None:
            raise ValueError("no field is named here\n→ write `first: <field>`, `latest: <field>` or both")
        return self


class Written(Struct, frozen=True):
    """One field that crmsync fills. `of`: the score, grade or stage that it tells of. `place`: where `write` says it.

    `values`: the policy's word → native value.
    """

    field: str
    content: Content
    of: str
    place: tuple[str | int, ...]
    values: Mapping[str, str]


class WriteMapping(MappingPart):
    """Fields that crmsync fills, so that a lead's record says why it stands where it stands.

    They belong to crmsync: what somebody else writes there is replaced by the next run that looks at the lead. All
    of them are optional; each names a field of the lead that nothing else is read from.
    """

    scores: Mapping[str, str] = Field(
        default_factory=dict,
        description="Score of the policy → field. Whole points, rounded down. While something unknown leaves the "
        "score open (low ≠ high), the low end: the points that the lead has for certain",
    )
    bands: Mapping[str, Word] = Field(
        default_factory=dict, description="Score with `bands` → field for the band; empty below the lowest one"
    )
    grades: Mapping[str, Word] = Field(
        default_factory=dict, description="Grade of the policy → field; empty while one of its bands is"
    )
    reasons: str | None = Field(
        None, description="Why the lead stands on its stage and what it lacks for the next one, in one sentence"
    )
    ask: str | None = Field(None, description="What is not known and should be asked, in the policy's order")
    next_action: Word | None = Field(None, description="What the policy's `next_action` says for the lead's stage")
    disqualification_reason: Word | None = Field(
        None, description="Why the lead is disqualified; empty while nothing disqualifies it"
    )
    stage_days: Mapping[str, StageDays] = Field(
        default_factory=dict,
        description="Stage of the policy → fields for the days on which crmsync saw the lead come there; left as "
        "they are while it has seen none",
    )
    attempts: str | None = Field(
        None, description="Which pass through the stages this is: 1, and one more whenever a stage comes again"
    )
    previous_owner: str | None = Field(
        None, description="Who had the lead before crmsync gave it to its owner; written with each new owner"
    )
    decided_by: str | None = Field(
        None,
        description="By which policy and on which day the record was last written; goes with other changes",
    )

    @model_validator(mode="after")
    def _each_field_once(self) -> "WriteMapping":
        fields = [written.field for written in self.written]
        twice = next((name for name in fields if fields.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"`{twice}` stands twice\n→ each field tells one thing: name another one")
        if not fields:
            raise ValueError("no field is named here\n→ name one, such as `reasons: <field>`, or leave `write` out")
        return self

    @property
    def written(self) -> tuple[Written, ...]:
        """Every field with what it tells, in the order of the reference."""
        return tuple(self._written())

    def _written(self) -> Iterator[Written]:
        for score, name in self.scores.items():
            yield Written(name, "score", score, ("scores", score), {})
        for score, word in self.bands.items():
            yield Written(word.field, "band", score, ("bands", score), word.values)
        for grade, word in self.grades.items():
            yield Written(word.field, "grade", grade, ("grades", grade), word.values)
        singles: tuple[tuple[Content, str | WordField | None], ...] = (
            ("reasons", self.reasons),
            ("ask", self.ask),
            ("next_action", self.next_action),
            ("disqualification_reason", self.disqualification_reason),
            ("attempts", self.attempts),
            ("previous_owner", self.previous_owner),
            ("decided_by", self.decided_by),
        )
        for content, one in singles:
            if isinstance(one, WordField):
                yield Written(one.field, content, "", (content,), one.values)
            elif one is not None:
                yield Written(one, content, "", (content,), {})
        for stage, days in self.stage_days.items():
            if days.first is not None:
                yield Written(days.first, "first_day", stage, ("stage_days", stage, "first"), {})
            if days.latest is not None:
                yield Written(days.latest, "latest_day", stage, ("stage_days", stage, "latest"), {})

    @property
    def fields(self) -> tuple[str, ...]:
        """The native lead fields, which are read, too: an unchanged value is not written."""
        return tuple(written.field for written in self.written)
