"""A planned change completed by what a hand-off adds to it: who handed off, the answer reset, a task, the step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from msgspec import Struct

from crmsync.hand_off.judging import Verdict
from crmsync.hand_off.task import hand_off_task, reminder_task
from crmsync.mapping import HandOffMapping
from crmsync.model import THE_HAND_OFF, Change, HandOffMove, HandOffStep, NewRecord
from crmsync.qualify.language.hand_overs import HandOver
from crmsync.route.roster.defaults import may_own
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.tongue import ENGLISH, Tongue
from crmsync.values import replace

_NO_VERDICT = Verdict()
_TO_NO_RECEIVER = ("returned", "reminded", "queued")
_TO_A_RECEIVER: Mapping[HandOffMove, HandOffMove] = {"returned": "passed_on", "queued": "reassigned"}
"""What a step is where a receiver gets the lead after all."""


class Completing(Struct, frozen=True):
    """What all changes by one hand-over are completed by. `people`: native users that are persons, not queues.

    `stages`: those in which it may count. `names`: its own and those of later ones; who receives leads of one of
    these does not hand them over. `tongue`: the language of tasks and reasons.
    """

    policy: HandOver
    mapped: HandOffMapping
    stages: Collection[str]
    roster: ResolvedRoster
    people: Collection[str]
    now: datetime
    tongue: Tongue = ENGLISH
    names: Collection[str] = (THE_HAND_OFF,)

    def completed(
        self,
        change: Change,
        native: Mapping[str, str | None],
        *,
        verdict: Verdict = _NO_VERDICT,
        attempts: int = 0,
    ) -> Change:
        """`native`: the mapped hand-off fields as read. `attempts`: how often the lead was handed off so far."""
        step = self._step(change, native, verdict, attempts)
        if step is None:
            return change
        as_asked = verdict.step is not None and (verdict.step.move == "reminded") == (step.move == "reminded")
        words = self.tongue.say_with(verdict.words, verdict.values) if verdict.words else ""
        told = (words,) if as_asked and words not in " ".join(change.reasons) else ()
        change = replace(change, reasons=(*change.reasons, *told))
        writes = {name: pair for name, pair in self._writes(step, native).items() if pair[0] != pair[1]}
        beside = {name: native.get(name) for name in self.mapped.written_fields if name not in writes}
        return replace(
            change,
            writes={**change.writes, **writes},
            beside={**change.beside, **beside},
            hand_off=self._remembered(step) if self.policy.is_process else None,
            creates=self._creates(change, step),
        )

    def _step(
        self, change: Change, native: Mapping[str, str | None], verdict: Verdict, attempts: int
    ) -> HandOffStep | None:
        asked, to, key = verdict.step, change.owner_after, self.policy.key
        if not change.owner_changes:
            reminds = asked is not None and asked.move == "reminded" and change.stage_after in self.stages
            return asked if reminds else None
        if asked is not None and to == _asked_for(verdict, asked):
            return asked
        if (
            not any(to in self.roster.receivers_of(name) for name in self.names)
            or change.stage_after not in self.stages
        ):
            return None
        if asked is not None and asked.move != "reminded":
            move = _TO_A_RECEIVER.get(asked.move, asked.move)
            return replace(asked, move=move, attempt=attempts + 1)
        if verdict.with_receiver is not None:
            return HandOffStep("reassigned", attempts + 1, verdict.with_receiver.bdr, hand_over=key)
        return HandOffStep("handed", attempts + 1, self._bdr(change, native, key), hand_over=key)

    def _remembered(self, step: HandOffStep) -> HandOffStep:
        resets = self.mapped.response is not None and step.move not in _TO_NO_RECEIVER
        return replace(step, answer=self.mapped.response.field) if resets and self.mapped.response else step

    def _bdr(self, change: Change, native: Mapping[str, str | None], hand_over: str | None) -> str | None:
        """Who hands off: the owner before, unless that is a receiver (one who has left, say) or no person.

        Somebody who is not in the roster may be a receiver who was taken out: who is recorded already stays. Of
        several hand-overs another may have recorded them: a lead that falls back to its BDRs was not handed off by
        one of these.
        """
        before = change.owner_before
        recorded = native.get(self.mapped.bdr) if self.mapped.bdr else None
        known = recorded if recorded in self.people else None
        if hand_over is not None and self._receives(known):
            known = None
        if before not in self.people or self._receives(before):
            return known
        return before if before in self.roster.by_user else known or before

    def _receives(self, user: str | None) -> bool:
        member = self.roster.by_user.get(user or "")
        return member is not None and any(may_own(self.roster.roster, member.person, name) for name in self.names)

    def _writes(
        self, step: HandOffStep, native: Mapping[str, str | None]
    ) -> dict[str, tuple[str | None, str | None]]:
        writes: dict[str, tuple[str | None, str | None]] = {}
        if step.move in _TO_NO_RECEIVER:
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
        received = step.move not in ("returned", "queued")
        if mapped is None or receiver is None or not received or not (reminded or self.policy.task):
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
                tongue=self.tongue,
            ),
        )


def _asked_for(verdict: Verdict, step: HandOffStep) -> str | None:
    """Whom a step names that takes the lead to nobody who receives it; null = none."""
    if step.move == "returned":
        return step.bdr
    return verdict.order.queue if step.move == "queued" and verdict.order else None
