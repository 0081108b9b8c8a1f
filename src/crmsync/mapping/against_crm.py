"""Holding a mapping against the CRM's own fields: labels become values, mistakes become findings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from crmsync.configuration import Document, did_you_mean
from crmsync.contract import NativeField
from crmsync.errors import Finding
from crmsync.mapping.schema import LABEL, CrmMapping

Fields = Mapping[str, NativeField]


def labels_resolved(mapping: CrmMapping, lead_fields: Fields) -> CrmMapping:
    """The mapping with every `label:` stage value replaced by the CRM's own value, where the label is found."""
    values = {
        stage: value.model_copy(
            update={
                "set": {
                    field: tuple(_value_of(lead_fields.get(field), text) for text in texts)
                    for field, texts in value.set.items()
                }
            }
        )
        for stage, value in mapping.stage.values.items()
    }
    return mapping.model_copy(update={"stage": mapping.stage.model_copy(update={"values": values})})


def _value_of(field: NativeField | None, text: str) -> str:
    if not text.startswith(LABEL) or field is None:
        return text
    label = text.removeprefix(LABEL).strip().casefold()
    return next((choice.value for choice in field.choices if choice.label.strip().casefold() == label), text)


def findings_against(
    mapping: CrmMapping, lead_fields: Fields, document: Document, others: Collection[str] = ()
) -> list[Finding]:
    """What in the mapping the CRM does not have: lead fields, writable stage and owner, stage values.

    `mapping` has its labels resolved already. `others`: names of fields that it does not use, to suggest. Activity
    fields are checked by `missing_fields` likewise.
    """
    found = list(missing_fields(mapping.lead.object, mapping.lead_fields, lead_fields, document, others))
    written = mapping.hand_off.written_fields if mapping.hand_off else ()
    for name in (*mapping.stage.fields, mapping.owner.field, *written):
        field = lead_fields.get(name)
        if field and not field.writable:
            found.append(
                document.finding(
                    _place(document, name),
                    f"`{name}` on {mapping.lead.object} cannot be written by the signed-in user",
                    "give the integration user edit permission for it, or map a field it may write",
                )
            )
    found += _stage_values(mapping, lead_fields, document)
    found += _responses(mapping, lead_fields, document)
    return found


def missing_fields(
    object_name: str, wanted: tuple[str, ...], there: Fields, document: Document, others: Collection[str] = ()
) -> Iterator[Finding]:
    """A finding for each field that the object lacks or the user may not see; parents (dots) are not checked."""
    for name in wanted:
        if "." not in name and name not in there:
            yield document.finding(
                _place(document, name),
                f"{object_name} has no field `{name}` that the signed-in user can see",
                _close(name, {*there, *others}) or "check the field's name and the user's permissions",
            )


def _close(name: str, known: Collection[str]) -> str | None:
    """The field that is probably meant. The few that a mapping names are not all that are valid: no list of them."""
    hint = did_you_mean(name, known)
    return f"{hint} Or check the user's permissions" if hint and hint.startswith("did you mean") else None


def _stage_values(mapping: CrmMapping, lead_fields: Fields, document: Document) -> Iterator[Finding]:
    for stage, value in mapping.stage.values.items():
        for name, texts in value.set.items():
            field = lead_fields.get(name)
            choices = {choice.value for choice in field.choices if choice.active} if field else set()
            if choices and texts[0] not in choices:
                yield document.finding(
                    ("stage", "values", stage),
                    f"{name} has no active value `{texts[0].removeprefix(LABEL)}` for stage `{stage}`",
                    did_you_mean(texts[0].removeprefix(LABEL), choices | _labels(field))
                    or f"add the value to {name} in the CRM, or map `{stage}` to one that is there",
                    at_key=True,
                )


def _responses(mapping: CrmMapping, lead_fields: Fields, document: Document) -> Iterator[Finding]:
    response = mapping.hand_off.response if mapping.hand_off else None
    field = lead_fields.get(response.field) if response else None
    if response is None or field is None or field.open_choices:
        return
    choices = {choice.value for choice in field.choices if choice.active}
    for name in ("pending", "accepted", "returned"):
        value = getattr(response, name)
        if choices and value is not None and value not in choices:
            yield document.finding(
                ("hand_off", "response", name),
                f"{response.field} has no active value `{value}`",
                did_you_mean(value, choices) or f"add the value to {response.field} in the CRM",
            )


def _labels(field: NativeField | None) -> set[str]:
    return {choice.label for choice in field.choices if choice.active} if field else set()


def _place(document: Document, name: str) -> tuple[str | int, ...]:
    """Where the file names this native field first: as a value, or as a key."""

    def search(data: object, path: tuple[str | int, ...]) -> tuple[str | int, ...] | None:
        if data == name:
            return path
        items: list[tuple[str | int, object]] = []
        if isinstance(data, Mapping):
            if name in data:
                return (*path, name)
            items = list(data.items())
        elif isinstance(data, list):
            items = list(enumerate(data))
        return next((hit for key, item in items if (hit := search(item, (*path, key)))), None)

    return search(document.data, ()) or ()
