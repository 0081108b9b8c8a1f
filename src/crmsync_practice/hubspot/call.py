"""One request as a handler sees it, the answer it gives back, and the bodies clients send.

Body models are lenient where HubSpot is (ids as numbers, scalars of any type as property values) and strict
elsewhere: anything else is `Invalid input JSON`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from crmsync_practice.hubspot.errors import bad_json, bad_parameter
from crmsync_practice.hubspot.values import Scalar

MAX_ID = 2**62
T = TypeVar("T")


@dataclass(frozen=True)
class Actor:
    """Who writes: `user` is a native user id or None, the sources are what a property's history shows."""

    source_type: str = "INTEGRATION"
    source_id: str = "1160452"
    user: int | None = None
    owner: str | None = None


@dataclass(frozen=True)
class Change:
    """One applied write for the write log; `before`/`after` hold the properties the write named."""

    object: str
    id: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass
class Call:
    """One request: path parameters and query pairs are decoded, `dated` tells the date-versioned path family."""

    method: str
    path: str
    params: dict[str, str]
    query: list[tuple[str, str]]
    body: bytes
    headers: Mapping[str, str]
    base_url: str
    dated: bool = False
    actor: Actor = field(default_factory=Actor)
    scopes: frozenset[str] | None = None
    changes: list[Change] = field(default_factory=list)

    def value(self, name: str) -> str | None:
        """The last value of a query parameter; None when absent or empty."""
        found = [value for key, value in self.query if key == name]
        return found[-1] if found and found[-1] != "" else None

    def values(self, name: str) -> list[str]:
        """All values of a query parameter, repeated or comma-joined alike."""
        joined = [value for key, value in self.query if key == name]
        return [part.strip() for value in joined for part in value.split(",") if part.strip()]

    def flag(self, name: str) -> bool:
        """A boolean parameter; `True` and `False` with capitals are what the Python client sends."""
        text = (self.value(name) or "false").lower()
        if text not in ("true", "false"):
            raise bad_parameter(name, text)
        return text == "true"

    def number(self, name: str, default: int, most: int) -> int:
        """A count parameter between 1 and `most`; more is refused."""
        text = self.value(name)
        if text is None:
            return default
        number = parse_id(text)
        if number is None or not 1 <= number <= most:
            raise bad_parameter(name, text)
        return number

    def read(self, shape: type[T]) -> T:
        """The body as the given shape. Raises the refusal for a body that is not."""
        try:
            return msgspec.json.decode(self.body or b"{}", type=shape)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise bad_json(str(error)) from error

    def form(self) -> dict[str, str]:
        """A form-encoded body, last value of each field."""
        try:
            pairs = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100)
        except ValueError as error:
            raise bad_json("not a form") from error
        return dict(pairs)


@dataclass
class Answer:
    """Status, JSON-able payload (None: no body) and further headers."""

    status: int = 200
    payload: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def parse_id(text: str | int) -> int | None:
    """A record id or count from its decimal text; None if it is none or beyond 2**62."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int):
        return text if 0 <= text < MAX_ID else None
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    number = int(text)
    return number if number < MAX_ID else None


class Body(msgspec.Struct, rename="camel"):
    """What all request bodies share: camelCase on the wire."""


class AssociationSpec(Body):
    """Which association: its category and number."""

    association_type_id: int
    association_category: str = "HUBSPOT_DEFINED"


class IdBody(Body):
    """A reference by id."""

    id: str | int


class NewAssociation(Body):
    """An association made together with a record."""

    to: IdBody
    types: list[AssociationSpec] = msgspec.field(default_factory=list)


class RecordBody(Body):
    """A record to create or change; for batches with its id and trace id."""

    properties: dict[str, Scalar] = msgspec.field(default_factory=dict)
    id: str | int | None = None
    id_property: str | None = None
    object_write_trace_id: str | None = None
    associations: list[NewAssociation] | None = None


class BatchBody(Body):
    """A batch of records to write."""

    inputs: list[RecordBody]


class ReadBatchBody(Body):
    """A batch of records to read."""

    inputs: list[IdBody]
    properties: list[str] | None = None
    properties_with_history: list[str] | None = None
    id_property: str | None = None
