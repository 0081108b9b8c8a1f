"""A planned change completed by what a hand-off adds to it: who handed off, the answer reset, a task, the step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from crmsync.hand_off.judge import Verdict
from crmsync.hand_off.task import hand_off_task, reminder_task
from crmsync.mapping import HandOffMapping
from crmsync.model import Change, HandOffStep, NewRecord
from crmsync.qualify import HandOff as HandOffPolicy
from crmsync.route import Resolved

_NO_VERDICT = Verdict()


@dataclass(frozen=True, slots=True)
class Completing:
    """What all changes of a run are completed by. `people`: native users that are persons, not queues.

    `stages`: those at or above the hand-off stage.
    """

    policy: HandOffPolicy
    mapped: HandOffMapping
    stages: Collection[str]
    roster: Resolved
    people: Collection[str]
    now: datetime

    def completed(
        self,
        change: Change,
        native: Mapping[str, str | None],
        *,
        verdict: Verdict = _NO_VERDICT,
        attempts: int = 0,
    ) -> Change:
        """`native`: the mapped hand-off fields as read. `attempts`: how often the lead was handed off so far."""
        step = self._step(change, verdict, attempts)
        if step is None:
            return change
        told = (verdict.words,) if verdict.words and verdict.words not in " ".join(change.reasons) else ()
        change = replace(change, reasons=(*change.reasons, *told))
        writes = {name: pair for name, pair in self._writes(step, native).items() if pair[0] != pair[1]}
        beside = {name: native.get(name) for name in self.mapped.written_fields if name not in writes}
        return replace(
            change,
            writes={**change.writes, **writes},
            beside={**change.beside, **beside},
            hand_off=step if self.policy.is_process else None,
            creates=self._creates(change, step),
        )

    def _step(self, change: Change, verdict: Verdict, attempts: int) -> HandOffStep | None:
        asked = verdict.step
        if asked is not None and asked.move == "reminded":
            return None if change.owner_changes else asked
        if not change.owner_changes:
            return None
        if asked is not None and asked.move == "returned" and change.owner_after == asked.bdr:
            return asked
        if change.owner_after not in self.roster.receivers or change.stage_after not in self.stages:
            return None
        if asked is not None:
            move = "passed_on" if asked.move == "returned" else asked.move
            return replace(asked, move=move, attempt=attempts + 1)
        before = change.owner_before
        bdr = before if before in self.people and before not in self.roster.receivers else None
        return HandOffStep("handed", attempts + 1, bdr)

    def _writes(
        self, step: HandOffStep, native: Mapping[str, str | None]
    ) -> dict[str, tuple[str | None, str | None]]:
        writes: dict[str, tuple[str | None, str | None]] = {}
        if step.move in ("returned", "reminded"):
            return writes
        if self.mapped.bdr and step.bdr:
            writes[self.mapped.bdr] = (native.get(self.mapped.bdr), step.bdr)
        response = self.mapped.response
        if response:
            writes[response.field] = (native.get(response.field) or None, response.pending)
        return writes

    def _creates(self, change: Change, step: HandOffStep) -> tuple[NewRecord, ...]:
        mapped, receiver = self.mapped.task, change.owner_after
        reminded = step.move == "reminded"
        if mapped is None or receiver is None or step.move == "returned" or not (reminded or self.policy.task):
            return ()
        make = reminder_task if reminded else hand_off_task
        return (
            make(
                mapped,
                self.policy,
                self.roster,
                receiver=receiver,
                attempt=step.attempt,
                reasons=change.reasons,
                now=self.now,
            ),
        )
