"""The hand-off on the page of a policy: who does what until when, and what happens when a lead comes back."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.operations.policy.page import Block, Paragraph, Table
from crmsync.qualify.language.ladder import FirstTouch, HandOff, Returned, Task
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.telling.describe import number


def hand_off_blocks(policy: Policy) -> Iterator[Block]:
    """What holds for every hand-off, and as a table what each side does, where the policy watches it."""
    rule = policy.hand_off
    if rule is None:
        yield Paragraph("No stage hands a lead over to somebody else.")
        return
    label = policy.label_of(rule.stage)
    yield Paragraph(f"From {label} on, a lead belongs to somebody who receives leads; the roster says who.")
    if not rule.is_process:
        return
    yield Paragraph(
        "Each hand-off is watched until a person gives the lead to somebody else or the lead leaves these stages. "
        "Hours are the receiver's own working hours, from the hand-off on."
    )
    yield Table(("Who", "What happens"), tuple(_rows(rule)))


def _rows(rule: HandOff) -> Iterator[tuple[str, str]]:
    receiver, bdr, everybody = "The receiver (AE)", "Whoever handed off (BDR)", "Marketing and sales"
    if rule.task:
        yield receiver, _task(rule.task, rule.first_touch)
    if rule.first_touch:
        yield receiver, _in_touch(rule.first_touch, rule.task)
        yield from ((receiver, words) for words in _too_late(rule.first_touch))
    if rule.returned:
        yield receiver, _gives_back(rule)
        yield bdr, _comes_back(rule.returned)
        yield everybody, f"After {_times(rule.returned.at_most)} a lead stays where it is, and a person decides."
    yield everybody, "See who was in touch in time, and what came back and why: crmsync report hand-offs."


def _task(task: Task, touch: FirstTouch | None) -> str:
    hours = task.due_hours or (touch.within_hours if touch else None)
    due = f", due within {_hours(hours)}" if hours else ""
    return f"Gets a task “{task.subject}”{due}, which tells the reasons."


def _in_touch(touch: FirstTouch, task: Task | None) -> str:
    said = "accepting the lead" + (
        f" or the task's outcome {_or(task.accepted_by)}" if task and task.accepted_by else ""
    )
    kinds = _or(touch.kinds)
    return f"Is in touch within {_hours(touch.within_hours)}: what counts is their own {kinds}, or {said}."


def _too_late(touch: FirstTouch) -> Iterator[str]:
    if touch.remind_after_hours is not None:
        yield f"Without contact for {_hours(touch.remind_after_hours)}: gets a second task as a reminder, due now."
    if touch.reassign_after_hours is not None:
        yield f"Without contact for {_hours(touch.reassign_after_hours)}: loses the lead to the next receiver."


def _gives_back(rule: HandOff) -> str:
    outcomes = rule.task.returned_by if rule.task else ()
    by = f", or by the task's outcome {_or(outcomes)}" if outcomes else ""
    return f"Gives a lead back by the answer “returned” in the CRM{by}, and says why."


def _comes_back(returned: Returned) -> str:
    if returned.to == "next":
        return "A lead that is given back goes to the next receiver, not to one who had it before."
    days = returned.again_after_days
    later = "" if days is None else f", or {days:,} {'day' if days == 1 else 'days'} later"
    return (
        "A lead that is given back returns to them, with the reason. It is handed off again when the answer is taken "
        f"back in the CRM{later}. If they have left, it goes to the next receiver."
    )


def _hours(hours: float) -> str:
    return f"{number(hours)} working {'hour' if hours == 1 else 'hours'}"


def _times(count: int) -> str:
    return "1 return" if count == 1 else f"{count} returns"


def _or(words: tuple[str, ...]) -> str:
    *most, last = (word.replace("_", " ") for word in words)
    return f"{', '.join(most)} or {last}" if most else last
