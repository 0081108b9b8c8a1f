"""Holding a mapping against the CRM's own fields: labels become values, mistakes become findings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from crmsync.configuration import Document, did_you_mean
from crmsync.contract import NativeField
from crmsync.errors import Finding
from crmsync.mapping.schema import LABEL, CrmMapping

Fields = Mapping[str, NativeField]
Path = tuple[str | int, ...]
"""Keys and places in lists, from the top of the file."""


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
    for name in (*mapping.stage.fields, mapping.owner.field):
        found += read_only(mapping.lead.object, name, lead_fields, document, place_of(document, name))
    found += _stage_values(mapping, lead_fields, document)
    return found


def read_only(object_name: str, name: str, there: Fields, document: Document, place: Path) -> Iterator[Finding]:
    """A finding when the signed-in user sees the field and may not write it."""
    field = there.get(name)
    if field and not field.writable:
        yield document.finding(
            place,
            f"`{name}` on {object_name} cannot be written by the signed-in user",
            "give the integration user edit permission for it, or map a field it may write",
        )


def missing_fields(
    object_name: str, wanted: tuple[str, ...], there: Fields, document: Document, others: Collection[str] = ()
) -> Iterator[Finding]:
    """A finding for each field that the object lacks or the user may not see; parents (dots) are not checked."""
    for name in wanted:
        yield from missing_field(object_name, name, there, document, place_of(document, name), others)


def missing_field(
    object_name: str, name: str, there: Fields, document: Document, place: Path, others: Collection[str] = ()
) -> Iterator[Finding]:
    """A finding when the object lacks the field or the user may not see it; parents (dots) are not checked."""
    if "." not in name and name not in there:
        yield document.finding(
            place,
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


def _labels(field: NativeField | None) -> set[str]:
    return {choice.label for choice in field.choices if choice.active} if field else set()


def place_of(document: Document, name: str) -> Path:
    """Where the file names this native field first: as a value, or as a key."""

    def search(data: object, path: Path) -> Path | None:
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
