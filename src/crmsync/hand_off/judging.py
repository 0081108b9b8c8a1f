"""What one hand-off under way asks for: nothing, a reminder, another owner, or patience.

The order of the questions: does the lead still belong to whom it was handed? Is it still in sales' hands? Does it
wait with the one who handed it off? What did the receiver answer? Was the receiver in touch, and in time?
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

from msgspec import Struct, field

from crmsync.hand_off.clock import clock_of
from crmsync.hand_off.clocks import ClockRoom
from crmsync.hand_off.state import EndedBy, HandOffEvent, HandOffRecord, LiveHandOff
from crmsync.hand_off.timeouts import QueueOf, Timeout, timeout_of
from crmsync.model import HandOffStep
from crmsync.qualify.language.hand_overs import HandOver
from crmsync.route.placing.orders import Order
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.tongue import to_say
from crmsync.values import replace

Answer = Literal["accepted", "returned"]
_HAD_IT = to_say("had this lead before")
_GAVE_BACK = to_say("gave it back")
_TOO_LATE = to_say("did not get in touch in time")
_PARKED = to_say("its time was over, and it stands in a queue until a person takes it")
_REMINDED = (
    to_say("no contact within {hours} working hour: the owner is reminded"),
    to_say("no contact within {hours} working hours: the owner is reminded"),
)


class Setting(Struct, frozen=True):
    """What all hand-offs of one hand-over are judged by in a run.

    `stages`: those in which it may count. `active`: native users who may own leads. `answer`: the mapped
    response field's word among a lead's native hand-off fields. `local_day`: an instant's day in the org's zone.
    `queues`: native ids of the queues. `leavers`: users whose leads are given to others in this run. `taken_back`:
    leads of which an undo may have given back the stage, which another undo may put back. `queue_of`: a timeout's
    queue in this CRM. `org_zone`: whose days count.
    """

    policy: HandOver
    stages: Collection[str]
    roster: ResolvedRoster
    active: Collection[str]
    answer: Callable[[LiveHandOff], Answer | None]
    reason: Callable[[LiveHandOff], str | None]
    local_day: Callable[[datetime], date]
    now: datetime
    as_of: date
    queues: Collection[str] = ()
    leavers: Collection[str] = ()
    taken_back: Collection[str] = ()
    queue_of: QueueOf = lambda _: None
    org_zone: tzinfo = UTC

    @property
    def room(self) -> ClockRoom:
        """What clocks are read by."""
        return ClockRoom(self.roster, self.org_zone, self.now)


class Verdict(Struct, frozen=True):
    """`event`: what was learnt. `order`: for routing. `step`: what a change of this lead would be, `words` why:
    a message with its `values`.

    `again`: the lead may be handed off anew. `stuck`: returned too often; a person decides. `with_receiver`: the
    hand-off while the lead is with its receiver: another owner, for whatever reason, is the next attempt of it.
    """

    event: HandOffEvent | None = None
    order: Order | None = None
    step: HandOffStep | None = None
    words: str = ""
    values: Mapping[str, float | str] = field(default_factory=dict)
    again: bool = False
    stuck: bool = False
    with_receiver: HandOffRecord | None = None

    @property
    def asks(self) -> bool:
        """Whether the lead has to be looked at in this run."""
        return self.again or self.step is not None


def judge(live: LiveHandOff, setting: Setting) -> Verdict:
    """The verdict on one hand-off under way."""
    verdict, rule = _judged(live, setting), setting.policy
    return replace(
        verdict,
        order=replace(verdict.order, hand_over=rule.name) if verdict.order else None,
        step=replace(verdict.step, hand_over=rule.key) if verdict.step else None,
    )


def over(hand_off: HandOffRecord, now: datetime, by: EndedBy) -> Verdict:
    """The verdict on one that is over, whatever has become of the lead."""
    return Verdict(event=HandOffEvent(hand_off.id, ended_at=now, ended_by=by))


def _judged(live: LiveHandOff, setting: Setting) -> Verdict:
    hand_off = live.hand_off
    waits, parked = hand_off.returned_at is not None, hand_off.queued_at is not None
    queued = not (waits or parked) and live.owner in setting.queues
    holder = hand_off.queue if parked else hand_off.bdr if waits else hand_off.receiver
    if not queued and live.owner != holder:
        return over(hand_off, setting.now, "taken_over")
    if live.managed and live.stage not in setting.stages and hand_off.lead in setting.taken_back:
        return Verdict()
    if not live.managed or live.stage not in setting.stages:
        return over(hand_off, setting.now, "left_ladder")
    if parked or waits:
        return Verdict(order=Order(_PARKED, waits=True)) if parked else _waiting(live, setting)
    answer = setting.answer(live) or _task_answer(live, setting)
    returned = answer == "returned" and setting.policy.returned is not None
    if queued:
        return _queued(live, setting, returned=returned)
    verdict = _returned(live, setting) if returned else _in_touch(live, setting, accepted=answer == "accepted")
    # Without an order of its own the lead moves only if its receiver takes no leads any more.
    gone = Order(to_say("its receiver takes no leads any more"), not_to=_not_to(live, _HAD_IT))
    return replace(verdict, order=verdict.order or gone, with_receiver=hand_off)


def _waiting(live: LiveHandOff, setting: Setting) -> Verdict:
    rule, returned_at = setting.policy.returned, live.hand_off.returned_at
    wait = Order(to_say("it was returned and waits with the one who handed it off"), waits=True)
    if rule is None or returned_at is None:
        return Verdict(order=wait)
    if live.returns >= rule.at_most:
        return Verdict(order=wait, stuck=True)
    if live.hand_off.bdr in setting.leavers:
        words = to_say("the one with whom it waited is leaving: to the next one")
        step = HandOffStep("handed", live.hand_off.attempt + 1, live.hand_off.bdr)
        return Verdict(order=Order(words, not_to=_not_to(live, _GAVE_BACK)), step=step, words=words)
    # An answer in a field is taken back by changing it; a task's outcome stays as it is.
    taken_back = setting.answer(live) != "returned" and _task_answer(live, setting) != "returned"
    days = rule.again_after_days
    over = days is not None and setting.local_day(returned_at) + timedelta(days=days) <= setting.as_of
    if taken_back or over:
        return Verdict(event=HandOffEvent(live.hand_off.id, ended_at=setting.now, ended_by="again"), again=True)
    return Verdict(order=wait)


def _queued(live: LiveHandOff, setting: Setting, *, returned: bool) -> Verdict:
    """Nobody else could take it, so it stands in a queue until somebody can: not the one who had it."""
    hand_off = live.hand_off
    words, why = to_say("it stands in a queue: to the next one"), _GAVE_BACK if returned else _HAD_IT
    reason = setting.reason(live) if returned else None
    step = HandOffStep("passed_on" if returned else "reassigned", hand_off.attempt + 1, hand_off.bdr, reason)
    return Verdict(order=Order(words, not_to=_not_to(live, why)), step=step, words=words)


def _task_answer(live: LiveHandOff, setting: Setting) -> Answer | None:
    task = setting.policy.task
    if task is None:
        return None
    if set(task.returned_by) & set(live.task_outcomes):
        return "returned"
    return "accepted" if set(task.accepted_by) & set(live.task_outcomes) else None


def _returned(live: LiveHandOff, setting: Setting) -> Verdict:
    hand_off, rule = live.hand_off, setting.policy.returned
    if rule is None or live.returns >= rule.at_most:
        return Verdict(stuck=True)
    step = HandOffStep("returned", hand_off.attempt, hand_off.bdr, setting.reason(live))
    if rule.to != "next" and hand_off.bdr in setting.active:
        words = to_say("returned by its receiver: back to who handed it off")
        order = Order(words, moves=True, to=hand_off.bdr, not_to=_not_to(live, _GAVE_BACK))
        return Verdict(order=order, step=step, words=words)
    words = to_say("returned by its receiver: to the next one")
    order = Order(words, moves=True, not_to=_not_to(live, _GAVE_BACK))
    return Verdict(order=order, step=replace(step, move="passed_on", attempt=hand_off.attempt + 1), words=words)


def _in_touch(live: LiveHandOff, setting: Setting, *, accepted: bool) -> Verdict:
    hand_off = live.hand_off
    touched_at = min(live.touch, setting.now) if live.touch is not None else hand_off.touched_at
    accepted_at = hand_off.accepted_at or (setting.now if accepted else None)
    event = HandOffEvent(hand_off.id, touched_at=touched_at, accepted_at=accepted_at)
    known = (hand_off.touched_at, hand_off.accepted_at) == (touched_at, accepted_at)
    learnt = None if known else event
    rule = setting.policy.first_touch
    by_now = replace(hand_off, touched_at=touched_at, accepted_at=accepted_at)
    over = timeout_of(by_now, setting.policy, setting.room, setting.queue_of)
    if over is not None:
        return _timed_out(live, over, learnt)
    if touched_at or accepted_at or rule is None:
        return Verdict(event=learnt)
    clock = clock_of(hand_off, rule, setting.roster, setting.now)
    if clock is None:
        return Verdict(event=learnt)
    if clock.remind_at is not None and setting.now >= clock.remind_at and hand_off.reminded_at is None:
        words, values = _no_contact(_REMINDED, rule.remind_after_hours)
        return Verdict(learnt, None, HandOffStep("reminded", hand_off.attempt, hand_off.bdr), words, values)
    return Verdict(event=learnt)


def _timed_out(live: LiveHandOff, over: Timeout, learnt: HandOffEvent | None) -> Verdict:
    hand_off, not_to = live.hand_off, _not_to(live, _TOO_LATE)
    order = Order(over.words, moves=True, pool=over.pool, queue=over.queue, not_to=not_to, values=over.values)
    step = HandOffStep("reassigned", hand_off.attempt + 1, hand_off.bdr)
    if over.queue is not None:
        step = replace(step, move="queued", attempt=hand_off.attempt)
    return Verdict(learnt, order, step, over.words, over.values)


def _not_to(live: LiveHandOff, why: str) -> dict[str, str]:
    return dict.fromkeys(live.had_it, _HAD_IT) | {live.hand_off.receiver: why}


def _no_contact(messages: tuple[str, str], hours: float | None) -> tuple[str, Mapping[str, float | str]]:
    return messages[0] if hours == 1 else messages[1], {"hours": hours or 0}
