"""Where a mapping says that facts stand."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Tag, field_validator, model_validator

from crmsync.mapping.parts import MappingPart, Names, NativeText, as_text
from crmsync.model import FactType


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
