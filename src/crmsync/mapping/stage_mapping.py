"""The stage field of a mapping: which native values are which stage, what is written for it."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from crmsync.mapping.parts import MappingPart, NativeText


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
