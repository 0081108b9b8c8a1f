"""The behaviours of the Salesforce side that a rehearsal or a test may turn, with their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from crmsync_practice.deliveries import on_loopback
from crmsync_practice.reading import RecordRefused

Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
SCHEMA_SWITCHES = frozenset(
    {
        "currencies",
        "hidden_fields",
        "hidden_objects",
        "record_types",
        "restricted_picklists",
        "unique_external_ids",
    }
)
"""What describe shows otherwise when it is turned."""
Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Code = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}\\Z")]
Rate = Annotated[float, msgspec.Meta(gt=0, le=10**9)]


class ValidationRule(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An admin's rule: `condition` is the SOQL condition that is an error."""

    condition: str
    object: str = "Lead"
    message: str = "A validation rule refuses this record"
    field: str | None = None


class DuplicateRule(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A rule that finds records with the same values in all `fields`; see `duplicates.py` for `action`."""

    object: str = "Lead"
    fields: list[str] = msgspec.field(default_factory=lambda: ["Email"])
    action: Literal["alert", "block"] = "alert"
    name: str | None = None
    message: str = "Use one of these records?"


class RecordType(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A record type of Lead. `picklists` names the values it shows, in order, of the picklists that it narrows;
    `default` makes it what new leads get when they do not say; `available` whether the user may choose it.
    """

    developer_name: Annotated[str, msgspec.Meta(pattern="^[A-Za-z][A-Za-z0-9_]{0,79}\\Z")]
    name: str | None = None
    active: bool = True
    available: bool = True
    default: bool = False
    picklists: dict[str, list[str]] = {}


class Switches(msgspec.Struct, forbid_unknown_fields=True):
    """All switches; each is `/_practice/switches`' key of the same name."""

    assignment_rule: bool = True
    """An active assignment rule takes a lead's owner on every write without `Sforce-Auto-Assign: FALSE`."""
    validation_rules: list[ValidationRule] = []
    """Rules that refuse a save."""
    record_types: list[RecordType] = []
    """Record types of Lead beside the Master type: [{"developer_name": "Partner", "name": "Partner lead"}]."""
    status_rewrites: dict[str, str] = {}
    """A trigger that rewrites the status after it was written: {"Sales Qualified": "Nurturing"}."""
    closed_task_statuses: list[str] = msgspec.field(default_factory=lambda: ["Completed", "Cancelled"])
    """Statuses by which a Task is closed (IsClosed): an org has its own, and not all of them say that it was done."""
    flow_rewrites: dict[str, str] = {}
    """A flow that puts another status in the place of a saved one, as the Automated Process user, by its history."""
    locked_ids: list[str] = []
    """Ids of records that somebody else holds locked (UNABLE_TO_LOCK_ROW)."""
    hidden_fields: list[str] = []
    """Fields that field-level security hides: ["Lead.Industry"]. Applied at each request."""
    hidden_objects: list[str] = []
    """Objects that the user may not read: ["UserRole", "Organization"]. They are absent, as are ways to them."""
    may_modify_metadata: bool = True
    """The signed-in user may deploy metadata."""
    duplicate_rules: list[DuplicateRule] = []
    """Rules that refuse a save that looks like another record: [{"fields": ["Email"], "action": "alert"}]."""
    currencies: dict[Code, Rate] = {}
    """An org with several currencies: each one's units for one unit of the corporate one, {"EUR": 1, "USD": 1.1}."""
    restricted_picklists: list[str] = []
    """Picklists that refuse unknown values: ["Lead.Rating"]."""
    unique_external_ids: bool = True
    """External id fields are unique; where they are not, one value may lead to several records (status 300)."""
    late_visibility_seconds: Seconds = 0.0
    """Edits by the control API become visible so much later than they are stamped, as long transactions do."""
    edit_converted_leads: bool = False
    """The integration user may change converted leads."""
    transfer_open_tasks: bool = True
    """Open tasks follow their lead to its new owner."""
    bulk_polls: Count = 0
    """How often a bulk job is told as InProgress before it is done."""
    csv_charset: bool = False
    """Bulk result downloads name their charset."""
    daily_api_requests: Count | None = None
    """The daily API quota; null: 5,000,000 (a sandbox), or 300 under the profile quota-poor."""
    rotate_refresh_tokens: bool = False
    """Each refresh gives a new refresh token, and the used one is refused from then on."""
    outbound_url: str | None = None
    """Where outbound messages go, on loopback; null: nowhere."""
    outbound_objects: list[str] = msgspec.field(default_factory=lambda: ["Lead", "Contact", "Task", "Event"])
    """Objects whose saved records are told by outbound messages."""
    outbound_retry_seconds: Seconds = 1.0
    """Until a message that was not acknowledged is sent again; each further time takes so much longer."""
    sessions_ended: Count = 0
    """Another number ends every session: tokens given so far are no longer good."""
    change_objects: list[str] = msgspec.field(
        default_factory=lambda: ["Lead", "Contact", "Task", "Event", "CampaignMember"]
    )
    """Objects that are chosen for Change Data Capture."""
    change_style: Literal["plain", "gap", "overflow", "twice", "reversed"] = "plain"
    """How change events come from now on: as gap events, as overflow events without ids, twice, or those of one
    transaction in reverse order."""
    change_keepalive_seconds: Seconds = 1.0
    """After so long without an event a subscriber gets a sign of life (Salesforce: within 270 seconds)."""
    change_streams_ended: Count = 0
    """Another number ends every subscription, as maintenance does."""
    changes_forgotten: Count = 0
    """Another number forgets every event so far: replay ids of before are refused, as those older than three days."""
    soap_login: bool = True
    """Whether SOAP login() still works: it is off by default in new orgs."""


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """All switches as plain values, defaults filled in. Raises RecordRefused with the name of a wrong one."""
    try:
        switches = msgspec.convert(dict(values), Switches)
    except msgspec.ValidationError as error:
        raise RecordRefused(str(error)) from error
    types = switches.record_types
    names = {each.developer_name for each in types} | {"Master"}
    if len(names) != len(types) + 1:
        raise RecordRefused("record_types: every developer_name once, and none of them Master")
    defaults = [each for each in types if each.default]
    if len(defaults) > 1 or not all(each.active and each.available for each in defaults):
        raise RecordRefused("record_types: at most one default, and that active and available")
    if switches.outbound_url is not None and not on_loopback(switches.outbound_url):
        raise RecordRefused("outbound_url must be a plain http address on loopback")
    if switches.currencies and 1 not in switches.currencies.values():
        raise RecordRefused("currencies: one of them is the corporate currency, with the rate 1")
    return msgspec.to_builtins(switches)  # type: ignore[no-any-return]
