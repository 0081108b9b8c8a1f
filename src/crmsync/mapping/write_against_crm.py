"""Holding the fields that crmsync is to fill against the CRM's own: what is missing, and what to make there. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from crmsync.configuration import Document
from crmsync.contract import FieldKind, NativeField
from crmsync.errors import Finding
from crmsync.mapping.field_meant import field_meant
from crmsync.mapping.filling import choice_of
from crmsync.mapping.offered import MOST_LISTED, has_list, written_findings
from crmsync.mapping.schema import CrmMapping
from crmsync.mapping.write import Content, Written

Words = Mapping[tuple[str | int, ...], Sequence[tuple[str, str]]]
"""A written field's place → every (key, words) that the policy may give it; only of those that tell one of a few."""


class Holder(Struct, frozen=True):
    """What can hold something: kinds of fields, the fewest characters of a text, and the field to make."""

    holds: str
    kinds: frozenset[FieldKind]
    characters: int
    make: str


_MAKE = "make it there: "
_NUMBERS: frozenset[FieldKind] = frozenset({"number", "text"})
_WORDS: frozenset[FieldKind] = frozenset({"text", "choice", "choices", "boolean", "number"})
_DAYS: frozenset[FieldKind] = frozenset({"date", "datetime", "text"})
_TEXT: frozenset[FieldKind] = frozenset({"text"})

HOLDERS: Mapping[Content, Holder] = {
    "score": Holder("whole points", _NUMBERS, 8, "a number of up to 8 digits without decimals"),
    "band": Holder("a band", _WORDS, 1, "a text of 40 characters, or a list with the values"),
    "grade": Holder("a grade", _WORDS, 1, "a text of 40 characters, or a list with the values"),
    "reasons": Holder("a sentence", _TEXT, 40, "a long text, or a text of 255 characters"),
    "ask": Holder("questions", _TEXT, 40, "a long text, or a text of 255 characters"),
    "next_action": Holder("an action", _WORDS, 20, "a text of 255 characters, or a list with the values"),
    "disqualification_reason": Holder("a reason", _WORDS, 20, "a text of 255 characters, or a list with the values"),
    "first_day": Holder("a day", _DAYS, 10, "a date"),
    "latest_day": Holder("a day", _DAYS, 10, "a date"),
    "attempts": Holder("a small number", _NUMBERS, 3, "a number of up to 3 digits without decimals"),
    "previous_owner": Holder(
        "a user", _TEXT | {"reference"}, 20, "a reference to a user, or a text of 120 characters"
    ),
    "decided_by": Holder("policy and day", _TEXT | {"date", "datetime"}, 40, "a text of 120 characters, or a date"),
}
"""By what a written field tells."""

KIND_WORDS: Mapping[FieldKind, str] = {
    "text": "a text",
    "choice": "a list",
    "choices": "a list of several",
    "number": "a number",
    "money": "an amount of money",
    "boolean": "a checkbox",
    "date": "a date",
    "datetime": "a date with time",
    "reference": "a reference",
}


def write_findings_against(
    mapping: CrmMapping,
    lead_fields: Mapping[str, NativeField],
    document: Document,
    words: Words,
    most_points: Mapping[str, int],
) -> Iterator[Finding]:
    """Fields to fill that are missing, may not be written, or cannot hold what is to stand there.

    `most_points`: score → whole points that it can reach, of those that have a cap.
    """
    for written in mapping.write.written if mapping.write else ():
        place = ("write", *written.place)
        field = lead_fields.get(written.field)
        if field is None:
            yield _missing(mapping, written, lead_fields, document, words)
        elif not field.writable:
            why = "is calculated by the CRM" if field.calculated else "cannot be written by the signed-in user"
            yield document.finding(
                place, f"`{field.name}` on {mapping.lead.object} {why}", _make(written, words) + _permission(field)
            )
        elif field.masked:
            message = f"{field.name} is encrypted: what is written could not be read back, and would be written again"
            yield document.finding(place, message, f"name another field: {_make(written, words).removeprefix(_MAKE)}")
        else:
            yield from _unfit(written, field, document, place, words.get(written.place, ()))
            yield from _too_small(written, field, document, place, most_points)


def _missing(
    mapping: CrmMapping,
    written: Written,
    lead_fields: Mapping[str, NativeField],
    document: Document,
    words: Words,
) -> Finding:
    message = f"{mapping.lead.object} has no field `{written.field}` that the signed-in user can see"
    meant = field_meant(written.field, [field for field in lead_fields.values() if field.writable])
    hint = _make(written, words) + ", and let the integration user read and edit it"
    if meant is not None and meant.name.casefold() == written.field.casefold():
        hint = f"did you mean `{meant.name}`? Or {hint}"
    return document.finding(("write", *written.place), message, hint)


def _make(written: Written, words: Words) -> str:
    make = HOLDERS[written.content].make
    natives = list(dict.fromkeys(written.values.get(key, said) for key, said in words.get(written.place, ())))
    if natives and make.endswith("values"):
        make = f"{make} {', '.join(natives)}" if len(natives) <= MOST_LISTED else f"{make} of the policy"
    return f"{_MAKE}{make}"


def _permission(field: NativeField) -> str:
    return "" if field.calculated else "; or give the integration user edit permission for it"


def _unfit(
    written: Written,
    field: NativeField,
    document: Document,
    place: tuple[str | int, ...],
    words: Sequence[tuple[str, str]],
) -> Iterator[Finding]:
    holder = HOLDERS[written.content]
    make = _make(written, {written.place: words}).removeprefix(_MAKE)
    if field.kind not in (*holder.kinds, "unknown") or (has_list(field) and not words):
        held = "a list" if has_list(field) else KIND_WORDS.get(field.kind, field.type)
        message = f"{field.name} is {held} and cannot hold {holder.holds}"
        yield document.finding(place, message, f"name another field: {make}")
    elif words:
        yield from _words_unfit(written, field, document, place, words)
    elif field.kind == "text" and field.max_length is not None and field.max_length < holder.characters:
        message = (
            f"{field.name} takes at most {field.max_length:,} characters: too few for {holder.holds} "
            f"({holder.characters})"
        )
        yield document.finding(place, message, f"name another field: {make}")


def _too_small(
    written: Written,
    field: NativeField,
    document: Document,
    place: tuple[str | int, ...],
    most_points: Mapping[str, int],
) -> Iterator[Finding]:
    """A number whose digits do not do: the CRM would refuse the whole record."""
    if field.kind != "number" or field.max_digits is None or written.content not in ("score", "attempts"):
        return
    most = most_points.get(written.of) if written.content == "score" else None
    if field.max_digits < len(str(most or 10)):
        reached = f"the score goes up to {most:,}" if most else "more come together"
        message = f"{field.name} takes {10**field.max_digits - 1:,} at most, and {reached}"
        yield document.finding(place, message, f"name another field: {_make(written, {}).removeprefix(_MAKE)}")


def _words_unfit(
    written: Written,
    field: NativeField,
    document: Document,
    place: tuple[str | int, ...],
    words: Sequence[tuple[str, str]],
) -> Iterator[Finding]:
    told: set[str] = set()
    for key, said in words:
        native = written.values.get(key, said)
        if native in told:
            continue
        told.add(native)
        if key in written.values:
            yield from written_findings(field, native, document, (*place, "values", key))
        elif has_list(field):
            if choice_of(field, said) is None and choice_of(field, key) is None:
                message = f"{field.name} has no active value `{said}`"
                mend = f"add it there, or translate it: `values: {{{key}: <a value of {field.name}>}}`"
                yield document.finding(place, message, mend)
        elif written.content in ("next_action", "disqualification_reason") and field.kind == "text":
            continue  # words for people, cut where the field ends
        else:
            yield from written_findings(field, said, document, place)
