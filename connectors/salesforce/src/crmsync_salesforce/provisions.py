"""What a Salesforce org has to have so that crmsync can work there: fields, values, a permission set, a list view.

Looking needs no more than reading set-up; making needs *Customize Application* and *Modify Metadata Through Metadata
API Functions*, which the user that syncs should not have: give it for this once, or bring the files in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from crmsync.sdk import (
    AccessProvision,
    FieldProvision,
    ListProvision,
    OutcomeUncertain,
    Provided,
    Provision,
    UsageError,
    ValuesProvision,
    replace,
)
from crmsync_salesforce.belonging import LINK
from crmsync_salesforce.deployment import deploy, outcome_told
from crmsync_salesforce.describe import Describer, ObjectSchema
from crmsync_salesforce.errors import Refusal
from crmsync_salesforce.metadata_files import (
    STANDARD_VALUE_SETS,
    WITHOUT_OBJECT_PERMISSIONS,
    Package,
    ValueSet,
    developer_name,
    field_permissions,
)
from crmsync_salesforce.permission_sets import PermissionSets
from crmsync_salesforce.replies import Record
from crmsync_salesforce.transport import Transport

_NOT_ALLOWED = (
    "sign in for this once as a user with *Customize Application* and *Modify Metadata Through Metadata API "
    "Functions*, or bring it in as files: crmsync provision CONNECTION --files DIR"
)
_UNSEEN = "it is there, and the signed-in user cannot see it yet: the permission set gives it"


class _Rows(msgspec.Struct):
    records: list[Record]


class Provider:
    """Looks at and makes what provisions name. Nothing is remembered between two questions."""

    def __init__(self, transport: Transport, api_version: str, sleep: Callable[[float], None]) -> None:
        self._transport = transport
        self._api_version = api_version
        self._sleep = sleep
        self._describer = Describer(transport)
        self._sets = PermissionSets(transport)

    def provided(self, provisions: Sequence[Provision]) -> list[Provided]:
        """How each stands now."""
        self._describer = Describer(self._transport)
        return [self._state(each) for each in self._whole(provisions)]

    def files(self, provisions: Sequence[Provision]) -> dict[str, str]:
        """All that is missing as one package; the permission set in any case, for a pipeline keeps it whole."""
        states, provisions = self.provided(provisions), self._whole(provisions)
        pairs = zip(provisions, states, strict=True)
        wanted = [it for it, state in pairs if state.state == "missing" or isinstance(it, AccessProvision)]
        return self._package(wanted).files(self._api_version)

    def provide(self, provisions: Sequence[Provision]) -> list[Provided]:
        """Make what is missing: one deployment, then what it cannot bring (more of a permission set, its user)."""
        states, provisions = self.provided(provisions), self._whole(provisions)
        missing = [it for it, state in zip(provisions, states, strict=True) if state.state == "missing"]
        accesses = [it for it in missing if isinstance(it, AccessProvision)]
        kept = {it.name for it in accesses if self._sets.find(it.name)}
        ends = self._deployed([it for it in missing if not (isinstance(it, AccessProvision) and it.name in kept)])
        for access in accesses:
            if ends.get(access.name, Provided("made")).state == "made":
                ends[access.name] = self._sets.give(access.name, self._field_permissions(access))
        return [
            ends[_full_name(it)] if state.state == "missing" else state
            for it, state in zip(provisions, states, strict=True)
        ]

    def _deployed(self, provisions: Sequence[Provision]) -> dict[str, Provided]:
        """Full name → what became of it."""
        names = [_full_name(it) for it in provisions]
        if not provisions:
            return {}
        try:
            failures = deploy(self._transport, self._package(provisions).files(self._api_version), sleep=self._sleep)
        except OutcomeUncertain as error:
            return dict.fromkeys(names, Provided("uncertain", error.message))
        except Refusal as refusal:
            return dict.fromkeys(names, Provided("refused", f"{refusal.message} → {_NOT_ALLOWED}"))
        if not failures:
            return dict.fromkeys(names, Provided("made"))
        return {name: Provided("refused", outcome_told(failures, name)) for name in names}

    def _whole(self, provisions: Sequence[Provision]) -> list[Provision]:
        """The same, where what is read of parents (`Account.Industry`) is access to these objects, too."""
        return [
            self._with_parents(self._with_links(it)) if isinstance(it, AccessProvision) else it for it in provisions
        ]

    def _with_links(self, access: AccessProvision) -> AccessProvision:
        """With the fields by which one record leads to another: an activity to its lead, a record to a parent."""
        reads = {name: [*fields, *self._links(name, fields)] for name, fields in access.reads.items()}
        makes = {name: [*fields, *self._links(name, ())] for name, fields in access.makes.items()}
        return replace(
            access,
            reads={name: tuple(dict.fromkeys(fields)) for name, fields in reads.items()},
            makes={name: tuple(dict.fromkeys(fields)) for name, fields in makes.items()},
        )

    def _links(self, name: str, fields: Sequence[str]) -> Iterator[str]:
        try:
            schema = self._describer.schema(name)
        except UsageError:
            return  # told where the mapping is held against the org
        if schema.has(LINK):
            yield LINK
        followed = {each.partition(".")[0].lower() for each in fields if "." in each}
        for field in schema.fields.values():
            if field.relationship_name and field.relationship_name.lower() in followed:
                yield field.name

    def _with_parents(self, access: AccessProvision) -> AccessProvision:
        reads = {name: list(fields) for name, fields in access.reads.items()}
        for name, fields in access.reads.items():
            if name in WITHOUT_OBJECT_PERMISSIONS or not any("." in field for field in fields):
                continue
            parents = {each.lower(): parent for each, parent in self._describer.parents(name).items()}
            for relationship, _, field in (each.partition(".") for each in fields):
                parent = parents.get(relationship.lower())
                if parent and parent.objects and field and "." not in field:
                    reads.setdefault(parent.objects[0], []).append(field)
        return replace(access, reads={name: tuple(dict.fromkeys(fields)) for name, fields in reads.items()})

    # How things stand

    def _state(self, provision: Provision) -> Provided:
        match provision:
            case FieldProvision():
                return self._field_state(provision)
            case ValuesProvision():
                return self._values_state(provision)
            case ListProvision():
                return self._list_state(provision)
            case AccessProvision():
                return self._access_state(provision)

    def _field_state(self, wanted: FieldProvision) -> Provided:
        if self._describer.schema(wanted.object).has(wanted.name):
            return Provided("there")
        if not wanted.name.endswith("__c"):
            told = "no field of this name is there, and a new one ends in `__c`: name it so in the mapping"
            return Provided("by_hand", told)
        hidden = wanted.name.removesuffix("__c").lower() in self._custom_fields(wanted.object)
        return Provided("there", _UNSEEN) if hidden else Provided("missing")

    def _custom_fields(self, object_name: str) -> frozenset[str]:
        """Developer names of the object's own fields, also of those that the user may not see."""
        soql = f"SELECT DeveloperName FROM CustomField WHERE TableEnumOrId = '{object_name}'"  # noqa: S608
        return frozenset(str(row.get("DeveloperName")).lower() for row in self._tooling(soql))

    def _values_state(self, wanted: ValuesProvision) -> Provided:
        field = self._describer.schema(wanted.object).fields.get(wanted.field.lower())
        if field is None:
            return Provided("by_hand", f"{wanted.object} has no field `{wanted.field}`: name the right one")
        entries = {(entry.value or "").casefold(): entry.active for entry in field.picklist_values or ()}
        asleep = [f"`{choice.value}`" for choice in wanted.choices if entries.get(choice.value.casefold()) is False]
        if asleep:
            return Provided("by_hand", f"inactive there: activate {', '.join(asleep)} in the field's set-up")
        if all(choice.value.casefold() in entries for choice in wanted.choices):
            return Provided("there")
        words = self._why_by_hand(wanted)
        return Provided("by_hand", words) if words else Provided("missing")

    def _why_by_hand(self, wanted: ValuesProvision) -> str:
        """Why no program adds values there; empty where one can."""
        if f"{wanted.object}.{wanted.field}" in STANDARD_VALUE_SETS:
            return ""
        if not wanted.field.endswith("__c"):
            return "add the values in the field's set-up"
        told = self._value_set(wanted)
        if told is None or not (told.metadata.get("valueSet") or {}).get("valueSetDefinition"):
            return "its values stand in a global value set, or cannot be read: add them in its set-up"
        return ""

    def _list_state(self, wanted: ListProvision) -> Provided:
        soql = (
            f"SELECT Id FROM ListView WHERE SobjectType = '{wanted.object}' "  # noqa: S608
            f"AND DeveloperName = '{developer_name(wanted.label)}'"
        )
        rows = self._transport.query(soql, what="the query on ListView").records
        return Provided("there" if rows else "missing")

    def _access_state(self, wanted: AccessProvision) -> Provided:
        found = self._sets.find(wanted.name)
        if found is None:
            return Provided("missing")
        lacking = [str(each["field"]) for each in self._sets.lacking(found, self._field_permissions(wanted))]
        if not self._sets.assigned(found):
            lacking.append("the signed-in user")
        return Provided("missing", f"to be added to it: {', '.join(lacking)}") if lacking else Provided("there")

    def _field_permissions(self, wanted: AccessProvision) -> list[dict[str, Any]]:
        return list(field_permissions(wanted, self._permissionable(wanted)))

    # What a deployment brings

    def _package(self, provisions: Sequence[Provision]) -> Package:
        package = Package()
        for provision in provisions:
            match provision:
                case FieldProvision():
                    package.fields.append(provision)
                case ValuesProvision():
                    told = self._value_set(provision)
                    if told is not None:
                        package.values.append(told)
                case ListProvision():
                    package.lists.append(provision)
                case AccessProvision():
                    package.access.append((provision, self._permissionable(provision)))
        return package

    def _value_set(self, wanted: ValuesProvision) -> ValueSet | None:
        standard = STANDARD_VALUE_SETS.get(f"{wanted.object}.{wanted.field}")
        if standard is not None:
            soql = f"SELECT Metadata FROM StandardValueSet WHERE MasterLabel = '{standard}'"  # noqa: S608
        else:
            soql = (
                f"SELECT Metadata FROM CustomField WHERE TableEnumOrId = '{wanted.object}' "  # noqa: S608
                f"AND DeveloperName = '{wanted.field.removesuffix('__c')}'"
            )
        rows = self._tooling(soql)
        metadata = rows[0].get("Metadata") if rows else None
        if not isinstance(metadata, Mapping):
            return None
        known = {value.casefold() for value in _value_names(metadata)}
        new = tuple(choice for choice in wanted.choices if choice.value.casefold() not in known)
        return ValueSet(wanted.object, wanted.field, metadata, new)

    def _permissionable(self, access: AccessProvision) -> Mapping[str, frozenset[str]]:
        """Object → its fields on which permissions can be given: the org's, and the custom ones that come."""
        named = {*access.reads, *access.edits, *access.makes}
        return {name: self._permissionable_of(name, access) for name in named}

    def _permissionable_of(self, name: str, access: AccessProvision) -> frozenset[str]:
        try:
            schema: ObjectSchema | None = self._describer.schema(name)
        except UsageError:
            schema = None
        there = {field.name for field in schema.fields.values() if field.permissionable} if schema else set()
        wanted = {*access.reads.get(name, ()), *access.edits.get(name, ()), *access.makes.get(name, ())}
        coming = {each for each in wanted if each.endswith("__c") and not (schema and schema.has(each))}
        return frozenset(there | coming)

    def _tooling(self, soql: str) -> list[Record]:
        """Rows of the Tooling API; none where the user may not look there."""
        try:
            answer = self._transport.call(
                "a question on the org's set-up",
                lambda client: client.toolingexecute("query", params={"q": soql}),
                _Rows,
            )
        except Refusal:
            return []
        return answer.records


def _value_names(metadata: Mapping[str, Any]) -> Iterator[str]:
    definition = (metadata.get("valueSet") or {}).get("valueSetDefinition") or {}
    for each in (*(metadata.get("standardValue") or ()), *(definition.get("value") or ())):
        yield str(each.get("valueName") or each.get("fullName") or "")


def _full_name(provision: Provision) -> str:
    """As a deployment names it."""
    match provision:
        case FieldProvision():
            return f"{provision.object}.{provision.name}"
        case ValuesProvision():
            name = f"{provision.object}.{provision.field}"
            return STANDARD_VALUE_SETS.get(name, name)
        case ListProvision():
            return f"{provision.object}.{developer_name(provision.label)}"
        case AccessProvision():
            return provision.name
