"""Whose an object's records are: tasks and events by `Who`, campaign members and the like by a lookup to the lead."""

from __future__ import annotations

from dataclasses import dataclass

from crmsync.sdk import UsageError
from crmsync_salesforce.describe import ObjectSchema
from crmsync_salesforce.replies import Record

LINK = "WhoId"
"""The field of an activity that holds whose it is."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """How one object's records tell which record of `leads` they belong to.

    `id_field` holds its id. `parent` is the relationship, `told_by` the field of the parent that is read beside it,
    and `told` what that holds for a lead that stands; all null: the id decides. `condition` asks for those alone.
    """

    id_field: str
    parent: str | None
    told_by: str | None
    told: str | bool | None
    condition: str

    @property
    def fields(self) -> tuple[str, ...]:
        """What a query has to read, so that `holds` can tell."""
        return (self.id_field, *((f"{self.parent}.{self.told_by}",) if self.told_by else ()))

    def holds(self, record: Record) -> bool:
        """Whether the record belongs to a lead that stands."""
        if not record.get(self.id_field):
            return False
        if self.parent is None or self.told_by is None:
            return True
        parent = record.get(self.parent)
        return isinstance(parent, dict) and parent.get(self.told_by) == self.told


def belonging(schema: ObjectSchema, leads: str) -> Belonging:
    """How this object's records belong to `leads`. Raises `UsageError` when they do not."""
    if not leads.isidentifier():
        raise UsageError(f"{leads!r} is no object name", hint="mend the object in the mapping")
    if schema.has(LINK):
        return Belonging(LINK, "Who", "Type", leads, f"Who.Type = '{leads}'")
    lookup = f"{leads}Id"
    if not schema.has(lookup):
        raise UsageError(
            f"{schema.name} is no activity object: it has neither WhoId nor {lookup}",
            hint="activities are Task, Event, CampaignMember, and objects with a lookup of that name; of tasks and "
            "events the signed-in user must be permitted to read the field Name (WhoId)",
        )
    if leads == "Lead" and "lead" in schema.relationships:
        # Members of a converted lead keep its id beside the contact's. A parent that is not there counts as false.
        condition = f"{lookup} != null AND Lead.IsConverted = false"
        return Belonging(lookup, "Lead", "IsConverted", told=False, condition=condition)
    return Belonging(lookup, None, None, None, f"{lookup} != null")
