"""What HubSpot has to offer so that crmsync can work there: properties, their options, a list, and scopes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crmsync.sdk import (
    AccessProvision,
    Choice,
    FieldKind,
    FieldProvision,
    ListProvision,
    OutcomeUncertain,
    Provided,
    Provision,
    RunStopped,
    UsageError,
    ValuesProvision,
)
from crmsync_hubspot.errors import HubSpotRefused, words
from crmsync_hubspot.forms import FORM_SUBMISSIONS
from crmsync_hubspot.lists import LIST
from crmsync_hubspot.object_names import CONTACTS, TYPE_IDS, plural
from crmsync_hubspot.parts import JsonObject, object_in, objects_in
from crmsync_hubspot.paths import COMPANY, CONTACT, is_of_deals
from crmsync_hubspot.schema_gateway import SchemaGateway

GROUP = "crmsync"
"""The property group that all properties made here belong to: people find them together on a record."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_LONG_TEXT_CHARACTERS = 255
_TYPES: dict[FieldKind, tuple[str, str]] = {
    "text": ("string", "text"),
    "number": ("number", "number"),
    "money": ("number", "number"),
    "date": ("date", "date"),
    "datetime": ("datetime", "date"),
    "boolean": ("enumeration", "booleancheckbox"),
    "choice": ("enumeration", "select"),
    "choices": ("enumeration", "checkbox"),
    "reference": ("enumeration", "select"),
}
_ON_CONTACTS = {"calls", "emails", "meetings", "notes", "tasks", "communications", "postal_mail"}
"""Activities whose records need the scopes of contacts."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Looks at and makes what a provision names. Definitions are read anew each time."""

    gateway: SchemaGateway

    def provided(self, provisions: Sequence[Provision]) -> list[Provided]:
        """How each stands now."""
        return [self._state(each) for each in provisions]

    def provide(self, provisions: Sequence[Provision]) -> list[Provided]:
        """Make what is missing, one after the other."""
        return [self._made(each) for each in provisions]

    def _state(self, provision: Provision) -> Provided:
        match provision:
            case FieldProvision():
                return self._field_state(provision)
            case ValuesProvision():
                return self._values_state(provision)
            case ListProvision():
                return self._list_state(provision)
            case AccessProvision():
                return Provided("by_hand", f"the token's scopes, and no others: {', '.join(scopes_for(provision))}")

    def _field_state(self, wanted: FieldProvision) -> Provided:
        if not _NAME.fullmatch(wanted.name):
            told = "HubSpot's internal names are lower-case letters, digits and `_`, a letter first"
            return Provided("by_hand", f"{told}: name it so in the mapping")
        there = self.gateway.property(wanted.object, wanted.name)
        return Provided("missing" if there is None or there.get("archived") else "there")

    def _values_state(self, wanted: ValuesProvision) -> Provided:
        definition = self.gateway.property(wanted.object, wanted.field)
        if definition is None:
            return Provided("by_hand", f"HubSpot has no property `{wanted.field}`: name the right one in the mapping")
        hidden = [choice.label for choice in wanted.choices if _held(definition, choice, hidden=True)]
        if hidden:
            return Provided("by_hand", f"hidden there: show {_listed(hidden)} again in the property's settings")
        missing = [choice for choice in wanted.choices if not _held(definition, choice, hidden=False)]
        if missing and object_in(definition.get("modificationMetadata")).get("readOnlyOptions"):
            return Provided("by_hand", "HubSpot lets no program add values here: add them in the property's settings")
        return Provided("missing" if missing else "there")

    def _list_state(self, wanted: ListProvision) -> Provided:
        kind = TYPE_IDS.get(plural(wanted.object))
        if kind is None:
            return Provided("by_hand", f"HubSpot keeps no lists of {wanted.object} that a program may make")
        there = self.gateway.list_named(kind, wanted.label)
        return Provided("missing" if there is None else "there")

    def _made(self, provision: Provision) -> Provided:
        state = self._state(provision)
        if state.state != "missing":
            return state
        try:
            self._make(provision)
        except OutcomeUncertain as error:
            return Provided("uncertain", error.message)
        except HubSpotRefused as refused:
            if refused.status == 409:  # somebody was faster
                return Provided("there")
            return Provided("refused", words(refused.detail) or f"HubSpot gave no reason ({refused.status})")
        except RunStopped as stopped:
            if stopped.exit_code != 1 or isinstance(stopped, UsageError):
                raise
            return Provided("refused", f"{stopped.message} → {stopped.hint}" if stopped.hint else stopped.message)
        return Provided("made")

    def _make(self, provision: Provision) -> None:
        match provision:
            case FieldProvision():
                self._make_field(provision)
            case ValuesProvision():
                self._add_values(provision)
            case ListProvision():
                self.gateway.make_list(_list(provision))
            case AccessProvision():
                raise ValueError("HubSpot gives no access by a call")

    def _make_field(self, wanted: FieldProvision) -> None:
        if self.gateway.group(wanted.object, GROUP) is None:
            self.gateway.make_group(wanted.object, GROUP, GROUP)
        self.gateway.make_property(wanted.object, _property(wanted))

    def _add_values(self, wanted: ValuesProvision) -> None:
        """All options that there are, as they are now, and the missing ones after them."""
        definition = self.gateway.property(wanted.object, wanted.field) or {}
        options = objects_in(definition.get("options"))
        new = [choice for choice in wanted.choices if not _held(definition, choice, hidden=False)]
        self.gateway.set_options(wanted.object, wanted.field, [*options, *_options(new, after=len(options))])


def _held(definition: JsonObject, choice: Choice, *, hidden: bool) -> bool:
    """Whether the property has this option, by its value or label, letter case and spaces around aside."""
    folded = choice.value.strip().casefold()
    return any(
        folded in (str(option.get("value")).strip().casefold(), str(option.get("label")).strip().casefold())
        for option in objects_in(definition.get("options"))
        if bool(option.get("hidden")) is hidden
    )


def _options(choices: Sequence[Choice], *, after: int) -> list[JsonObject]:
    return [
        {"label": choice.label, "value": choice.value, "displayOrder": after + place, "hidden": False}
        for place, choice in enumerate(choices)
    ]


def _property(wanted: FieldProvision) -> JsonObject:
    kind, field_type = _TYPES[wanted.kind]
    if wanted.kind == "text" and (wanted.characters or 0) > _LONG_TEXT_CHARACTERS:
        field_type = "textarea"
    definition: JsonObject = {
        "name": wanted.name,
        "label": wanted.label,
        "type": kind,
        "fieldType": field_type,
        "groupName": GROUP,
        "description": wanted.about,
    }
    if wanted.kind == "reference":
        return {**definition, "externalOptions": True, "referencedObjectType": "OWNER"}
    if wanted.kind == "boolean":
        return {**definition, "options": _options([Choice("true", "Yes"), Choice("false", "No")], after=0)}
    if wanted.choices:
        return {**definition, "options": _options(wanted.choices, after=0)}
    return definition


def _list(wanted: ListProvision) -> JsonObject:
    """Filled by HubSpot itself: records whose property is any of the values."""
    operation = {"operationType": "ENUMERATION", "operator": "IS_ANY_OF", "values": list(wanted.values)}
    test = {"filterType": "PROPERTY", "property": wanted.field, "operation": operation}
    return {
        "name": wanted.label,
        "objectTypeId": TYPE_IDS[plural(wanted.object)],
        "processingType": "DYNAMIC",
        "filterBranch": {
            "filterBranchType": "OR",
            "filters": [],
            "filterBranches": [{"filterBranchType": "AND", "filters": [test], "filterBranches": []}],
        },
    }


def scopes_for(access: AccessProvision) -> tuple[str, ...]:
    """The scopes that a token needs for this, as HubSpot names them."""
    return tuple(sorted({"crm.objects.owners.read", *_scopes(access)}))


def _scopes(access: AccessProvision) -> Iterator[str]:
    for name, fields in access.reads.items():
        if name == FORM_SUBMISSIONS:
            yield "forms"
            continue
        scope = _scope(name)
        yield f"crm.objects.{scope}.read"
        yield f"crm.schemas.{scope}.read"
        if name == "emails":
            yield "sales-email-read"
        if any(field.removeprefix(CONTACT).startswith(LIST) for field in fields):
            yield "crm.lists.read"
        if any(field.startswith(COMPANY) for field in fields):
            yield "crm.objects.companies.read"
        if any(is_of_deals(field) for field in fields):
            yield "crm.objects.deals.read"
        if any(field.startswith(CONTACT) for field in fields):
            yield "crm.objects.contacts.read"
            yield "crm.schemas.contacts.read"
    for name in (*access.edits, *access.makes):
        yield f"crm.objects.{_scope(name)}.write"


def _scope(object_name: str) -> str:
    return CONTACTS if object_name in _ON_CONTACTS else plural(object_name)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
