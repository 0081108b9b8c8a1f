"""What the policy's hand-off needs a place for in the CRM, and the mapping does not name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.configuration import Document
from crmsync.errors import Finding
from crmsync.mapping import CrmMapping
from crmsync.qualify.language.hand_overs import HandOver


def unmapped_findings(rule: HandOver, mapping: CrmMapping, document: Document) -> Iterator[Finding]:
    """One finding for each thing that could never happen as the policy says. `document`: the mapping's file."""
    mapped = mapping.of_hand_over(rule.key)
    place: tuple[str | int, ...] = ("hand_off",) if mapping.hand_off else ()
    if rule.key in mapping.hand_overs:
        place = ("hand_overs", str(rule.key))
    who = "the policy's hand-off" if rule.key is None else f"the policy's hand-over `{rule.name}`"
    reminds = rule.first_touch is not None and rule.first_touch.remind_after_hours is not None
    if mapped.task is None and (rule.task or reminds):
        what = "makes a task for the receiver" if rule.task else "reminds the receiver by a task"
        yield document.finding(
            place,
            f"{who} {what}, and no task is mapped",
            "say under `hand_off: task:` how one is made, as the starter mapping shows",
            at_key=True,
        )
    if rule.returned is not None and mapped.response is None and not (rule.task and rule.task.returned_by):
        yield document.finding(
            place,
            "the policy says what happens to returned leads, and nothing tells that a lead is returned"
            if rule.key is None
            else f"{who} says what happens to returned leads, and nothing tells that a lead is returned",
            "map the receiver's answer as `hand_off: response:`, or name outcomes as `returned_by` of the task",
            at_key=True,
        )
    yield from _outcomes(rule, mapping, document)
    yield from _touches(rule, mapping, document)


def _outcomes(rule: HandOver, mapping: CrmMapping, document: Document) -> Iterator[Finding]:
    task = mapping.of_hand_over(rule.key).task
    asked = rule.task is not None and (rule.task.accepted_by or rule.task.returned_by)
    if task and asked and task.object not in {activity.object for activity in mapping.activities}:
        yield document.finding(
            _place_of_task(rule, mapping),
            f"the policy asks for outcomes of the task, and {task.object} is not read",
            f"add an entry for {task.object} with its `outcome` to `activities`",
        )


def _place_of_task(rule: HandOver, mapping: CrmMapping) -> tuple[str, ...]:
    own = mapping.hand_overs.get(rule.key) if rule.key is not None else None
    part = ("hand_overs", rule.name) if own is not None and own.task is not None else ("hand_off",)
    return (*part, "task", "object")


def _touches(rule: HandOver, mapping: CrmMapping, document: Document) -> Iterator[Finding]:
    touch, provided = rule.first_touch, mapping.provided_kinds
    if touch is not None and provided is not None and not provided.intersection(touch.kinds):
        yield document.finding(
            ("activities",) if mapping.activities else (),
            f"nobody would ever count as in touch: no activity here is {_or(touch.kinds)}, as the policy asks",
            f"name kinds of this mapping as `first_touch: kinds`: {', '.join(sorted(provided)) or 'it gives none'}",
            at_key=True,
        )


def _or(words: Sequence[str]) -> str:
    *most, last = (f"`{word}`" for word in words)
    return f"{', '.join(most)} or {last}" if most else last
