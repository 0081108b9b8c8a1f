"""What writes and creations have in common: refusals of single records, and calls that are too large for the org.

An org's own code runs once for all records of a call, under limits for the whole of it (SOQL queries, CPU time,
rows). When it reaches one, Salesforce refuses every record of the call with it; in smaller calls they pass. The size
that passed is remembered, so that the next call does not run into the same limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from crmsync.sdk import Deed, Meaning, crm_code, crm_words, field_names, in_halves, label_words, meaning_of
from crmsync_salesforce.codes import RECORDS, WRITTEN_BY_ADMINS
from crmsync_salesforce.describe import ObjectSchema
from crmsync_salesforce.errors import Refusal
from crmsync_salesforce.replies import SaveError

MOST_RECORDS = 200
_ORDER: tuple[Deed, ...] = ("gone", "split", "tried again")

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why one record was not saved, in Salesforce's words without personal data, and what becomes of it."""

    deed: Deed
    message: str


def refused_with(errors: Sequence[SaveError] | None, schema: ObjectSchema, of: Sequence[str]) -> Refused:
    """By the table of codes; of several errors the one that leads furthest counts.

    `schema`: of the records. `of`: values of the record, which must not be repeated.
    """
    errors = errors or ()
    found = [meaning_of(RECORDS, error.status_code, error.message or "") for error in errors]
    deeds = {meaning.deed for meaning in found if meaning}
    told = [_told(error, meaning, schema, of) for error, meaning in zip(errors, found, strict=True)]
    hints = dict.fromkeys(meaning.hint for meaning in found if meaning and meaning.hint)
    message = "; ".join(told) + "".join(f" ({hint})" for hint in hints)
    return Refused(next((deed for deed in _ORDER if deed in deeds), "set aside"), message)


def _told(error: SaveError, meaning: Meaning | None, schema: ObjectSchema, of: Sequence[str]) -> str:
    """The code with its meaning; what an org's admins have written, in their words; and the fields concerned."""
    code = crm_code(error.status_code)
    words = ""
    if meaning is None or code in WRITTEN_BY_ADMINS:
        fields = schema.fields.values()
        keep = {*(field.name for field in fields), *label_words(field.label or "" for field in fields)}
        words = crm_words(error.message or "", of=of, keep=keep)
    words = words or (meaning.why if meaning else "refused")
    named = ", ".join(name for name in field_names(error.fields) if schema.has(name))
    return ": ".join(filter(None, (code, words))) + (f" [{named}]" if named else "")


@dataclass(slots=True)
class Portion:
    """How many records of one object go into a call."""

    most: int = MOST_RECORDS

    def parts(self, places: Sequence[int]) -> list[Sequence[int]]:
        """The places in parts of that size."""
        return [places[start : start + self.most] for start in range(0, len(places), self.most)]


def in_parts(
    count: int,
    portion: Portion,
    send: Callable[[Sequence[int]], Sequence[Answer]],
    *,
    alone: Callable[[int, Refusal], Answer],
    too_much: Callable[[Answer], bool],
) -> list[Answer]:
    """One answer for each of so many records, sent in calls as large as the org bears.

    `send` takes places and gives an answer for each, or raises `Refusal` for all. `alone`: the answer of a record
    with which even a call of its own is refused. `too_much`: whether an answer speaks of a limit of the whole call.
    """
    answers: dict[int, Answer] = {}
    waiting = portion.parts(range(count))
    while waiting:
        places = waiting.pop(0)
        for part, told in in_halves(places, send, Refusal, halve=lambda refusal: refusal.may_be_of_one_record):
            if isinstance(told, Refusal):
                answers[part[0]] = alone(part[0], told)
                continue
            answers.update(zip(part, told, strict=True))
            again = [place for place in part if too_much(answers[place])]
            if again and len(part) > 1:
                portion.most = min(portion.most, len(part) // 2)
                waiting = [*portion.parts(again), *waiting]
    return [answers[place] for place in range(count)]
