"""Import attributes as contact properties, and back: which property keeps which attribute, and its type.

An attribute named like a standard field fills it; any other becomes a custom property typed by the JSON type of its
values. Booleans are true/false choices, so that unknown stays possible; texts with few values are choices too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from crmsync_practice.hubspot.definitions import Definition, Option, group_of
from crmsync_practice.hubspot.values import Scalar, number_text, scalar_text

STANDARD = {
    "industry": "industry",
    "country": "country",
    "title": "jobtitle",
    "lead_source": "lead_source",
    "website": "website",
    "phone": "phone",
    "employees": "numberofemployees",
    "annual_revenue": "annualrevenue",
    "campaign": "campaign",
}
"""HubSpot has no contact property that keeps lead_source, campaign or an exact number of employees: custom ones."""

_CORE = {"email", "firstname", "lastname", "company", "lifecyclestage", "hubspot_owner_id", "hs_lead_status"}
_MOST_CHOICES = 25
_LABELS = {"numberofemployees": "Number of employees (exact)", "lead_source": "Lead source", "campaign": "Campaign"}


@dataclass
class Seen:
    """What one attribute's values look like."""

    types: set[str] = field(default_factory=set)
    count: int = 0
    choices: dict[str, None] = field(default_factory=dict)

    def note(self, value: Scalar) -> None:
        """Counts one value in; null says nothing."""
        if value is None:
            return
        self.types.add(type_of(value))
        self.count += 1
        if isinstance(value, str) and len(self.choices) <= _MOST_CHOICES:
            self.choices[value] = None

    def take(self, usual: Seen) -> None:
        """Adds what such values usually are, unless these ones are of another type."""
        if not self.types or self.types == usual.types:
            self.types |= usual.types
            self.count += usual.count
            self.choices |= usual.choices

    @property
    def value_type(self) -> str:
        """`boolean`, `number`, or `text` (also for mixed values)."""
        return next(iter(self.types)) if len(self.types) == 1 else "text"

    @property
    def few(self) -> bool:
        """Whether the texts look like choices: few, short, repeated, and none that a list could not hold."""
        return (
            self.types == {"text"}
            and 0 < len(self.choices) <= _MOST_CHOICES
            and self.count >= 2 * len(self.choices)
            and all(0 < len(text) <= 60 and ";" not in text and text.strip() == text for text in self.choices)
        )


def type_of(value: Scalar) -> str:
    """The JSON type of a non-null attribute value."""
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "text"


def survey(attributes: Iterable[Mapping[str, Scalar]], usual: Iterable[Mapping[str, Scalar]] = ()) -> dict[str, Seen]:
    """What all leads' attributes look like, by name, sorted; `usual` ones are there even if no lead has them."""
    found = _counted(attributes)
    for name, seen in _counted(usual).items():
        found.setdefault(name, Seen()).take(seen)
    return dict(sorted(found.items()))


def _counted(attributes: Iterable[Mapping[str, Scalar]]) -> dict[str, Seen]:
    found: dict[str, Seen] = {}
    for each in attributes:
        for name, value in each.items():
            seen = found.get(name)
            if seen is None:
                seen = found[name] = Seen()
            seen.note(value)
    return found


def property_for(attribute: str, seen: Seen, defined: Mapping[str, Definition]) -> Definition:
    """The property that is to keep an attribute: a standard one where it fits, else a new custom one."""
    name = STANDARD.get(attribute) or _internal_name(attribute)
    known = defined.get(name)
    if known is not None and _fits(known, seen):
        return replace(known, attribute=attribute, value_type=seen.value_type)
    while name in defined or name in _CORE:
        name += "_custom"
    value_type = seen.value_type
    definition = Definition(
        name=name,
        label=_LABELS.get(name, attribute.replace("_", " ").capitalize()),
        type={"number": "number", "boolean": "enumeration"}.get(value_type, "string"),
        field_type={"number": "number", "boolean": "select"}.get(value_type, "text"),
        group=group_of("contacts"),
        standard=False,
        form_field=True,
        attribute=attribute,
        value_type=value_type,
    )
    if value_type == "boolean":
        options = (Option("true", "True", 0), Option("false", "False", 1))
        return replace(definition, options=options)
    if seen.few:
        return replace(definition, type="enumeration", field_type="select").with_options(sorted(seen.choices))
    return definition


def _internal_name(attribute: str) -> str:
    name = re.sub(r"[^a-z0-9_]+", "_", attribute.lower())[:80]
    return name if re.match(r"[a-z]", name) else f"a_{name}"


def _fits(definition: Definition, seen: Seen) -> bool:
    """A standard property takes an attribute when it is a free text that nothing else uses."""
    return (
        definition.standard
        and definition.type == "string"
        and not (definition.read_only or definition.calculated or definition.attribute)
        and definition.name not in _CORE
        and "boolean" not in seen.types
    )


def widened(definition: Definition, value: Scalar) -> Definition:
    """The same property made wide enough for a further value: another choice, or a text where types differ."""
    if value is None:
        return definition
    if type_of(value) != definition.value_type and definition.value_type != "text":
        return replace(definition, type="string", field_type="text", options=(), value_type="text")
    if definition.type == "enumeration" and scalar_text(value) not in definition.values:
        text = scalar_text(value)
        if ";" in text:
            return replace(definition, type="string", field_type="text", options=())
        return definition.with_options([text])
    return definition


def to_text(value: Scalar) -> str | None:
    """The stored text of an attribute value; null and the empty text are nothing."""
    if isinstance(value, float):
        return number_text(value)
    return scalar_text(value) or None


def from_text(text: str | None, definition: Definition) -> Scalar:
    """The attribute value behind a stored text, in its JSON type."""
    if text is None:
        return None
    if definition.value_type == "boolean" and text in ("true", "false"):
        return text == "true"
    if definition.value_type == "number":
        try:
            return int(text) if re.fullmatch(r"-?[0-9]{1,300}", text) else float(text)
        except ValueError:
            return text
    return text
