"""Whether a CRM's field can hold a value, and what to say when it cannot. Pure.

The CRM's own word is not enough: Salesforce takes any text for an unrestricted picklist, and the lead is lost to
every list and report there.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime

from crmsync.configuration import Document
from crmsync.contract import Choice, FieldKind, NativeField
from crmsync.errors import Finding
from crmsync.mapping.stage_mapping import LABEL

MOST_LISTED = 16


def written_findings(
    field: NativeField | None,
    value: str | None,
    document: Document,
    place: tuple[str | int, ...],
    *,
    purpose: str = "",
    labels: bool = False,
    at_key: bool = False,
) -> Iterator[Finding]:
    """A finding when the field cannot hold this value that crmsync would write. `None` makes it empty.

    `purpose`: what the value is for. `labels`: whether the file may name it by its label.
    """
    if field is None or value is None:
        return
    shown = value.removeprefix(LABEL)
    if has_list(field):
        parts = value.split(";") if field.kind == "choices" else [value]
        active = {choice.value for choice in field.choices if choice.active}
        for part in parts:
            if part not in active:
                message = f"{field.name} has no active value `{part.removeprefix(LABEL)}`{purpose}"
                yield document.finding(place, message, meant_hint(part, field, labels=labels), at_key=at_key)
    elif field.kind in _FITS and not _held(shown, field.kind):
        message = f"{field.name} cannot hold `{shown}`{purpose}: it takes {_TAKES[field.kind]}"
        yield document.finding(place, message, f"write {_TAKES[field.kind]}", at_key=at_key)
    elif field.max_length is not None and len(shown) > field.max_length:
        message = f"{field.name} takes at most {field.max_length:,} characters, and this has {len(shown):,}{purpose}"
        yield document.finding(place, message, "write something shorter", at_key=at_key)


def meant_hint(word: str, field: NativeField, *, labels: bool = False) -> str:
    """Which of the field's choices is meant, or which there are: each value with its label where they differ."""
    plain = word.removeprefix(LABEL).strip()
    active = [choice for choice in field.choices if choice.active]
    for choice in active:
        if odd := _looking_alike(plain, choice.value):
            return (
                f"the CRM's value looks the same and has {odd}: copy it from `crmsync fields`, or mend it in the CRM"
            )
    for choice in active:
        if not word.startswith(LABEL) and choice.label != choice.value and _same(choice.label, plain):
            mend = f"`{choice.value}`" + (f" or `{{label: {choice.label}}}`" if labels else "")
            return f"`{choice.label}` is the label of `{choice.value}`: write {mend}"
    if any(choice.value == plain for choice in field.choices):
        return f"it is switched off in the CRM: switch it on there, or write {_listed(active)}"
    names = {text.casefold(): choice for choice in active for text in (choice.label, choice.value)}
    close = difflib.get_close_matches(plain.casefold(), names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {_named(names[close[0]])}?"
    if 0 < len(active) <= MOST_LISTED:
        return f"valid here: {_listed(active)}"
    return f"add the value to {field.name} in the CRM, or write one that is there"


def _looking_alike(word: str, value: str) -> str | None:
    """What a value has besides a word that reads the same: spaces and letters without a shape; null = it differs."""
    if word == value or "".join(_shaped(word)) != "".join(_shaped(value)):
        return None
    odd = [letter for letter in value if letter not in word] or [letter for letter in word if letter not in value]
    if not odd:
        return "spaces elsewhere"
    return f"{unicodedata.name(odd[0], 'a control character').lower()} (U+{ord(odd[0]):04X})"


def _shaped(text: str) -> Iterator[str]:
    """The letters that are seen, as one that reads them takes them."""
    for letter in unicodedata.normalize("NFKC", text):
        if unicodedata.category(letter) not in {"Cf", "Cc", "Zs"}:
            yield letter


def has_list(field: NativeField) -> bool:
    """Whether values come from a list; a text field may suggest some, and takes any."""
    return bool(field.choices) and field.kind != "text"


def not_offered(
    field: NativeField | None,
    words: Collection[str],
    compared: Callable[[str], str] = lambda word: word.strip().casefold(),
) -> list[str]:
    """Those of the words that the field's list of choices does not have, in order; none where it has no list.

    `compared`: a word as it is compared; by itself letter case and spaces around are left aside.
    """
    if field is None or not has_list(field):
        return []
    there = {compared(choice.value) for choice in field.choices}
    return [word for word in words if compared(word) not in there]


def _same(label: str, word: str) -> bool:
    return label.strip().casefold() == word.casefold()


def _named(choice: Choice) -> str:
    return f"`{choice.value}`" if choice.label == choice.value else f"`{choice.value}` ({choice.label})"


def _listed(choices: Collection[Choice]) -> str:
    return ", ".join(map(_named, choices))


def _number(value: str) -> bool:
    return float(value) == float(value)


_FITS: Mapping[FieldKind, Callable[[str], object]] = {
    "number": _number,
    "money": _number,
    "boolean": lambda value: value in ("true", "false"),
    "date": date.fromisoformat,
    "datetime": lambda value: datetime.fromisoformat(value).tzinfo,
}
_TAKES: Mapping[FieldKind, str] = {
    "number": "a number",
    "money": "an amount",
    "boolean": "`true` or `false`",
    "date": "a day such as 2026-01-31",
    "datetime": "an instant such as 2026-01-31T09:30:00Z",
}


def _held(value: str, kind: FieldKind) -> bool:
    try:
        return bool(_FITS[kind](value))
    except ValueError:
        return False
