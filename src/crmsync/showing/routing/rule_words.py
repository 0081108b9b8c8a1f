"""What a rule says, in few words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from crmsync.operations.policy.routing_rules import NEW_LEAD, RoutingRules, RuleShown, RulesOfKind
from crmsync.route.registry import STRATEGIES
from crmsync.showing.foreign_text import markup
from crmsync.tongue import ENGLISH, Tongue, to_say

if TYPE_CHECKING:
    from rich.table import Table

HEAD = (to_say("When"), to_say("Strategy"), to_say("To"), to_say("Else"))
"""After the rule's number."""
_KINDS = {"hand_off": to_say("Hand-off"), NEW_LEAD: to_say("New leads")}


def kind_words(kind: str, tongue: Tongue = ENGLISH) -> str:
    """`Hand-off`, `New leads`, or the hand-over's own name."""
    return tongue.say(_KINDS[kind]) if kind in _KINDS else kind


def when_words(rule: RuleShown, tongue: Tongue = ENGLISH) -> str:
    """The criteria that must be met."""
    return tongue.both(rule.when) if rule.when else tongue.say("always")


def strategy_name(name: str, tongue: Tongue = ENGLISH) -> str:
    """What people call it; the roster and the reference have the names."""
    return tongue.say(STRATEGIES[name].words) if name in STRATEGIES else name.replace("_", " ")


def strategy_words(rule: RuleShown, tongue: Tongue = ENGLISH) -> str:
    """The strategy, with what narrows it and what chooses within."""
    limits = [tongue.say("same {facts}", facts=tongue.both(rule.same))] if rule.same else []
    if rule.within_days is not None:
        limits.append(
            tongue.say_many(
                "of the last {days} day", "of the last {days} days", rule.within_days, days=rule.within_days
            )
        )
    then = tongue.say(", then {strategy}", strategy=strategy_name(rule.then, tongue)) if rule.then else ""
    return strategy_name(rule.strategy, tongue) + then + (f" ({', '.join(limits)})" if limits else "")


def target_words(rule: RuleShown, tongue: Tongue = ENGLISH) -> str:
    """Pools with their parts, or the queue."""
    if rule.queue is not None:
        return tongue.say("queue {queue}", queue=rule.queue)
    return ", ".join(pool if part is None else f"{pool} {part}" for pool, part in rule.pools) or "–"


def else_words(kind: RulesOfKind, rule: RuleShown, otherwise: str | None, tongue: Tongue = ENGLISH) -> str:
    """What becomes of a lead for which the rule finds nobody."""
    if not rule.overflow:
        return tongue.say("the lead waits")
    if rule.number < len(kind.rules):
        return tongue.say("rule {number}", number=rule.number + 1)
    return last_words(otherwise, tongue)


def last_words(otherwise: str | None, tongue: Tongue = ENGLISH) -> str:
    """Where a lead goes that no rule could place."""
    if otherwise is None:
        return tongue.say("it is reported")
    if otherwise == "nobody":
        return tongue.say("it has no owner")
    return tongue.say("queue {queue}", queue=otherwise)


def rule_rows(kind: RulesOfKind, otherwise: str | None, tongue: Tongue = ENGLISH) -> list[tuple[str, ...]]:
    """One row for each rule."""
    return [
        (
            str(rule.number),
            when_words(rule, tongue),
            strategy_words(rule, tongue),
            target_words(rule, tongue),
            else_words(kind, rule, otherwise, tongue),
        )
        for rule in kind.rules
    ]


def people_words(people: Sequence[str], more: bool, tongue: Tongue = ENGLISH) -> str:
    """Who is in a pool, as far as the file says."""
    told = ", ".join(people)
    if not more:
        return told or tongue.say("nobody")
    return tongue.say("{people}, and who the CRM names", people=told) if told else tongue.say("who the CRM names")


def pool_rows(rules: RoutingRules, tongue: Tongue = ENGLISH) -> list[tuple[str, str]]:
    """Each pool and who is in it."""
    return [(name, people_words(who, rules.more, tongue)) for name, who in rules.pools.items()]


def routing_parts(rules: RoutingRules, tongue: Tongue = ENGLISH) -> Iterator[Any]:
    """Renderables for a terminal."""
    say = tongue.say
    for kind in rules.kinds:
        yield f"\n[bold]{markup(kind_words(kind.kind, tongue))}[/bold]"
        if kind.rules:
            yield _table(("", *map(say, HEAD)), rule_rows(kind, rules.otherwise, tongue))
        else:
            yield f"  {say('no rule: these leads stay as they are')}"
    if rules.pools:
        yield f"\n[bold]{say('Pools')}[/bold]"
        yield _table((say("Pool"), say("People")), pool_rows(rules, tongue))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(markup, row))
    return table
