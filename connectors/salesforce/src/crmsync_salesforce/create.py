"""Making tasks and events of leads, each once, up to 200 in a call.

Salesforce has no key for a task that would let it refuse a second one, so the tasks of the leads are looked at first,
archived ones too. A lost answer is never followed by another POST: what has been made is found by looking again.

Sources: REST API Developer Guide, "Create Multiple Records with Fewer Round-Trips"; SOQL and SOSL Reference, "Quoted
String Escape Sequences".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from simple_salesforce.api import Salesforce
from simple_salesforce.format import quote_soql_value

from crmsync.sdk import (
    LEAD_ID,
    RECORD_ID,
    AnswerLost,
    Creation,
    CreationResult,
    CreationSteps,
    CrmUnreachable,
    Held,
    OutcomeUncertain,
    UsageError,
    create_once,
    in_halves,
    replace,
)
from crmsync_salesforce.belonging import LINK
from crmsync_salesforce.describe import Describer, ObjectSchema, missing_fields
from crmsync_salesforce.ids import long_id
from crmsync_salesforce.read import Reader
from crmsync_salesforce.records import native_records
from crmsync_salesforce.replies import Record, SaveResult
from crmsync_salesforce.saving import Portion, in_parts, refused_with
from crmsync_salesforce.soql import LONGEST_QUERY
from crmsync_salesforce.transport import Transport, identified
from crmsync_salesforce.write import RowsLocked, wire_value

_LEADS = {"Lead", "Contact"}
_TEXTS = {"string", "combobox", "picklist", "textarea", "phone", "url", "email"}
_LONGEST_TEXT = 255


@dataclass(frozen=True, slots=True)
class _Answer:
    """One creation's result, and whether it may go better in a moment, or in a smaller call."""

    result: CreationResult
    passing: bool = False
    too_much: bool = False


class _QueryTooLong(Exception):
    """The query on so many creations fits into no address."""


@dataclass(frozen=True, slots=True)
class Creator:
    """Creations of one connection."""

    transport: Transport
    describer: Describer
    reader: Reader
    portion: Portion = field(default_factory=Portion)

    def results(self, object_name: str, leads_object: str, creations: Sequence[Creation]) -> list[CreationResult]:
        """One result per creation, in order."""
        schema, leads = self.describer.schema(object_name), self.describer.schema(leads_object)
        if not schema.has(LINK) or leads.name not in _LEADS:
            raise UsageError(
                f"crmsync cannot make {schema.name} records that belong to a {leads.name}",
                hint="it can make a Task or an Event that belongs to a Lead or a Contact",
            )
        _check_createable(schema, creations)
        steps = CreationSteps(
            gone=lambda ids: self.reader.reading(leads.name, ids, ()).gone,
            look=lambda wanted: self._held(schema, wanted),
            make=lambda wanted: self._made(schema, wanted),
            retried=self.transport.retried,
        )
        wanted = [_spelt_by_salesforce(schema, each) for each in creations]
        return [
            replace(result, lead=creation.lead)
            for creation, result in zip(creations, create_once(wanted, steps), strict=True)
        ]

    def _held(self, schema: ObjectSchema, creations: Sequence[Creation]) -> Iterator[Held]:
        """Records of the creations' leads that may be the ones; the query already leaves out most others."""
        names = list(dict.fromkeys(name for each in creations for name in each.known_by))

        def ask(some: Sequence[Creation]) -> list[Record]:
            soql = _query(schema, some, names)
            if len(quote_plus(soql)) > LONGEST_QUERY and len(some) > 1:
                raise _QueryTooLong
            return list(identified(list(self._queried(schema, soql)), f"the query on {schema.name}"))

        asked = {LINK, *names}
        for some, found in in_halves(creations, ask, _QueryTooLong):
            assert not isinstance(found, _QueryTooLong)  # one alone is always asked
            frame = native_records(found, names, schema, lead_field=LINK)
            for record, row in zip(found, frame.iter_rows(named=True), strict=True):
                unread = not record.keys() >= asked
                leads = [row[LEAD_ID]] if LINK in record else [each.lead for each in some]
                yield from (Held(id=row[RECORD_ID], lead=lead, values=row, unread=unread) for lead in leads)

    def _queried(self, schema: ObjectSchema, soql: str) -> Iterator[Record]:
        # `query` does not see archived activities; `queryAll` does, and deleted ones, which the query leaves out.
        return self.transport.records(soql, what=f"the query on {schema.name}", with_deleted=schema.has("IsArchived"))

    def _made(self, schema: ObjectSchema, creations: Sequence[Creation]) -> list[CreationResult]:
        """Rows that Salesforce refused because somebody held a lock are sent again, without the others."""
        answers: dict[int, CreationResult] = {}
        waiting = list(range(len(creations)))

        def send_waiting() -> None:
            nonlocal waiting
            sent = self._sent(schema, [creations[place] for place in waiting])
            answers.update(zip(waiting, (answer.result for answer in sent), strict=True))
            waiting = [place for place, answer in zip(waiting, sent, strict=True) if answer.passing]
            if waiting:
                raise RowsLocked("records are locked by somebody else")

        try:
            self.transport.retried(send_waiting)
        except CrmUnreachable as error:
            if not isinstance(error.__cause__, RowsLocked):
                raise
        return [answers[place] for place in range(len(creations))]

    def _sent(self, schema: ObjectSchema, creations: Sequence[Creation]) -> list[_Answer]:
        """In as many calls as it takes. What was refused was not made, so nothing is made twice."""
        return in_parts(
            len(creations),
            self.portion,
            lambda places: self._call(schema, [creations[place] for place in places]),
            alone=lambda place, told: _Answer(
                CreationResult(creations[place].lead, "refused", message=f"{told.code}: {told.text}")
            ),
            too_much=lambda answer: answer.too_much,
        )

    def _call(self, schema: ObjectSchema, creations: Sequence[Creation]) -> list[_Answer]:
        body = {"allOrNone": False, "records": [_record(schema, creation) for creation in creations]}

        def post(client: Salesforce) -> object:
            saved = client.restful("composite/sobjects", method="POST", json=body)
            if not isinstance(saved, list) or len(saved) != len(creations):
                raise AnswerLost("Salesforce gave a torn answer to a creation")
            return saved

        try:
            saved = self.transport.call(
                f"making {schema.name} records",
                post,
                list[SaveResult],
                idempotent=False,
                of=[value for each in creations for value in _known(each)],
            )
        except OutcomeUncertain as error:
            return [_Answer(CreationResult(each.lead, "uncertain", message=error.message)) for each in creations]
        return [_answer(schema, creation, result) for creation, result in zip(creations, saved, strict=True)]


def _query(schema: ObjectSchema, creations: Sequence[Creation], names: Sequence[str]) -> str:
    """Names were looked up in describe, ids have the form of ids, texts are quoted."""
    leads = quote_soql_value(list(dict.fromkeys(each.lead for each in creations)))
    conditions = [f"{LINK} IN {leads}", *_text_condition(schema, creations, names)]
    if schema.has("IsArchived"):
        conditions.append("IsDeleted = false")
    return f"SELECT {', '.join(['Id', LINK, *names])} FROM {schema.name} WHERE {' AND '.join(conditions)} ORDER BY Id"  # noqa: S608


def _text_condition(schema: ObjectSchema, creations: Sequence[Creation], names: Sequence[str]) -> list[str]:
    """A condition on a text that all creations are known by, when there is one; SOQL ignores its case."""
    for name in names:
        field = schema.fields[name.lower()]
        texts = [each.values[name].strip() for each in creations if name in each.known_by]
        if (
            field.filterable
            and field.type in _TEXTS
            and len(texts) == len(creations)
            and all(0 < len(text) <= _LONGEST_TEXT for text in texts)
        ):
            return [f"{field.name} IN {quote_soql_value(list(dict.fromkeys(texts)))}"]
    return []


def _spelt_by_salesforce(schema: ObjectSchema, creation: Creation) -> Creation:
    """The same with the fields' own names, and the long id by which a task names its lead."""

    def name_of(name: str) -> str:
        return schema.fields[name.lower()].name

    return Creation(
        lead=long_id(creation.lead),
        values={name_of(name): text for name, text in creation.values.items()},
        known_by=tuple(map(name_of, creation.known_by)),
        personal=creation.personal,
    )


def _record(schema: ObjectSchema, creation: Creation) -> dict[str, Any]:
    values = {name: wire_value(schema.type_of(name), text) for name, text in creation.values.items()}
    return {"attributes": {"type": schema.name}, **values, LINK: creation.lead}


def _known(creation: Creation) -> tuple[str, ...]:
    """What is known of the record and its lead, and must not be repeated in words of Salesforce."""
    return (*creation.values.values(), *creation.personal)


def _answer(schema: ObjectSchema, creation: Creation, saved: SaveResult) -> _Answer:
    if saved.success:
        # Without an id it is found by looking again.
        return _Answer(CreationResult(creation.lead, "made" if saved.id else "uncertain", saved.id))
    refused = refused_with(saved.errors, schema, _known(creation))
    return _Answer(
        CreationResult(creation.lead, "refused", message=refused.message),
        passing=refused.deed == "tried again",
        too_much=refused.deed == "split",
    )


def _check_createable(schema: ObjectSchema, creations: Sequence[Creation]) -> None:
    names = dict.fromkeys(name for each in creations for name in each.values)
    if missing := [name for name in names if not schema.has(name) or "." in name]:
        raise missing_fields(schema, missing)
    if fixed := [name for name in names if not schema.fields[name.lower()].createable]:
        raise UsageError(
            f"the user that crmsync signs in as may not set {schema.name}.{', '.join(fixed)}",
            hint="give the user edit access to the field, or name another field",
        )
