"""Facts: what a policy knows about a lead, declared once with their types.

Beside the declared ones there are *built-in* facts (columns every lead has) and *derived* facts, made by a small
fixed set of functions. A derived fact is unknown when what it is made of is unknown.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from crmsync.configuration import did_you_mean
from crmsync.model import FactType
from crmsync.qualify.terms.shape import Name, PolicyPart, Words, shown

BUILT_IN_FACTS: Mapping[str, FactType] = {
    "email": "text",
    "company": "text",
    "created_at": "datetime",
    "leads_at_company": "integer",
}
"""Lead columns usable as facts. `leads_at_company` is the store's count; unknown where no one counts."""


class Fact(PolicyPart):
    """One declared fact. `values` are the choices of a `choice`; `question` is what a person asks to learn it."""

    type: FactType
    values: Annotated[tuple[Words, ...], Field(max_length=500)] | None = None
    label: Words | None = None
    question: Words | None = None
    unit: Words | None = None

    @model_validator(mode="after")
    def _values_belong_to_choices(self) -> "Fact":
        if self.type == "choice" and not self.values:
            raise ValueError("a `choice` needs its `values`\n→ list them, or make the fact a `text`")
        if self.type != "choice" and self.values:
            raise ValueError(f"`values` belong to a `choice`, not to a `{self.type}`")
        return self


class DomainOf(PolicyPart):
    """The part of an e-mail address after the last `@`, lower case. From a text; gives a text."""

    domain_of: Name


class DaysSince(PolicyPart):
    """Whole days from the local day of a date or datetime to `as_of`; negative for the future. Gives an integer."""

    days_since: Name


class DaysUntil(PolicyPart):
    """Whole days from `as_of` to the local day of a date or datetime; negative for the past. Gives an integer."""

    days_until: Name


class LengthOf(PolicyPart):
    """How many characters a text has. Gives an integer."""

    length_of: Name


class RangeOf(PolicyPart):
    """The whole numbers that a text such as `51-200`, `1000+` or `< 50` allows. From a text or choice.

    Gives an integer of which only the ends may be known.
    """

    range_of: Name


_FUNCTIONS: Mapping[str, type[PolicyPart]] = {
    "domain_of": DomainOf,
    "days_since": DaysSince,
    "days_until": DaysUntil,
    "length_of": LengthOf,
    "range_of": RangeOf,
}


def _function_of(value: Any) -> str:
    return next(f"<{name}>" for name, kind in _FUNCTIONS.items() if name in value or isinstance(value, kind))


def _recognised(value: Any) -> Any:
    if isinstance(value, PolicyPart):
        return value
    if not isinstance(value, dict) or not value.keys() & _FUNCTIONS.keys():
        word = next(iter(value), "") if isinstance(value, dict) else value
        raise ValueError(f"{shown(word)} makes no fact\n→ {did_you_mean(word, _FUNCTIONS)}")
    return value


Derived = Annotated[
    Annotated[
        Annotated[DomainOf, Tag("<domain_of>")]
        | Annotated[DaysSince, Tag("<days_since>")]
        | Annotated[DaysUntil, Tag("<days_until>")]
        | Annotated[LengthOf, Tag("<length_of>")]
        | Annotated[RangeOf, Tag("<range_of>")],
        Discriminator(_function_of),
    ],
    BeforeValidator(_recognised),
]
"""A derived fact as a policy writes it."""

_TAKES: Mapping[type[PolicyPart], tuple[FactType, ...]] = {
    DomainOf: ("text",),
    DaysSince: ("date", "datetime"),
    DaysUntil: ("date", "datetime"),
    LengthOf: ("text",),
    RangeOf: ("text", "choice"),
}


def source_of(derived: Derived) -> tuple[str, str]:
    """(function, fact it is made of)."""
    name = next(iter(type(derived).model_fields))
    return name, str(getattr(derived, name))


def takes(derived: Derived) -> tuple[FactType, ...]:
    """The types of fact the function takes."""
    return _TAKES[type(derived)]


def gives(derived: Derived) -> FactType:
    """The type of the derived fact."""
    return "text" if isinstance(derived, DomainOf) else "integer"
