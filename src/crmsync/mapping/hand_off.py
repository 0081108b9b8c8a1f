"""Where one CRM keeps what belongs to a hand-off: who handed off, the receiver's answer, the receiver's task."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from crmsync.mapping.parts import MappingPart, NativeText

Answer = Literal["accepted", "returned"]


class HandOffResponse(MappingPart):
    """The field in which the receiver answers. `pending` is what a new hand-off sets it to; null = empty."""

    field: str
    pending: NativeText | None = None
    accepted: NativeText
    returned: NativeText

    @model_validator(mode="after")
    def _told_apart(self) -> "HandOffResponse":
        words = [_folded(self.pending), _folded(self.accepted), _folded(self.returned)]
        if len(set(words)) < len(words):
            raise ValueError(
                "`pending`, `accepted` and `returned` must differ, letter case and spaces aside\n"
                "→ give each its own value; without `pending` a new hand-off makes the field empty"
            )
        return self

    def word(self, native: str | None) -> Answer | None:
        """What the native value says; null for anything else. Letter case and spaces around do not matter."""
        if native is None:
            return None
        folded = _folded(native)
        if folded == _folded(self.accepted):
            return "accepted"
        return "returned" if folded == _folded(self.returned) else None


def _folded(native: str | None) -> str:
    return (native or "").strip().casefold()


class DueField(MappingPart):
    """The field that says until when; `date` = a day, `datetime` = an instant."""

    field: str
    type: Literal["date", "datetime"] = "date"


class BodyField(MappingPart):
    """The field that tells the reasons; `html` = the CRM shows it as HTML (HubSpot), where line breaks are lost."""

    field: str
    type: Literal["text", "html"] = "text"


def _short(value: Any) -> Any:
    return {"field": value} if isinstance(value, str) else value


class HandOffTask(MappingPart):
    """How a task for the receiver is made. `set`: further fields with fixed values."""

    object: str
    subject: str
    owner: str
    body: Annotated[BodyField | None, BeforeValidator(_short)] = None
    due: Annotated[DueField | None, BeforeValidator(_short)] = None
    set: Mapping[str, NativeText] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _each_field_once(self) -> "HandOffTask":
        twice = next((name for name in self.fields if self.fields.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"`{twice}` stands twice\n→ each field of the task holds one thing: name another one")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """Every native field that is written."""
        return (self.subject, self.owner, *(part.field for part in (self.body, self.due) if part), *self.set)


class HandOffMapping(MappingPart):
    """`bdr`: the field that keeps who handed the lead off (a CRM user id). Everything is optional.

    `return_reason`: the field in which the receiver says why a lead comes back.
    """

    bdr: str | None = None
    response: HandOffResponse | None = None
    return_reason: str | None = None
    task: HandOffTask | None = None

    @model_validator(mode="after")
    def _each_field_once(self) -> "HandOffMapping":
        twice = next((name for name in self.lead_fields if self.lead_fields.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"`{twice}` stands twice\n→ each field holds one thing: name another one")
        return self

    @property
    def lead_fields(self) -> tuple[str, ...]:
        """The native lead fields that are read."""
        response = self.response.field if self.response else None
        return tuple(name for name in (self.bdr, response, self.return_reason) if name)

    @property
    def written_fields(self) -> tuple[str, ...]:
        """Those of them that crmsync writes."""
        return tuple(name for name in (self.bdr, self.response and self.response.field) if name)

    def beneath(self, own: "HandOffMapping | None") -> "HandOffMapping":
        """This with what one hand-over says of its own in its place."""
        if own is None:
            return self
        said = {name: getattr(each, name) for each in (self, own) for name in each.model_fields_set}
        return HandOffMapping(**said)
