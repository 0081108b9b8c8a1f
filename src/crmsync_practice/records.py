"""The people, leads and activities that a practice CRM starts from, and their JSON shape.

The shape is that of the import directory and of the control API's `state` and `edit`: one JSON object a
record, times ISO-8601 with zone, an absent key meaning null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Crm = Literal["salesforce", "hubspot"]
Stage = str | Mapping[str, str] | None
Value = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can own leads. `type` is `person` or `queue`; `timezone` an IANA name or None."""

    id: str
    type: str
    name: str | None = None
    email: str | None = None
    roles: tuple[str, ...] = ()
    active: bool = True
    team: str | None = None
    territories: tuple[str, ...] = ()
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class StageStep:
    """A lead came to `stage` at `at`. `by` is a user id, or None for a program."""

    stage: Stage
    at: datetime
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """A person who may buy. `owner` is a user id or None; times are aware and in UTC.

    `stage_history`: its way through the stages, oldest first; the last step is the one to `stage`. Empty: the CRM
    knows of no way there.
    """

    id: str
    email: str | None
    first_name: str | None
    last_name: str | None
    company: str | None
    owner: str | None
    stage: Stage
    created_at: datetime
    modified_at: datetime
    attributes: Mapping[str, Value] = field(default_factory=dict)
    stage_history: tuple[StageStep, ...] = ()

    def stage_for(self, crm: Crm) -> str | None:
        """The native stage in one CRM: `stage` may be one string for both, or one per CRM."""
        return native_stage(self.stage, crm)

    def stages_for(self, crm: Crm) -> tuple[str | None, ...]:
        """The same of every stage that it stands or stood in, the present one first."""
        return self.stage_for(crm), *(native_stage(step.stage, crm) for step in self.stage_history)


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that happened, or is planned, with a lead. `by` is a user id or None."""

    id: str
    lead: str
    kind: str
    at: datetime
    direction: str | None = None
    outcome: str | None = None
    by: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A lead that a campaign reached at `at`. `responded_at` is null for one that did not respond."""

    lead: str
    status: str
    at: datetime
    responded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign; of its members' `statuses` the first is that of who was sent something, the others respond."""

    name: str
    type: str
    statuses: tuple[str, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class World:
    """Everything a practice CRM is loaded from; `usual` are attributes that it has fields for in any case."""

    users: tuple[User, ...]
    leads: tuple[Lead, ...]
    activities: tuple[Activity, ...]
    usual: tuple[Mapping[str, Value], ...] = ()
    campaigns: tuple[Campaign, ...] = ()


def native_stage(stage: Stage, crm: Crm) -> str | None:
    """Picks one CRM's stage out of the import shape (null, a string, or one string per CRM)."""
    if stage is None or isinstance(stage, str):
        return stage
    return stage.get(crm)


def time_to_json(at: datetime) -> str:
    """ISO-8601 in UTC with `Z`; a fraction only when there is one."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def user_to_json(user: User) -> dict[str, Any]:
    """One line of `users.jsonl`."""
    return {
        "id": user.id,
        "type": user.type,
        "name": user.name,
        "email": user.email,
        "roles": list(user.roles),
        "active": user.active,
        "team": user.team,
        "territories": list(user.territories),
        "timezone": user.timezone,
    }


def lead_to_json(lead: Lead) -> dict[str, Any]:
    """One line of `leads.jsonl`."""
    steps = [{"stage": _stage_to_json(it.stage), "at": time_to_json(it.at), "by": it.by} for it in lead.stage_history]
    return {
        "id": lead.id,
        "email": lead.email,
        "first_name": lead.first_name,
        "last_name": lead.last_name,
        "company": lead.company,
        "owner": lead.owner,
        "stage": _stage_to_json(lead.stage),
        "created_at": time_to_json(lead.created_at),
        "modified_at": time_to_json(lead.modified_at),
        "attributes": dict(lead.attributes),
        **({"stage_history": steps} if steps else {}),
    }


def _stage_to_json(stage: Stage) -> Stage:
    return dict(stage) if isinstance(stage, Mapping) else stage


def activity_to_json(activity: Activity) -> dict[str, Any]:
    """One line of `activities.jsonl`."""
    return {
        "id": activity.id,
        "lead": activity.lead,
        "kind": activity.kind,
        "at": time_to_json(activity.at),
        "direction": activity.direction,
        "outcome": activity.outcome,
        "by": activity.by,
        "subject": activity.subject,
    }
