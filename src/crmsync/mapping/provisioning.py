"""What a CRM lacks so that everything a mapping writes can be written, seen and worked by people. Pure.

Only what crmsync itself writes is asked for: values of stages and answers, the fields of `write:` and of hand-offs.
A field that a fact is read from holds the firm's own data; where it is missing the mapping is to be mended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from crmsync.contract import (
    AccessProvision,
    Choice,
    FieldKind,
    FieldProvision,
    ListProvision,
    NativeField,
    Provision,
    ValuesProvision,
)
from crmsync.mapping.account_mapping import account_fields
from crmsync.mapping.activity_mapping import activity_fields
from crmsync.mapping.filling import choice_of
from crmsync.mapping.schema import CrmMapping
from crmsync.mapping.stage_mapping import LABEL
from crmsync.mapping.write import Content, Written
from crmsync.mapping.write_against_crm import Words

ACCESS = "crmsync"
"""The name of what allows crmsync's user its work."""
WORK_LIST = "crmsync: to be worked"
"""The name of the list that shows the leads somebody has to qualify."""


class _Holding(Struct, frozen=True):
    """The field that fits what is to stand there."""

    kind: FieldKind
    about: str
    characters: int | None = None
    digits: int | None = None


_SENTENCE = 1_000
_LINE = 255

_HOLDING: Mapping[Content, _Holding] = {
    "score": _Holding("number", "Points of this score, by crmsync", digits=8),
    "band": _Holding("text", "The band that the score lies in, by crmsync", 40),
    "grade": _Holding("text", "Grade, by crmsync", 40),
    "reasons": _Holding("text", "Why the lead stands on its stage, by crmsync", _SENTENCE),
    "ask": _Holding("text", "What is not known yet and should be asked, by crmsync", _SENTENCE),
    "next_action": _Holding("text", "What to do next, by crmsync", _LINE),
    "disqualification_reason": _Holding("text", "Why the lead is disqualified, by crmsync", _LINE),
    "first_day": _Holding("date", "The day on which the lead first came to this stage, by crmsync"),
    "latest_day": _Holding("date", "The day on which the lead last came to this stage, by crmsync"),
    "attempts": _Holding("number", "Which pass through the stages this is, by crmsync", digits=3),
    "previous_owner": _Holding("reference", "Who had the lead before, by crmsync"),
    "decided_by": _Holding("text", "The policy that decided and the day, by crmsync", 120),
}


def provisions(
    mapping: CrmMapping, fields: Mapping[str, NativeField], words: Words, worked: Sequence[str]
) -> tuple[Provision, ...]:
    """Everything that the CRM is to have, in the order in which it can be made; whether it is there is not asked.

    `mapping`: as its file says it. `fields`: the lead object's, by name. `words`: what the policy may give to fields
    of `write`. `worked`: the policy's stages on which a lead waits for somebody to qualify it, in order.
    """
    return (
        *_values(mapping, fields),
        *_hand_off(mapping, fields),
        *_written(mapping, fields, words),
        _access(mapping),
        *_work_list(mapping, fields, worked),
    )


def _values(mapping: CrmMapping, fields: Mapping[str, NativeField]) -> Iterator[Provision]:
    """Of each field that stages set, the values that it has to offer; the field itself, where it is missing."""
    wanted: dict[str, list[str]] = {}
    for value in mapping.stage.values.values():
        for name, told in value.set.items():
            wanted.setdefault(name, []).append(told[0])
        for name, native in value.leaving.items():
            wanted.setdefault(name, []).extend([native] if native is not None else [])
    for name, natives in wanted.items():
        yield from _offering(mapping, fields, name, natives, "The lead's stage")


def _hand_off(mapping: CrmMapping, fields: Mapping[str, NativeField]) -> Iterator[Provision]:
    answers: dict[str, list[str]] = {}
    for _, asked in mapping.hand_off_parts:
        if asked.bdr is not None:
            yield from _field(mapping, fields, asked.bdr, _Holding("reference", "Who has handed the lead over"))
        if asked.response is not None:
            told = (asked.response.pending, asked.response.accepted, asked.response.returned)
            answers.setdefault(asked.response.field, []).extend(native for native in told if native is not None)
    for name, natives in answers.items():
        yield from _offering(mapping, fields, name, natives, "The receiver's answer to a hand-over")
    for _, asked in mapping.hand_off_parts:
        if asked.return_reason is not None:
            holding = _Holding("text", "Why the receiver gives the lead back", _LINE)
            yield from _field(mapping, fields, asked.return_reason, holding)


def _written(mapping: CrmMapping, fields: Mapping[str, NativeField], words: Words) -> Iterator[Provision]:
    for written in mapping.write.written if mapping.write else ():
        said = _natives(written, words)
        if written.field in fields and said:
            yield from _offering(mapping, fields, written.field, said, "")
        else:
            yield from _field(mapping, fields, written.field, _HOLDING[written.content])


def _natives(written: Written, words: Words) -> list[str]:
    return list(dict.fromkeys(written.values.get(key, said) for key, said in words.get(written.place, ())))


def _field(
    mapping: CrmMapping, fields: Mapping[str, NativeField], name: str, holding: _Holding
) -> Iterator[Provision]:
    """A field that is there is left as it is: `check` says whether it fits."""
    there = fields.get(name)
    yield FieldProvision(
        mapping.lead.object,
        name,
        there.label if there else label_of(name),
        holding.kind,
        holding.about,
        holding.characters,
        holding.digits,
    )


def _offering(
    mapping: CrmMapping, fields: Mapping[str, NativeField], name: str, natives: Iterable[str], about: str
) -> Iterator[Provision]:
    """A field that offers these values."""
    there, lead = fields.get(name), mapping.lead.object
    wanted = tuple(_choice(native) for native in dict.fromkeys(natives))
    if there is None:
        yield FieldProvision(lead, name, label_of(name), "choice", about, choices=wanted)
    elif there.choices or there.kind in ("choice", "choices"):
        missing = tuple(choice for choice in wanted if not _offered(there, choice))
        if missing:
            yield ValuesProvision(lead, name, missing)
    else:
        yield FieldProvision(lead, name, there.label, "text", about)


def _choice(native: str) -> Choice:
    text = native.removeprefix(LABEL)
    return Choice(text, text)


def _offered(field: NativeField, wanted: Choice) -> bool:
    return choice_of(field, wanted.value) is not None


def label_of(name: str) -> str:
    """`Fit_Points__c` → `Fit Points`, `fit_points` → `Fit points`."""
    words = name.removesuffix("__c").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _access(mapping: CrmMapping) -> AccessProvision:
    """What the mapping reads and writes, object by object."""
    lead = mapping.lead.object
    reads: dict[str, list[str]] = {lead: [*mapping.lead_fields]}
    for activity in mapping.activities:
        reads.setdefault(activity.object, []).extend(activity_fields(activity))
    for name, named in account_fields(mapping.accounts).items():
        reads.setdefault(name, []).extend(named)
    edits = [mapping.owner.field, *mapping.stage.fields]
    edits += mapping.hand_off_fields_written
    edits += mapping.write.fields if mapping.write else ()
    creates: dict[str, list[str]] = {}
    for _, part in mapping.hand_off_parts:
        if part.task:
            creates.setdefault(part.task.object, []).extend(part.task.fields)
    return AccessProvision(
        ACCESS,
        {name: _once(fields) for name, fields in reads.items()},
        {lead: _once(edits)},
        {name: _once(named) for name, named in creates.items()},
    )


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _work_list(
    mapping: CrmMapping, fields: Mapping[str, NativeField], worked: Collection[str]
) -> Iterator[ListProvision]:
    """Leads on a stage on which somebody has to qualify them, with what crmsync writes to help."""
    main = mapping.stage.field
    natives = [
        native
        for stage in worked
        if stage in mapping.stage.values
        for native in mapping.stage.values[stage].set.get(main, ())[:1]
    ]
    if not natives:
        return
    stage = fields.get(main)
    values = [_value(stage, native.removeprefix(LABEL)) for native in natives]
    helping = ("next_action", "ask", "reasons", "band", "grade")
    shown = [it.field for content in helping for it in _filled(mapping) if it.content == content]
    columns = (*mapping.lead.name, *([mapping.lead.company] if mapping.lead.company else ()), main, *shown)
    yield ListProvision(mapping.lead.object, WORK_LIST, main, _once(values), _once((*columns, mapping.owner.field)))


def _value(field: NativeField | None, text: str) -> str:
    choice = choice_of(field, text) if field else None
    return choice.value if choice else text


def _filled(mapping: CrmMapping) -> tuple[Written, ...]:
    return mapping.write.written if mapping.write else ()
