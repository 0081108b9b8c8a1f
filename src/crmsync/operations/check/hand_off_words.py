"""What `crmsync check` tells of the hand-off as a process: what is watched, and whose clock would run at night."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from crmsync.clock import now
from crmsync.connection.prepared import Prepared
from crmsync.enumeration import first_few
from crmsync.qualify.language.hand_overs import HandOver
from crmsync.qualify.telling.describe import number
from crmsync.route.hours.countries import countries, one_zone
from crmsync.route.roster.lead_hours import same_country

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
    told += [f"clock {clock.called}" for clock in rule.clocks]
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
    if any(clock.zone == "lead" for clock in rule.clocks):
        yield _where_leads_are(prepared)


def _where_leads_are(prepared: Prepared) -> str:
    """By what a lead's zone is told, and what counts where it is not."""
    rule, facts = prepared.roster.where_leads_are.rule, prepared.mapping.mapped_facts
    by = [f"`{name}`" for name in rule.facts if name in facts]
    told = f"by the fact {', then by '.join(by)}" if by else "by no fact: the mapping has none of them"
    several = [] if rule.country not in facts else _several_zones(rule.zones, now().year)
    otherwise = f"in {rule.otherwise}" if rule.otherwise else "in the receiver's zone"
    words = f"a lead's zone is told {told}; where none is told, clocks count {otherwise}"
    if several:
        words += f", also for countries with several zones that `lead_hours: zones` does not name: {len(several)}"
        words += f" ({first_few(several, most=NAMES_SHOWN)})"
    return words if rule.hours else f"{words}; without `hours` in `lead_hours` they run day and night"


def _several_zones(declared: Collection[str], year: int) -> list[str]:
    return [
        code
        for code in countries()
        if one_zone(code, year) is None and not any(same_country(code, written) for written in declared)
    ]
