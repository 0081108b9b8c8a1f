"""Holding a mapping against the CRM's own fields: labels become values, mistakes become findings."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence

from crmsync.configuration import Document
from crmsync.contract import NativeField
from crmsync.errors import Finding
from crmsync.mapping.field_meant import field_meant, same_words
from crmsync.mapping.offered import written_findings
from crmsync.mapping.pin_against_crm import pin_findings
from crmsync.mapping.schema import CrmMapping
from crmsync.mapping.stage_mapping import LABEL
from crmsync.values import replace

Fields = Mapping[str, NativeField]
Path = tuple[str | int, ...]
"""Keys and places in lists, from the top of the file."""
_DAYS = frozenset({"date", "datetime", "unknown"})


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
    mapping: CrmMapping, lead_fields: Fields, document: Document, others: Collection[NativeField] = ()
) -> list[Finding]:
    """What in the mapping the CRM does not have: lead fields, writable stage and owner, values of stages.

    `mapping` has its labels resolved already. `others`: fields that it does not use, to suggest. Activity fields are
    checked by `missing_fields` likewise, those that crmsync fills by `write_findings_against`.
    """
    wanted = dict.fromkeys((*mapping.fields_read, *mapping.stage.dates.values()))
    found = list(missing_fields(mapping.lead.object, tuple(wanted), lead_fields, document, others))
    found += _stage_dates(mapping, lead_fields, document)
    for name in (*mapping.stage.fields, mapping.owner.field):
        found += read_only(mapping.lead.object, name, lead_fields, document, place_of(document, name))
    found += _stage_values(mapping, lead_fields, document)
    found += pin_findings(mapping.lead, lead_fields, document)
    return found


def read_only(object_name: str, name: str, there: Fields, document: Document, place: Path) -> Iterator[Finding]:
    """A finding when the signed-in user sees the field and may not write it."""
    field = there.get(name)
    if field and not field.writable:
        why = "is calculated by the CRM" if field.calculated else "cannot be written by the signed-in user"
        mend = "map a field that can be written" if field.calculated else (
            "give the integration user edit permission for it, or map a field it may write"
        )  # fmt: skip
        yield document.finding(place, f"`{name}` on {object_name} {why}", mend)


def missing_fields(
    object_name: str, wanted: tuple[str, ...], there: Fields, document: Document, others: Collection[NativeField] = ()
) -> Iterator[Finding]:
    """A finding for each field that the object or its parent lacks, or the user may not see."""
    for name in wanted:
        yield from missing_field(object_name, name, there, document, place_of(document, name), others)


def missing_field(
    object_name: str,
    name: str,
    there: Fields,
    document: Document,
    place: Path,
    others: Collection[NativeField] = (),
) -> Iterator[Finding]:
    """A finding when the object lacks the field or the user may not see it. Fields of parents go by their paths."""
    if name in there:
        return
    meant = _meant(name, [*there.values(), *others])
    hint = "check the field's name and the user's permissions"
    if meant is not None:
        label = "" if same_words(meant.label, meant.name) else f" It is called “{meant.label}”."
        hint = f"did you mean `{meant.name}`?{label} Or check the user's permissions"
    if place[:1] == ("facts",):
        hint += "; a fact that this CRM does not hold is `unmapped`"
    yield document.finding(place, f"{object_name} has no field `{name}` that the signed-in user can see", hint)


def _meant(name: str, fields: Sequence[NativeField]) -> NativeField | None:
    """Of the object's own fields for a name without dots, of the same parent's for a path, else any path like it."""
    parent, _, last = name.rpartition(".")
    paths = {field.name: field.name.rpartition(".") for field in fields}
    beside = [replace(field, name=paths[field.name][2]) for field in fields if paths[field.name][0] == parent]
    if beside or not parent:
        meant = field_meant(last, beside)
        return meant and replace(meant, name=f"{parent}.{meant.name}" if parent else meant.name)
    close = difflib.get_close_matches(name, [each for each, (before, _, _) in paths.items() if before], n=1)
    return next((field for field in fields if field.name in close), None)


def _stage_values(mapping: CrmMapping, lead_fields: Fields, document: Document) -> Iterator[Finding]:
    """Every value that a move from one stage to another may write."""
    for stage, value in mapping.stage.values.items():
        place: Path = ("stage", "values", stage)
        for name, texts in value.set.items():
            purpose = f" for stage `{stage}`"
            field = lead_fields.get(name)
            yield from written_findings(field, texts[0], document, place, purpose=purpose, labels=True, at_key=True)
        for name, text in value.leaving.items():
            where: Path = (*place, "leaving", name)
            purpose = f", which a lead gets that leaves `{stage}`"
            yield from written_findings(lead_fields.get(name), text, document, where, purpose=purpose)


def _stage_dates(mapping: CrmMapping, lead_fields: Fields, document: Document) -> Iterator[Finding]:
    """A finding for each field of `dates` that holds no days."""
    for stage, name in mapping.stage.dates.items():
        field = lead_fields.get(name)
        if field is not None and field.kind not in _DAYS:
            told = f"`{name}` is no date but a field of the kind {field.kind}"
            yield document.finding(("stage", "dates", stage), told, "name a field that holds a date")


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
