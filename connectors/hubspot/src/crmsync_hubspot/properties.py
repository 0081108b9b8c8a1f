"""The properties of HubSpot's objects: what exists, what may be written, in which order stages stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from crmsync.sdk import Choice, FieldKind, NativeField, UsageError
from crmsync_hubspot.errors import HubSpotRefused
from crmsync_hubspot.gateway import Gateway
from crmsync_hubspot.object_names import LEADS, plural
from crmsync_hubspot.parts import JsonObject, object_in, objects_in, text_in

STAGE = "lifecyclestage"
LEAD_STAGE = "hs_pipeline_stage"
"""Of leads: a stage of the pipeline that the lead is in."""
_KINDS: Mapping[str, FieldKind] = {
    "string": "text", "phone_number": "text", "number": "number", "bool": "boolean", "date": "date",
    "datetime": "datetime", "enumeration": "choice",
}  # fmt: skip
CURRENCY_PROPERTY = "deal_currency_code"
"""Of deals, in which currency their amounts are. Contacts and companies have none: theirs are the account's own."""


class Properties:
    """Property definitions by object, each read once per connector."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._definitions: dict[str, dict[str, JsonObject]] = {}

    def of(self, object_name: str) -> Mapping[str, JsonObject]:
        """The object's definitions by name, archived ones aside. Raises `UsageError` when there is no such object."""
        if object_name not in self._definitions:
            try:
                found = self._gateway.properties(object_name)
            except HubSpotRefused as refused:
                if refused.status not in {400, 404}:
                    raise
                raise UsageError(
                    f"HubSpot has no object named {object_name!r} for this token",
                    hint="use contacts, leads, companies, deals, calls, meetings, emails, notes, tasks, "
                    "form_submissions or the name of a custom object",
                ) from refused
            self._definitions[object_name] = {
                name: each for each in found if (name := text_in(each.get("name"))) and not each.get("archived")
            }
        return self._definitions[object_name]

    def check(self, object_name: str, names: Iterable[str]) -> None:
        """Raise `UsageError` naming the properties that do not exist, with names that look like them."""
        known = self.of(object_name)
        refuse_unknown(object_name, [name for name in names if name not in known], list(known))

    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        """The definitions as native fields, in HubSpot's order."""
        definitions = self._with_stages(object_name, self.of(object_name))
        currency = CURRENCY_PROPERTY if CURRENCY_PROPERTY in definitions else None
        return tuple(_native_field(each, currency) for each in definitions.values())

    def _with_stages(self, object_name: str, definitions: Mapping[str, JsonObject]) -> Mapping[str, JsonObject]:
        """With the stages of the lead pipelines as the options of the property that holds one."""
        if plural(object_name) != LEADS or LEAD_STAGE not in definitions:
            return definitions
        try:
            pipelines = self._gateway.pipelines(object_name).results
        except HubSpotRefused:
            return definitions  # the property's own options, where it has some, are as good as can be
        options = stages_of(pipelines)
        if not options:
            return definitions
        return {**definitions, LEAD_STAGE: {**definitions[LEAD_STAGE], "options": options, "externalOptions": False}}

    def stage_order(self, object_name: str) -> Mapping[str, int]:
        """The place of each lifecycle stage, ascending; empty for an object that has none."""
        definition = self.of(object_name).get(STAGE, {})
        return {choice.value: place for place, choice in enumerate(_choices(definition))}


def stages_of(pipelines: Sequence[JsonObject]) -> list[JsonObject]:
    """The stages of pipelines as options, in their order; of several pipelines each says in brackets whose it is."""
    standing = sorted((each for each in pipelines if not each.get("archived")), key=_order)
    options: list[JsonObject] = []
    for pipeline in standing:
        whose = f" ({text_in(pipeline.get('label'))})" if len(standing) > 1 else ""
        for stage in sorted(objects_in(pipeline.get("stages")), key=_order):
            label = f"{text_in(stage.get('label')) or text_in(stage.get('id'))}{whose}"
            hidden = bool(stage.get("archived"))
            option = {"value": stage.get("id"), "label": label, "displayOrder": len(options), "hidden": hidden}
            options.append(option)
    return options


def refuse_unknown(object_name: str, unknown: Sequence[str], known: Sequence[str]) -> None:
    """Raise `UsageError` if there is an unknown name."""
    if not unknown:
        return
    hints = []
    for name in unknown:
        close = get_close_matches(name.lower(), known, n=3, cutoff=0.6)
        hints.append(f"{name}: did you mean {' or '.join(close)}?" if close else f"{name}: nothing looks like it")
    raise UsageError(
        f"HubSpot's {object_name} have no property named {', '.join(map(repr, unknown))}", hint="; ".join(hints)
    )


def _native_field(definition: JsonObject, currency: str | None) -> NativeField:
    rules = object_in(definition.get("modificationMetadata"))
    name = text_in(definition.get("name"))
    return NativeField(
        name=name,
        label=text_in(definition.get("label")) or name,
        type=text_in(definition.get("type")) or "string",
        # `calculated: false` with `readOnlyValue: true` is common, so both count.
        writable=not definition.get("calculated") and not rules.get("readOnlyValue"),
        choices=_choices(definition),
        # An owner property has no options at all and takes every owner's id.
        open_choices=bool(definition.get("externalOptions")),
        kind=_kind(definition),
        calculated=bool(definition.get("calculated")),
        currency_field=currency if definition.get("showCurrencySymbol") else None,
    )


def _kind(definition: JsonObject) -> FieldKind:
    if definition.get("showCurrencySymbol"):
        return "money"
    if not definition.get("options") and (
        definition.get("externalOptions") or definition.get("referencedObjectType")
    ):
        return "reference"
    if definition.get("fieldType") == "checkbox":
        return "choices"
    return _KINDS.get(str(definition.get("type")), "unknown")


def _order(option: JsonObject) -> int:
    """HubSpot gives -1 to options nobody has ordered."""
    order = option.get("displayOrder")
    return order if isinstance(order, int) else -1


def _choices(definition: JsonObject) -> tuple[Choice, ...]:
    """The options by `displayOrder`."""
    listed = sorted(
        (option for option in objects_in(definition.get("options")) if isinstance(option.get("value"), str)),
        key=_order,
    )
    return tuple(
        Choice(
            value=option["value"],
            label=text_in(option.get("label")) or option["value"],
            active=not option.get("hidden"),
        )
        for option in listed
    )
