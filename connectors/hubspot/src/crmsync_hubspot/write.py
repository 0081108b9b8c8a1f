"""Writing values: batches of updates, one outcome per record, and the lifecycle's way back.

HubSpot answers a step backward in the lifecycle with success and does nothing. So such a record is cleared in one
request and set in a second: batches keep no order among their inputs. If the second is refused, the old stage is put
back. A lost answer of a plain update is not followed by a second one, which might overwrite what a person changed in
between; clear and set are, as a record must not stay without its stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crmsync.sdk import OutcomeUncertain, RunStopped, Seen, UsageError, Write, WriteResult, in_halves, replace
from crmsync_hubspot.compared import looked_back
from crmsync_hubspot.errors import HubSpotRefused, of_one_record, words
from crmsync_hubspot.gateway import Gateway
from crmsync_hubspot.parts import JsonObject
from crmsync_hubspot.properties import STAGE
from crmsync_hubspot.told_records import Records

LOST = "the answer was lost; whether HubSpot took the values is not known"
NOT_TOLD = "HubSpot's answer says nothing about this record"


@dataclass(frozen=True, slots=True)
class Update:
    """New values of one record. `trace` is the name HubSpot gives back with its result or refusal.

    `known`: what is known of the record, and must not be repeated in HubSpot's words.
    """

    trace: str
    id: str
    values: Mapping[str, str | None]
    known: tuple[str, ...] = ()

    def wire(self) -> JsonObject:
        """The batch input; an empty text is HubSpot's way to say nothing."""
        values = {name: "" if value is None else value for name, value in self.values.items()}
        return {"id": self.id, "objectWriteTraceId": self.trace, "properties": values}


class Writer:
    """Sends the writes of one `push`. `stage_order`: the place of each lifecycle stage."""

    def __init__(self, gateway: Gateway, object_name: str, stage_order: Mapping[str, int]) -> None:
        self._gateway = gateway
        self._object = object_name
        self._order = stage_order

    def push(self, writes: Sequence[Write]) -> list[WriteResult]:
        """One result for each write, in order, with what the record held before and after where HubSpot tells."""
        since = self._gateway.answered_at
        updates = {f"row-{place}": write for place, write in enumerate(writes)}
        back = {trace: write for trace, write in updates.items() if self._steps_back(write)}
        plain = [
            Update(trace, write.id, write.values, _known(write))
            for trace, write in updates.items()
            if trace not in back
        ]
        results = {**self._send(plain, resend=False), **self._step_back(back)}
        taken = [write for trace, write in updates.items() if results[trace].outcome == "accepted"]
        looks = self._looked_back(taken, since, {write.id: STAGE for write in back.values()}) if since else {}
        return [
            replace(results[trace], seen=looks.get(write.id) if results[trace].outcome == "accepted" else None)
            for trace, write in updates.items()
        ]

    def _looked_back(
        self, writes: Sequence[Write], since: datetime, cleared: Mapping[str, str]
    ) -> Mapping[str, Seen]:
        try:
            return looked_back(self._gateway, self._object, writes, since, cleared)
        except (RunStopped, UsageError):
            return {}  # the core reads back by itself, and tells what is wrong

    def _steps_back(self, write: Write) -> bool:
        """Whether HubSpot would take the stage for a step backward, or its direction is not known."""
        new, old = write.values.get(STAGE), write.expected.get(STAGE)
        if new is None or old is None or new == old or new not in self._order:
            return False
        return old not in self._order or self._order[new] < self._order[old]

    def _step_back(self, writes: Mapping[str, Write]) -> dict[str, WriteResult]:
        """Clear, then set, then put back where setting was refused."""
        clears = [Update(trace, write.id, {STAGE: None}, _known(write)) for trace, write in writes.items()]
        results = self._send(clears, resend=True)
        cleared = [trace for trace in writes if results[trace].outcome == "accepted"]
        set_again = self._send(
            [Update(trace, writes[trace].id, writes[trace].values, _known(writes[trace])) for trace in cleared],
            resend=True,
        )
        refused = [trace for trace in cleared if set_again[trace].outcome == "refused"]
        put_back = self._send(
            [Update(trace, writes[trace].id, {STAGE: writes[trace].expected[STAGE]}) for trace in refused],
            resend=True,
        )
        for trace in refused:
            if put_back[trace].outcome != "accepted":
                words_so_far = set_again[trace].message
                set_again[trace] = WriteResult(
                    writes[trace].id,
                    "refused",
                    f"{words_so_far}; and the stage, cleared for the step back, could not be put back",
                )
        return {**results, **set_again}

    def _send(self, updates: Sequence[Update], *, resend: bool) -> dict[str, WriteResult]:
        """The results of these updates by trace; batches refused as a whole are halved."""
        results: dict[str, WriteResult] = {}
        waiting = _without_twins(updates)
        while waiting:
            for part, answer in in_halves(
                waiting.pop(0), lambda part: self._answer(part, resend=resend), HubSpotRefused, halve=of_one_record
            ):
                if isinstance(answer, HubSpotRefused):
                    results[part[0].trace] = _refusal(part[0], answer.detail, answer.status)
                elif answer is None:
                    results.update((each.trace, WriteResult(each.id, "uncertain", LOST)) for each in part)
                else:
                    told = _told(part, answer)
                    results.update(told)
                    untold = [each for each in part if each.trace not in told]
                    if len(untold) == len(part):
                        results.update((each.trace, WriteResult(each.id, "uncertain", NOT_TOLD)) for each in part)
                    elif untold:
                        waiting.append(untold)
        return results

    def _answer(self, updates: Sequence[Update], *, resend: bool) -> Records | None:
        """HubSpot's answer; None when it was lost."""
        try:
            return self._gateway.update_batch(
                self._object,
                [each.wire() for each in updates],
                resend=resend,
                of=[value for each in updates for value in each.known],
            )
        except OutcomeUncertain:
            return None


def _known(write: Write) -> tuple[str, ...]:
    told = (*write.values.values(), *write.expected.values(), *write.personal)
    return tuple(value for value in told if value)


def _without_twins(updates: Sequence[Update]) -> list[list[Update]]:
    """Batches in which no record comes twice: HubSpot refuses such a batch and keeps no order within one."""
    batches: list[list[Update]] = []
    times: dict[str, int] = {}
    for each in updates:
        turn = times.get(each.id, 0)
        times[each.id] = turn + 1
        if turn == len(batches):
            batches.append([])
        batches[turn].append(each)
    return batches


def _told(updates: Sequence[Update], answer: Records) -> dict[str, WriteResult]:
    """What the answer says, by trace. Results are matched by trace or id, refusals by what they name."""
    by_trace = {each.trace: each for each in updates}
    by_id = {each.id: each for each in updates}
    told: dict[str, WriteResult] = {}
    for record in answer.results:
        number = str(record.get("id"))
        update = by_trace.get(str(record.get("objectWriteTraceId"))) or by_id.get(number)
        if update is not None:
            told[update.trace] = (
                WriteResult(update.id, "accepted")
                if update.id == number
                else WriteResult(update.id, "gone", f"merged into {number}, which has taken the values")
            )
    for error in answer.errors:
        named = [by_trace[trace] for trace in named_in(error, "objectWriteTraceId") if trace in by_trace]
        named += [by_id[number] for number in named_in(error, "ids") if number in by_id]
        if not named and len(updates) - len(told) == 1:
            named = [each for each in updates if each.trace not in told]
        for update in named:
            told[update.trace] = _refusal(update, error, 207)
    return told


def named_in(error: JsonObject, key: str) -> list[str]:
    """The traces or ids that a refusal within a 207 is about."""
    context = error.get("context")
    found = context.get(key) if isinstance(context, Mapping) else None
    return [str(each) for each in found] if isinstance(found, list) else []


def _refusal(update: Update, detail: JsonObject, status: int) -> WriteResult:
    ids = {value for value in update.values.values() if value and value.isdecimal()}
    message = words(detail, of=update.known, keep={update.id, *ids}) or f"HubSpot gave no reason ({status})"
    missing = status == 404 or "NOT_FOUND" in str(detail.get("category"))
    return WriteResult(update.id, "gone" if missing else "refused", message)
