"""The hand-off on the page of a policy: who does what until when, and what happens when a lead comes back."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.operations.policy.page import Block, Paragraph, Table
from crmsync.qualify.criteria import plain
from crmsync.qualify.language.clocks import NamedClock, ReassignTo, Target
from crmsync.qualify.language.hand_overs import HandOver
from crmsync.qualify.language.ladder import FirstTouch, HandOff, Returned, Task
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.telling.describe import number
from crmsync.tongue import ENGLISH, Tongue, to_say


def hand_off_blocks(policy: Policy, tongue: Tongue = ENGLISH) -> Iterator[Block]:
    """What holds for every hand-off, and as a table what each side does, where the policy watches it."""
    rule, say = policy.hand_off, tongue.say
    if rule is None:
        yield Paragraph(say("No stage hands a lead over to somebody else."))
        return
    label = tongue.own(policy.label_of(rule.stage))
    yield Paragraph(
        say("From {stage} on, a lead belongs to somebody who receives leads; the roster says who.", stage=label)
    )
    if not rule.is_process:
        return
    yield Paragraph(
        say(
            "Each hand-off is watched until a person gives the lead to somebody else or the lead leaves these "
            "stages. Hours are the receiver's own working hours, from the hand-off on."
        )
    )
    yield Table((say("Who"), say("What happens")), tuple(process_rows(rule, tongue)))


def process_rows(rule: HandOff | HandOver, tongue: Tongue) -> Iterator[tuple[str, str]]:
    """Who does what, where the policy watches a hand-over."""
    say = tongue.say
    receiver, bdr = say("The receiver (AE)"), say("Whoever handed off (BDR)")
    if isinstance(rule, HandOver):
        receiver, bdr = say("The receiver"), say("Whoever handed over")
    everybody = say("Marketing and sales")
    if rule.task:
        yield receiver, _task(rule.task, rule.first_touch, tongue)
    if rule.first_touch:
        yield receiver, _in_touch(rule.first_touch, rule.task, tongue)
        yield from ((receiver, words) for words in _too_late(rule.first_touch, tongue))
    for clock in rule.clocks:
        yield receiver, _clock(clock, tongue)
        if clock.reassign_to is not None:
            yield receiver, _loses(clock, tongue)
    if rule.returned:
        yield receiver, _gives_back(rule, tongue)
        yield bdr, _comes_back(rule.returned, tongue)
        yield (
            everybody,
            tongue.say_many(
                "After {number} return a lead stays where it is, and a person decides.",
                "After {number} returns a lead stays where it is, and a person decides.",
                rule.returned.at_most,
            ),
        )
    yield everybody, say("See who was in touch in time, and what came back and why: `crmsync report hand-offs`.")


def _task(task: Task, touch: FirstTouch | None, tongue: Tongue) -> str:
    hours, subject = task.due_hours or (touch.within_hours if touch else None), tongue.own(task.subject)
    if not hours:
        return tongue.say("Gets a task “{subject}”, which tells the reasons.", subject=subject)
    return tongue.say(
        "Gets a task “{subject}”, due within {hours}, which tells the reasons.",
        subject=subject,
        hours=_hours(hours, tongue),
    )


def _in_touch(touch: FirstTouch, task: Task | None, tongue: Tongue) -> str:
    hours, kinds = _hours(touch.within_hours, tongue), _or(touch.kinds, tongue)
    if task and task.accepted_by:
        return tongue.say(
            "Is in touch within {hours}: what counts is their own {kinds}, or accepting the lead or the task's "
            "outcome {outcomes}.",
            hours=hours,
            kinds=kinds,
            outcomes=_or(task.accepted_by, tongue),
        )
    return tongue.say(
        "Is in touch within {hours}: what counts is their own {kinds}, or accepting the lead.",
        hours=hours,
        kinds=kinds,
    )


def _too_late(touch: FirstTouch, tongue: Tongue) -> Iterator[str]:
    if touch.remind_after_hours is not None:
        yield tongue.say(
            "Without contact for {hours}: gets a second task as a reminder, due now.",
            hours=_hours(touch.remind_after_hours, tongue),
        )
    if touch.reassign_after_hours is not None:
        hours = _hours(touch.reassign_after_hours, tongue)
        yield tongue.say(_WITHOUT_CONTACT[_kind(touch.reassign_to)], hours=hours, **_place(touch.reassign_to, tongue))


_WITHOUT_CONTACT = {
    "next": to_say("Without contact for {hours}: loses the lead to the next receiver."),
    "pool": to_say("Without contact for {hours}: loses the lead to somebody of the pool {pool}."),
    "queue": to_say("Without contact for {hours}: the lead goes to the queue {queue}, where a person takes it."),
}
_OVER = {
    "next": to_say("When the time of {clock} is over: loses the lead to the next receiver."),
    "pool": to_say("When the time of {clock} is over: loses the lead to somebody of the pool {pool}."),
    "queue": to_say("When the time of {clock} is over: the lead goes to the queue {queue}, where a person takes it."),
}
_CLOCKS = {
    ("touched", "created"): to_say("{clock}: is in touch within {time} since the lead was created, {whose}."),
    ("touched", "assigned"): to_say("{clock}: is in touch within {time} since they got the lead, {whose}."),
    ("touched", "stage"): to_say("{clock}: is in touch within {time} since the lead came to its stage, {whose}."),
    ("accepted", "created"): to_say("{clock}: accepts the lead within {time} since it was created, {whose}."),
    ("accepted", "assigned"): to_say("{clock}: accepts the lead within {time} since they got it, {whose}."),
    ("accepted", "stage"): to_say("{clock}: accepts the lead within {time} since it came to its stage, {whose}."),
}
_WHOSE = {"receiver": to_say("in their own hours"), "lead": to_say("in the hours where the lead is")}


def _clock(clock: NamedClock, tongue: Tongue) -> str:
    time = _hours(clock.within_hours, tongue) if clock.within_hours else _days(clock.within_days or 1, tongue)
    whose = tongue.say(_WHOSE[clock.zone])
    return tongue.say(_CLOCKS[clock.until, clock.starts], clock=tongue.own(clock.called), time=time, whose=whose)


def _loses(clock: NamedClock, tongue: Tongue) -> str:
    target = clock.reassign_to or "next"
    return tongue.say(_OVER[_kind(target)], clock=tongue.own(clock.called), **_place(target, tongue))


def _kind(target: ReassignTo) -> str:
    if not isinstance(target, Target):
        return "next"
    return "queue" if target.pool is None else "pool"


def _place(target: ReassignTo, tongue: Tongue) -> dict[str, str]:
    if not isinstance(target, Target):
        return {}
    if target.pool is not None:
        return {"pool": target.pool}
    named = [target.queue] if isinstance(target.queue, str) else list((target.queue or {}).values())
    return {"queue": tongue.either([plain(each, tongue) for each in dict.fromkeys(named)])}


def _days(days: int, tongue: Tongue) -> str:
    return tongue.say_many("{number} working day", "{number} working days", days, number=tongue.number(days))


def _gives_back(rule: HandOff | HandOver, tongue: Tongue) -> str:
    outcomes = rule.task.returned_by if rule.task else ()
    if not outcomes:
        return tongue.say("Gives a lead back by the answer “returned” in the CRM, and says why.")
    return tongue.say(
        "Gives a lead back by the answer “returned” in the CRM, or by the task's outcome {outcomes}, and says why.",
        outcomes=_or(outcomes, tongue),
    )


def _comes_back(returned: Returned, tongue: Tongue) -> str:
    if returned.to == "next":
        return tongue.say("A lead that is given back goes to the next receiver, not to one who had it before.")
    days = returned.again_after_days
    if days is None:
        return tongue.say(
            "A lead that is given back returns to them, with the reason. It is handed off again when the answer is "
            "taken back in the CRM. If they have left, it goes to the next receiver."
        )
    return tongue.say_many(
        "A lead that is given back returns to them, with the reason. It is handed off again when the answer is "
        "taken back in the CRM, or {number} day later. If they have left, it goes to the next receiver.",
        "A lead that is given back returns to them, with the reason. It is handed off again when the answer is "
        "taken back in the CRM, or {number} days later. If they have left, it goes to the next receiver.",
        days,
        number=tongue.number(days),
    )


def _hours(hours: float, tongue: Tongue) -> str:
    return tongue.say_many("{number} working hour", "{number} working hours", hours, number=number(hours, tongue))


def _or(words: tuple[str, ...], tongue: Tongue) -> str:
    return tongue.either([plain(word, tongue) for word in words])
