"""What `crmsync check` tells of the hand-off as a process: what is watched, and whose clock would run at night."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.connection.prepared import Prepared
from crmsync.enumeration import first_few
from crmsync.qualify.language.hand_overs import HandOver
from crmsync.qualify.telling.describe import number

NAMES_SHOWN = 5


def hand_off_words(prepared: Prepared) -> Iterator[str]:
    """Nothing where the policy watches no hand-offs."""
    for rule in prepared.settings.policy.every_hand_over:
        named = "" if rule.key is None else f"{rule.name}: "
        if rule.is_process:
            yield from (f"{named}{words}" for words in _watched(rule, prepared))


def _watched(rule: HandOver, prepared: Prepared) -> Iterator[str]:
    mapped = prepared.mapping.of_hand_over(rule.key)
    told = []
    if mapped.task and (rule.task or (rule.first_touch and rule.first_touch.remind_after_hours)):
        told.append(f"tasks as {mapped.task.object}")
    if mapped.response:
        told.append(f"answers in {mapped.response.field}")
    if rule.first_touch:
        told.append(f"first contact within {number(rule.first_touch.within_hours)} working hours")
    if rule.returned:
        giver = "BDR" if rule.key is None else "one who handed it over"
        told.append(f"returned leads to the {'next receiver' if rule.returned.to == 'next' else giver}")
    yield f"watched: {', '.join(told)}"
    receivers = [prepared.roster.by_user[user] for user in prepared.roster.receivers_of(rule.name)]
    always = sorted(prepared.user_names[member.user] for member in receivers if member.person.week is None)
    if rule.first_touch and always:
        some = first_few(always, most=NAMES_SHOWN)
        who = "receiver has" if len(always) == 1 else "receivers have"
        yield f"{len(always)} {who} no `hours` in the roster: their clock runs day and night ({some})"
