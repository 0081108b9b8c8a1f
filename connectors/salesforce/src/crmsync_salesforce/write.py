"""Setting fields of records, up to 200 in a call, each with its own outcome.

Source: REST API Developer Guide, "Update Multiple Records with Fewer Round-Trips": a well-formed call answers
200 even when every record failed; results come in the order of the records, a failed one may lack its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from simple_salesforce.api import Salesforce

from crmsync.sdk import (
    AnswerLost,
    CrmUnreachable,
    OutcomeUncertain,
    TryAgain,
    UsageError,
    Write,
    WriteResult,
    in_halves,
    redacted,
)
from crmsync_salesforce.describe import Describer, ObjectSchema, missing_fields
from crmsync_salesforce.errors import Refusal
from crmsync_salesforce.lost import looked_up
from crmsync_salesforce.read import Reader
from crmsync_salesforce.replies import SaveResult
from crmsync_salesforce.transport import Transport

_GONE = {"ENTITY_IS_DELETED", "CANNOT_UPDATE_CONVERTED_LEAD"}
PASSING = {"UNABLE_TO_LOCK_ROW", "REQUEST_RUNNING_TOO_LONG", "SERVER_UNAVAILABLE"}
_WHOLE_NUMBERS = {"int", "long"}
_NUMBERS = {"double", "currency", "percent"}


class RowsLocked(TryAgain):
    """Some records were held by somebody else, or their answer was lost: they are worth another look."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """One record's result, whether it may go better in a moment, and whether it was lost on its way here."""

    result: WriteResult
    passing: bool = False
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes of one connection."""

    transport: Transport
    describer: Describer
    reader: Reader

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
        """One call, or more of half the size when Salesforce refuses it as a whole."""
        answers: list[_Answer] = []
        for part, told in in_halves(
            writes, lambda some: self._call(schema, some), Refusal, halve=lambda each: each.may_be_of_one_record
        ):
            if isinstance(told, Refusal):
                answers.append(_Answer(WriteResult(part[0].id, "refused", f"{told.code}: {told.text}")))
            else:
                answers += told
        return answers

    def _call(self, schema: ObjectSchema, writes: Sequence[Write]) -> list[_Answer]:
        body = {"allOrNone": False, "records": [_record(schema, write) for write in writes]}

        def patch(client: Salesforce) -> object:
            saved = client.restful("composite/sobjects", method="PATCH", json=body)
            if not isinstance(saved, list) or len(saved) != len(writes):
                raise AnswerLost("Salesforce gave a torn answer to a write")
            return saved

        try:
            saved = self.transport.call(f"a write to {schema.name}", patch, list[SaveResult], idempotent=False)
        except OutcomeUncertain as error:
            return [_Answer(WriteResult(write.id, "uncertain", error.message), lost=True) for write in writes]
        return [_answer(write, result) for write, result in zip(writes, saved, strict=True)]


def _answer(write: Write, saved: SaveResult) -> _Answer:
    if saved.success:
        return _Answer(WriteResult(write.id, "accepted"))
    codes = {error.status_code for error in saved.errors}
    message = "; ".join(f"{error.status_code}: {redacted(error.message)}" for error in saved.errors)
    outcome: Literal["gone", "refused"] = "gone" if codes & _GONE else "refused"
    return _Answer(WriteResult(write.id, outcome, message), passing=bool(codes & PASSING))


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
