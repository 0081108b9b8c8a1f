"""Setting fields of records, up to 200 in a call, each with its own outcome.

Source: REST API Developer Guide, "Update Multiple Records with Fewer Round-Trips": a well-formed call answers
200 even when every record failed; results come in the order of the records, a failed one may lack its id. The call
travels between two readings of the same records (see `compared`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

import msgspec
from simple_salesforce.api import Salesforce

from crmsync.sdk import (
    AnswerLost,
    CrmUnreachable,
    OutcomeUncertain,
    Seen,
    TryAgain,
    UsageError,
    Write,
    WriteResult,
    replace,
)
from crmsync_salesforce.compared import read_write_read, seen, taken_apart
from crmsync_salesforce.describe import Describer, ObjectSchema, missing_fields
from crmsync_salesforce.errors import Refusal
from crmsync_salesforce.ids import long_id
from crmsync_salesforce.lost import looked_up
from crmsync_salesforce.read import Reader
from crmsync_salesforce.replies import CompositeAnswer, SaveResult
from crmsync_salesforce.saving import Portion, in_parts, refused_with
from crmsync_salesforce.transport import Transport

_WHOLE_NUMBERS = {"int", "long"}
_NUMBERS = {"double", "currency", "percent"}
_COMPOSITE = "composite"
_NO_SUCH_RESOURCE = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


class RowsLocked(TryAgain):
    """Some records were held by somebody else, or their answer was lost: they are worth another look."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """One record's result: whether it may go better in a moment, in a smaller call, or was lost on its way here."""

    result: WriteResult
    passing: bool = False
    too_much: bool = False
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes of one connection. `unheard`: what this org was seen not to know, so that it is not asked again."""

    transport: Transport
    describer: Describer
    reader: Reader
    unheard: set[str] = field(default_factory=set)
    portion: Portion = field(default_factory=Portion)

    def results(self, object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        """One result per write, in order. Locked records are sent again without the others.

        After a lost answer the records are read, and only those that nobody has touched are sent again.
        """
        stamps = dict(self.reader.stamps)
        schema = self.describer.schema(object_name)
        _check_writable(schema, writes)
        answers: dict[int, _Answer] = {}

        def look_up_lost() -> None:
            lost = [place for place, answer in answers.items() if answer.lost]
            found = looked_up(self.reader, object_name, [writes[place] for place in lost], stamps) if lost else []
            for place, result in zip(lost, found, strict=True):
                if result is None:
                    del answers[place]
                else:
                    answers[place] = _Answer(result)

        def send_waiting() -> None:
            look_up_lost()
            waiting = [place for place in range(len(writes)) if place not in answers or answers[place].passing]
            answers.update(zip(waiting, self._sent(schema, [writes[place] for place in waiting]), strict=True))
            if any(answers[place].lost for place in waiting):
                raise RowsLocked("Salesforce's answer to a write was lost")
            if any(answers[place].passing for place in waiting):
                raise RowsLocked("records are locked by somebody else")

        try:
            self.transport.retried(send_waiting)
        except CrmUnreachable:
            if len(answers) < len(writes):  # some were never taken; else all is said as far as it is known
                raise
        return [answers[place].result for place in range(len(writes))]

    def _sent(self, schema: ObjectSchema, writes: Sequence[Write]) -> list[_Answer]:
        """In as many calls as it takes."""
        return in_parts(
            len(writes),
            self.portion,
            lambda places: self._call(schema, [writes[place] for place in places]),
            alone=lambda place, told: _Answer(WriteResult(writes[place].id, "refused", f"{told.code}: {told.text}")),
            too_much=lambda answer: answer.too_much,
        )

    def _call(self, schema: ObjectSchema, writes: Sequence[Write]) -> list[_Answer]:
        try:
            if _COMPOSITE in self.unheard:
                return self._written(schema, writes)
            return self._compared(schema, writes)
        except OutcomeUncertain as error:
            return [_Answer(WriteResult(write.id, "uncertain", error.message), lost=True) for write in writes]

    def _compared(self, schema: ObjectSchema, writes: Sequence[Write]) -> list[_Answer]:
        """Written between two readings; only written, where the org has no composite requests."""
        fields = list(dict.fromkeys(name for write in writes for name in (*write.expected, *write.values)))
        ids = list(dict.fromkeys(write.id for write in writes))
        what = f"a write to {schema.name}"

        def patch(client: Salesforce) -> object:
            answer = msgspec.convert(
                read_write_read(
                    client,
                    schema.name,
                    ids,
                    fields,
                    _body(schema, writes),
                    self.transport.settings.write_headers,
                ),
                CompositeAnswer,
            )
            before, write, after = taken_apart(answer, what, _known(writes))
            saved = msgspec.convert(_whole(write.body, writes), list[SaveResult])
            return {"saved": saved, "seen": seen(schema, fields, before, after)}

        try:
            told = self.transport.call(what, patch, dict[str, Any], idempotent=False)
        except Refusal as refusal:
            if refusal.status not in _NO_SUCH_RESOURCE:
                raise
            self.unheard.add(_COMPOSITE)
            return self._written(schema, writes)
        return _answers(schema, writes, told["saved"], told["seen"])

    def _written(self, schema: ObjectSchema, writes: Sequence[Write]) -> list[_Answer]:
        def patch(client: Salesforce) -> object:
            return _whole(client.restful("composite/sobjects", method="PATCH", json=_body(schema, writes)), writes)

        saved = self.transport.call(
            f"a write to {schema.name}", patch, list[SaveResult], idempotent=False, of=_known(writes)
        )
        return _answers(schema, writes, saved, {})


def _body(schema: ObjectSchema, writes: Sequence[Write]) -> dict[str, Any]:
    return {"allOrNone": False, "records": [_record(schema, write) for write in writes]}


def _whole(saved: object, writes: Sequence[Write]) -> list[Any]:
    if not isinstance(saved, list) or len(saved) != len(writes):
        raise AnswerLost("Salesforce gave a torn answer to a write")
    return saved


def _known(writes: Sequence[Write]) -> tuple[str, ...]:
    """What is known of the records, and must not be repeated in words of Salesforce."""
    return tuple(
        value
        for write in writes
        for value in (*write.values.values(), *write.expected.values(), *write.personal)
        if value
    )


def _answers(
    schema: ObjectSchema, writes: Sequence[Write], saved: Sequence[SaveResult], looks: Mapping[str, Seen]
) -> list[_Answer]:
    answers = [_answer(schema, write, result) for write, result in zip(writes, saved, strict=True)]
    return [
        replace(answer, result=replace(answer.result, seen=looks.get(long_id(write.id))))
        for write, answer in zip(writes, answers, strict=True)
    ]


def _answer(schema: ObjectSchema, write: Write, saved: SaveResult) -> _Answer:
    if saved.success:
        return _Answer(WriteResult(write.id, "accepted"))
    refused = refused_with(saved.errors, schema, _known([write]))
    outcome: Literal["gone", "refused"] = "gone" if refused.deed == "gone" else "refused"
    return _Answer(
        WriteResult(write.id, outcome, refused.message),
        passing=refused.deed == "tried again",
        too_much=refused.deed == "split",
    )


def _record(schema: ObjectSchema, write: Write) -> dict[str, Any]:
    values = {
        schema.fields[name.lower()].name: wire_value(schema.type_of(name), text)
        for name, text in write.values.items()
    }
    return {"attributes": {"type": schema.name}, "id": write.id, **values}


def wire_value(kind: str | None, text: str | None) -> object:
    """The JSON value of a native text. Text that is no number goes as it is: Salesforce says what is wrong."""
    if text is None:
        return None
    try:
        if kind == "boolean":
            return {"true": True, "false": False}.get(text, text)
        if kind in _WHOLE_NUMBERS:
            return int(text)
        return float(text) if kind in _NUMBERS else text
    except ValueError:
        return text


def _check_writable(schema: ObjectSchema, writes: Iterable[Write]) -> None:
    names = dict.fromkeys(name for write in writes for name in write.values)
    if missing := [name for name in names if not schema.has(name)]:
        raise missing_fields(schema, missing)
    if fixed := [name for name in names if not schema.fields[name.lower()].updateable]:
        raise UsageError(
            f"the user that crmsync signs in as may not write {schema.name}.{', '.join(fixed)}",
            hint="give the user edit access to the field, or map another field",
        )
