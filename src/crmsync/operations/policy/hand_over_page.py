"""Several hand-overs on the page of a policy: when, from whom, and what each one watches."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.operations.policy.hand_off_page import hand_off_blocks, process_rows
from crmsync.operations.policy.page import Block, Paragraph, Section, Table
from crmsync.qualify.criteria import plain
from crmsync.qualify.language.hand_overs import From, FromThese, HandOver
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.telling.for_reps import policies_of, reasons_named
from crmsync.tongue import ENGLISH, Tongue


def hand_over_section(policy: Policy, tongue: Tongue = ENGLISH) -> Section:
    """The section on hand-offs: of the only one, or of each."""
    if not policy.hand_overs:
        return Section(tongue.say("Hand-off"), tuple(hand_off_blocks(policy, tongue)))
    watched = tuple(_watched(each, tongue) for each in policy.hand_overs if each.is_process)
    return Section(tongue.say("Hand-overs"), tuple(_blocks(policy, tongue)), watched)


def _blocks(policy: Policy, tongue: Tongue) -> Iterator[Block]:
    say = tongue.say
    yield Paragraph(
        say(
            "Of the hand-overs that count for a lead the last one holds. It moves the lead if it takes leads from "
            "whoever owns it; the roster says to whom."
        )
    )
    rows = (
        (tongue.own(each.called), _when(each, policy, tongue), _from_whom(each, tongue)) for each in policy.hand_overs
    )
    yield Table((say("Hand-over"), say("When"), say("From whom")), tuple(rows))
    yield Paragraph(say("A lead for which none counts keeps its owner, or has nobody yet."))


def _watched(hand_over: HandOver, tongue: Tongue) -> Section:
    say = tongue.say
    head = Paragraph(
        say(
            "Watched until a person gives the lead to somebody else, a later hand-over counts, or the lead leaves "
            "these stages. Hours are the receiver's own working hours, from the hand-over on."
        )
    )
    table = Table((say("Who"), say("What happens")), tuple(process_rows(hand_over, tongue)))
    return Section(tongue.own(hand_over.called), (head, table))


def _when(hand_over: HandOver, policy: Policy, tongue: Tongue) -> str:
    say = tongue.say
    if hand_over.leaving is True:
        return say("whatever the lead was disqualified for")
    if hand_over.leaving is not None:
        words = dict(reasons_named(policies_of(policy), tongue))
        reasons = tongue.either([words.get(name, name) for name in hand_over.leaving])
        return say("disqualified: {reasons}", reasons=reasons)
    parts = []
    if hand_over.stage is not None:
        parts.append(say("from {stage} on", stage=tongue.own(policy.label_of(hand_over.stage))))
    if hand_over.when:
        parts.append(say("if {criteria}", criteria=tongue.both([plain(name, tongue) for name in hand_over.when])))
    return ", ".join(parts)


def _from_whom(hand_over: HandOver, tongue: Tongue) -> str:
    if hand_over.from_ is None:
        return tongue.say("anybody who receives no leads of it or of a later one")
    return tongue.either([_origin(each, tongue) for each in hand_over.from_])


def _origin(origin: From, tongue: Tongue) -> str:
    say = tongue.say
    if isinstance(origin, FromThese):
        if origin.role is not None:
            return say("somebody with the role {role}", role=tongue.own(origin.role))
        names = origin.queue.values() if isinstance(origin.queue, dict) else [origin.queue]
        return say("the queue {queue}", queue=tongue.either([str(name) for name in dict.fromkeys(names)]))
    words = {"nobody": say("nobody"), "queue": say("any queue"), "anybody": say("anybody")}
    return words[origin]
