"""The shapes of Salesforce's answers, as far as the connector uses them. A body of another shape is torn.

Names are the wire's own, in snake case. Sources: REST API Developer Guide, "Query", "Update Multiple Records
with Fewer Round-Trips", "sObject Describe", "sObject Get Updated".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

Record = dict[str, Any]


class QueryPage(msgspec.Struct, rename="camel"):
    """One page of a query. `total_size` counts the whole result; `next_records_url` is a path, null on the last."""

    records: list[Record]
    done: bool
    total_size: int
    next_records_url: str | None = None

    def __post_init__(self) -> None:
        if not self.done and not self.next_records_url:
            raise ValueError("an unfinished page without nextRecordsUrl")


class SaveError(msgspec.Struct, rename="camel"):
    """Why one record was not saved. `fields`: the fields concerned, where Salesforce names them."""

    status_code: str
    message: str | None = None
    fields: Any = None


class SaveResult(msgspec.Struct):
    """What became of one record of a collection; in the order of the request, `id` may be missing on failure."""

    success: bool
    id: str | None = None
    errors: list[SaveError] | None = None


class Updated(msgspec.Struct, rename="camel"):
    """Answer of getUpdated, without its ids."""

    latest_date_covered: str

    def __post_init__(self) -> None:
        if self.covered.tzinfo is None:
            raise ValueError("an instant without a zone")

    @property
    def covered(self) -> datetime:
        """The instant up to which every change has been accounted for."""
        return datetime.fromisoformat(self.latest_date_covered)


class PicklistEntry(msgspec.Struct):
    """One choice of a picklist; one without a value cannot be chosen."""

    value: str | None = None
    label: str | None = None
    active: bool = True


class DescribedField(msgspec.Struct, rename="camel"):
    """A field as describe tells it to the signed-in user."""

    name: str
    type: str
    label: str | None = None
    length: int | None = None
    digits: int | None = None
    precision: int | None = None
    scale: int | None = None
    updateable: bool = False
    nillable: bool = True
    createable: bool = True
    filterable: bool = True
    calculated: bool = False
    restricted_picklist: bool = False
    permissionable: bool = False
    picklist_values: list[PicklistEntry] | None = None
    relationship_name: str | None = None
    reference_to: list[str] | None = None


class Described(msgspec.Struct):
    """An object as describe tells it to the signed-in user."""

    name: str
    fields: list[DescribedField]
    replicateable: bool = False


class CompositePart(msgspec.Struct, rename="camel"):
    """One subrequest's answer."""

    http_status_code: int
    body: Any = None


class CompositeAnswer(msgspec.Struct, rename="camel"):
    """Answer of a composite request, in the order of its subrequests."""

    composite_response: list[CompositePart]


class Token(msgspec.Struct):
    """Answer of the token endpoint. `refresh_token` comes when Salesforce replaces the old one."""

    access_token: str
    instance_url: str
    refresh_token: str | None = None
