"""What a mapping file may say: which native field is which fact, kind, stage and owner on one CRM.

A mapping is a frozen pydantic model, made from `mappings/<connection>.yaml` by `mapping_file.mapping_from`.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator

from crmsync.mapping.account_mapping import AccountMapping
from crmsync.mapping.activity_mapping import ActivityMapping
from crmsync.mapping.conditions import Test
from crmsync.mapping.fact_mapping import FactMapping, Facts
from crmsync.mapping.hand_off import HandOffMapping
from crmsync.mapping.outcome import OutcomeMapping
from crmsync.mapping.parts import MappingPart, Names
from crmsync.mapping.scope import ScopeTest
from crmsync.mapping.stage_mapping import StageMapping
from crmsync.mapping.write import WriteMapping
from crmsync.model import FactType


class LeadMapping(MappingPart):
    """The lead object and what names a lead. `when`: which of its records are leads of this connection; all tests.

    `leave_alone`: tests of native fields; a lead for which one of them holds is decided and never changed.
    """

    object: str
    email: str
    created_at: str
    name: Names = ()
    company: str | None = None
    when: Mapping[str, ScopeTest] = Field(default_factory=dict)
    leave_alone: Mapping[str, Test] = Field(default_factory=dict)

    @field_validator("leave_alone", mode="before")
    @classmethod
    def _one_field(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or set(value) != {"field", "values"}:
            return value
        return {value["field"]: value["values"]} if isinstance(value["field"], str) else value


class OwnerMapping(MappingPart):
    """The field that holds the owner's CRM id."""

    field: str


class CrmMapping(MappingPart):
    """A whole mapping file."""

    format: Literal[1] = 1
    connector: str
    lead: LeadMapping
    stage: StageMapping
    owner: OwnerMapping
    facts: Mapping[str, Facts] = Field(default_factory=dict)
    activities: tuple[ActivityMapping, ...] = ()
    accounts: tuple[AccountMapping, ...] = ()
    hand_off: HandOffMapping | None = None
    hand_overs: Mapping[str, HandOffMapping] = Field(
        default_factory=dict,
        exclude_if=lambda value: not value,
        description="For a hand-over of the policy's `hand_overs`, by its name, what differs from `hand_off`",
    )
    outcome: OutcomeMapping | None = Field(None, exclude_if=lambda value: value is None)
    write: WriteMapping | None = None
    write_scores_after_days: int = Field(
        30,
        strict=True,
        ge=1,
        le=3650,
        description="A score that differs from what the CRM holds is written with any other change of the lead; by "
        "itself only when so many days have passed since the lead's scores were last written",
    )

    @property
    def mapped_facts(self) -> Mapping[str, FactMapping]:
        """The facts that this CRM provides."""
        return {name: fact for name, fact in self.facts.items() if isinstance(fact, FactMapping)}

    @property
    def fact_types(self) -> Mapping[str, FactType]:
        """Fact name → type, for the facts this CRM provides."""
        return {name: fact.type for name, fact in self.mapped_facts.items()}

    @property
    def lead_fields(self) -> tuple[str, ...]:
        """The native lead fields to read."""
        lead = self.lead
        named = [lead.email, lead.created_at, *lead.name, *([lead.company] if lead.company else [])]
        named += [self.owner.field, *self.stage.fields, *lead.leave_alone]
        for fact in self.mapped_facts.values():
            named += [*fact.field, *([fact.currency] if fact.currency else [])]
        named += self.hand_off_fields
        named += self.lead.when
        named += self.write.fields if self.write else ()
        return tuple(dict.fromkeys(named))

    @property
    def hand_off_parts(self) -> tuple[tuple[tuple[str, ...], HandOffMapping], ...]:
        """What the file says of hand-offs, each with its place: for all, and for one hand-over."""
        for_all = [(("hand_off",), self.hand_off)] if self.hand_off else []
        return (*for_all, *((("hand_overs", name), each) for name, each in self.hand_overs.items()))

    @property
    def hand_off_fields(self) -> tuple[str, ...]:
        """The native lead fields of all hand-overs."""
        return tuple(dict.fromkeys(name for _, part in self.hand_off_parts for name in part.lead_fields))

    @property
    def hand_off_fields_written(self) -> tuple[str, ...]:
        """Those of them that crmsync writes."""
        return tuple(dict.fromkeys(name for _, part in self.hand_off_parts for name in part.written_fields))

    def of_hand_over(self, key: str | None) -> HandOffMapping:
        """Where what belongs to a hand-over stands; null = the policy's only one."""
        return (self.hand_off or HandOffMapping.model_construct()).beneath(
            self.hand_overs.get(key) if key is not None else None
        )

    @property
    def fields_read(self) -> tuple[str, ...]:
        """Those of them from which something is made out of what they hold: not the ones that crmsync fills."""
        filled = set(self.write.fields) if self.write else set()
        return tuple(name for name in self.lead_fields if name not in filled)

    @property
    def provided_kinds(self) -> frozenset[str] | None:
        """The activity kinds this mapping can give; None when a field's own value is the kind (any word)."""
        kinds: set[str] = set()
        for rule in (rule for activity in self.activities for rule in activity.kind):
            if rule.is_ is not None:
                kinds.add(rule.is_)
            elif rule.values is None:
                return None
            else:
                kinds.update(word for word in rule.values.values() if word is not None)
        return frozenset(kinds)


def stage_of(mapping: CrmMapping, held: Mapping[str, str | None]) -> str | None:
    """The stage that these native values are; None = empty or unmanaged. The same rule as `inward`, for one lead."""
    for stage, value in mapping.stage.values.items():
        if all(held.get(field) in values for field, values in value.set.items()):
            return stage
    return None


def written_values(mapping: CrmMapping, before: str | None, after: str) -> dict[str, str | None]:
    """The native values to write for a step from one stage to another."""
    stages = mapping.stage.values
    leaving = stages[before].leaving if before is not None and before in stages else {}
    return {**leaving, **{field: values[0] for field, values in stages[after].set.items()}}
