"""What is written for people as native values, by what the CRM says of the field. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from msgspec import Struct

from crmsync.contract import Choice, NativeField
from crmsync.mapping.offered import has_list
from crmsync.mapping.write import WriteMapping, Written

ELLIPSIS = "…"
MILLI = 1000


class Filled(Struct, frozen=True):
    """A field that crmsync fills, with what the CRM says of it."""

    written: Written
    native: NativeField

    def points(self, milli: int | None) -> str | None:
        """Whole points of a score in milli-points, rounded down: as many as it has for certain."""
        return None if milli is None else str(milli // MILLI)

    def number(self, value: int) -> str:
        """A whole number."""
        return str(value)

    def text(self, words: str | None) -> str | None:
        """As much of the words as the field takes, ended at a whole word."""
        return None if not words else cut(words, self.native.max_length)

    def word(self, key: str | None, words: str | None) -> str | None:
        """The policy's word by its `key`: as `values` translates it, else a choice of the field that says the same,
        else the words themselves.
        """
        if key is None:
            return "false" if self.native.kind == "boolean" else None
        if key in self.written.values:
            return self.written.values[key]
        if has_list(self.native):
            choice = choice_of(self.native, words or key) or choice_of(self.native, key)
            return choice.value if choice else None
        return self.text(words)

    def day(self, day: date, zone: str) -> str:
        """A day as the field holds it; in a field for instants the day's beginning in the org's zone."""
        if self.native.kind != "datetime":
            return day.isoformat()
        begins = datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)
        return begins.isoformat(timespec="seconds").replace("+00:00", "Z")

    def user(self, user: str | None, names: Mapping[str, str]) -> str | None:
        """A user's id where the field refers to users, else the name."""
        if user is None or self.native.kind == "reference":
            return user
        return self.text(names.get(user, user))

    def decided(self, words: str, day: date, zone: str) -> str | None:
        """The words, or the day alone in a field for days."""
        return self.day(day, zone) if self.native.kind in ("date", "datetime") else self.text(words)


def filled_fields(write: WriteMapping | None, lead_fields: Mapping[str, NativeField]) -> Iterator[Filled]:
    """Those of the fields to fill that the CRM has."""
    for written in write.written if write else ():
        native = lead_fields.get(written.field)
        if native is not None:
            yield Filled(written, native)


def choice_of(field: NativeField, word: str) -> Choice | None:
    """The active choice that is this word by its value or label, letter case and spaces around aside."""
    folded = word.strip().casefold()
    active = [choice for choice in field.choices if choice.active]
    exact = next((choice for choice in active if choice.value == word), None)
    return exact or next(
        (choice for choice in active if folded in (choice.value.strip().casefold(), choice.label.strip().casefold())),
        None,
    )


def cut(words: str, length: int | None) -> str:
    """The words, shortened to `length` characters as CRMs count them (an emoji may be two), with `…` at the end."""
    words = " ".join(words.split())
    if length is None or _size(words) <= length:
        return words
    kept = ""
    for word in words.split(" "):
        longer = f"{kept} {word}" if kept else word
        if _size(longer) > length - 1:
            break
        kept = longer
    if not kept:  # not even one word fits
        while kept != words and _size(kept + words[len(kept)]) <= length - 1:
            kept += words[len(kept)]
    return kept.rstrip(" ,;:–") + ELLIPSIS


def _size(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def same_value(one: str | None, other: str | None) -> bool:
    """Whether two native values of a field for people mean the same: numbers and instants count by their value."""
    if (one or None) == (other or None):
        return True
    if not one or not other:
        return False
    return _same_number(one, other) or _same_instant(one, other)


def _same_number(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _same_instant(one: str, other: str) -> bool:
    try:
        first, second = datetime.fromisoformat(one), datetime.fromisoformat(other)
    except ValueError:
        return False
    return first.tzinfo is not None and second.tzinfo is not None and first == second
