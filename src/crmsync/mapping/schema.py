"""What a mapping file may say: which native field is which fact, kind, stage and owner on one CRM.

A mapping is a frozen pydantic model, made from `mappings/<connection>.yaml` by `mapping_file.mapping_from`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, field_validator, model_validator

from crmsync.mapping.account_mapping import AccountMapping
from crmsync.mapping.conditions import Test
from crmsync.mapping.hand_off import HandOffMapping
from crmsync.mapping.moments import Moments
from crmsync.mapping.outcome import OutcomeMapping
from crmsync.mapping.parts import MappingPart, Names, NativeText, as_text
from crmsync.mapping.scope import ScopeTest
from crmsync.mapping.spelling import plain
from crmsync.mapping.write import WriteMapping
from crmsync.model import FactType


class Rule(MappingPart):
    """One answer for a kind, outcome or direction: a fixed word (`is`), or a field's value (`from`), `when` it holds.

    `values` translates native values to crmsync's words, letter case, spaces, underscores and hyphens aside; `null`
    says nothing, and the next rule is tried. Without `values` the native value itself is the answer, if it is one of
    the words that crmsync, the policy or this file knows. A value that no rule names is counted and told: it makes an
    outcome or a direction unknown; of kinds it stands for itself, or with `values` gives no answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, populate_by_name=True)
    is_: str | None = Field(None, alias="is")
    from_: str | None = Field(None, alias="from")
    values: Mapping[NativeText, str | None] | None = None
    when: Mapping[str, Test] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_answer(self) -> "Rule":
        if (self.is_ is None) == (self.from_ is None):
            raise ValueError("give either `is` (a fixed word) or `from` (a field)")
        if self.values is not None and self.from_ is None:
            raise ValueError("`values` translates the field named by `from`")
        spelt: dict[str, str] = {}
        for native, word in (self.values or {}).items():
            other = spelt.setdefault(plain(native), native)
            if (self.values or {})[other] != word:
                raise ValueError(f"“{other}” and “{native}” are one word, with two answers\n→ leave one of them out")
        return self


def _as_rules(value: Any) -> Any:
    return [{"is": value}] if isinstance(value, str) else [value] if isinstance(value, Mapping) else value


Rules = Annotated[tuple[Rule, ...], BeforeValidator(_as_rules)]


class FactMapping(MappingPart):
    """Where a fact stands. Several fields: the first that is not empty. Text that does not convert is unknown.

    `values`: native value → fact value (or a list of values that mean themselves); letter case and spaces around
    do not matter. A native value it does not name makes the fact unknown and is counted; `null` means that the value
    says nothing known, and nobody needs to be told. `currency`: of an amount, the field that says in which currency
    it is, where the CRM does not tie the two together itself.
    """

    field: Names
    type: FactType
    currency: str | None = None
    values: Mapping[str, NativeText | None] | None = None

    @field_validator("values", mode="before")
    @classmethod
    def _list_means_itself(cls, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        texts = [as_text(item) for item in value]
        for text in texts:
            if not isinstance(text, str):
                raise ValueError(f"`{text}` is no value of a field\n→ list texts, or write `the CRM's value: ours`")
        return {text: text for text in texts}

    @model_validator(mode="after")
    def _one_answer_for_each(self) -> "FactMapping":
        words: dict[str, tuple[str, str | None]] = {}
        for native, word in (self.values or {}).items():
            other, answer = words.setdefault(native.strip().casefold(), (native, word))
            if answer != word:
                raise ValueError(f"“{other}” and “{native}” are one word, with two answers\n→ leave one of them out")
        return self


UNMAPPED = "unmapped"


def _mapped_or_not(value: Any) -> Any:
    if not isinstance(value, Mapping | FactMapping) and value != UNMAPPED:
        raise ValueError(
            f"a fact is a mapping such as `{{field: Industry, type: text}}`, or `{UNMAPPED}`\n"
            f"→ write `{UNMAPPED}` for a fact that this CRM does not hold"
        )
    return value


def _fact_or_word(value: Any) -> str:
    return "<unmapped>" if value == UNMAPPED else "<fact>"


Facts = Annotated[
    Annotated[
        Annotated[FactMapping, Tag("<fact>")] | Annotated[Literal["unmapped"], Tag("<unmapped>")],
        Discriminator(_fact_or_word),
    ],
    BeforeValidator(_mapped_or_not),
]
"""A fact as a mapping says it, or the word for one that the CRM does not hold."""


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


class StageValue(MappingPart):
    """The native values that are one stage: what is read as it, and what is written for it.

    `set`: field → value, or several values of which the first is written and any is read. `leaving`: what to
    write when a lead leaves this stage for one that does not set the field (`null` = make it empty).
    """

    set: Mapping[str, Annotated[tuple[NativeText, ...], Field(min_length=1)]]
    leaving: Mapping[str, NativeText | None] = Field(default_factory=dict)

    @field_validator("set", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        for key, item in value.items():
            if item is None or (isinstance(item, list) and None in item):
                raise ValueError(
                    f"the value of `{key}` for this stage is missing\n→ write what the field holds in the CRM; "
                    "an empty field is the lowest stage without being named"
                )
        return {
            key: [_labelled(one) for one in (item if isinstance(item, list) else [item])]
            for key, item in value.items()
        }


LABEL = "label:"


def _labelled(value: Any) -> Any:
    """`{label: Sales Accepted Lead}` → `label:Sales Accepted Lead`, to be looked up among the CRM's choices."""
    return f"{LABEL}{value['label']}" if isinstance(value, Mapping) and set(value) == {"label"} else value


class StageMapping(MappingPart):
    """The stage field and its value for each stage of the policy.

    A value may be a word, a list of words (first is written), a mapping of several fields, or
    `{set: …, leaving: …}`. When reading, the first stage in the file whose values all match is the lead's stage;
    an empty `field` with no match is the lowest rung; anything else is unmanaged and never touched. A value
    `label: …` is looked up among the CRM's own choices (HubSpot's custom stages have numeric names).

    `dates`: stage → the field that holds the day on which a lead came there, for the past that reports tell.
    """

    field: str
    values: Mapping[str, StageValue] = Field(min_length=1)
    dates: Mapping[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _dates_of_stages(self) -> "StageMapping":
        for stage in self.dates:
            if stage not in self.values:
                raise ValueError(
                    f"`dates` names `{stage}`, which is no stage of `values`\n→ one of: {', '.join(self.values)}"
                )
        return self

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, raw: Any) -> Any:
        if not isinstance(raw, Mapping) or not isinstance(raw.get("values"), Mapping):
            return raw
        if not isinstance(raw.get("field"), str):
            return {**raw, "values": {"": {"set": {}}}}  # told is the field alone: without it no value has a meaning
        return {
            **raw,
            "values": {stage: _stage_value(raw.get("field"), value) for stage, value in raw["values"].items()},
        }

    @property
    def fields(self) -> tuple[str, ...]:
        """Every native field that tells or carries the stage, the main one first."""
        named = [self.field]
        for value in self.values.values():
            named += [*value.set, *value.leaving]
        return tuple(dict.fromkeys(named))


def _stage_value(field: Any, value: Any) -> Any:
    if isinstance(value, Mapping):
        if "set" in value:
            return value
        return {"set": {field: value} if set(value) == {"label"} else value}
    return {"set": {field: value}}


class OwnerMapping(MappingPart):
    """The field that holds the owner's CRM id."""

    field: str


class ActivityMapping(MappingPart):
    """How one native object becomes activities.

    `at`: fields that tell when it happened; the first that is not empty; a field that holds only a day gives the
    day. `kind`, `outcome`, `direction`: rules, first answer wins. Without a kind a record is left out, and so is one
    for which one of the tests of `leave_out` holds. `about`: the field that names the thing it is about.
    """

    object: str
    leave_out: Mapping[str, Test] = Field(default_factory=dict)
    at: Moments = Field(min_length=1)
    kind: Rules = Field(min_length=1)
    outcome: Rules = ()
    direction: Rules = ()
    by: str | None = None
    subject: str | None = None
    about: str | None = None


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


def activity_fields(activity: ActivityMapping) -> tuple[str, ...]:
    """The native fields to read for one activity object."""
    named = [*activity.leave_out, *(field for moment in activity.at for field in (*moment.fields, *moment.when))]
    named += [name for name in (activity.by, activity.subject, activity.about) if name]
    for rule in (*activity.kind, *activity.outcome, *activity.direction):
        named += [*([rule.from_] if rule.from_ else []), *rule.when]
    return tuple(dict.fromkeys(named))


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
