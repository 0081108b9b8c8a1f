"""What a rule says, in few words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from crmsync.operations.policy.routing_rules import NEW_LEAD, RoutingRules, RuleShown, RulesOfKind
from crmsync.showing.foreign_text import markup

if TYPE_CHECKING:
    from rich.table import Table

HEAD = ("", "When", "Strategy", "To", "Else")


def kind_words(kind: str) -> str:
    """`Hand-off`, `New leads`, or the hand-over's own name."""
    return {"hand_off": "Hand-off", NEW_LEAD: "New leads"}.get(kind, kind)


def when_words(rule: RuleShown) -> str:
    """The criteria that must be met."""
    return " and ".join(rule.when) or "always"


def strategy_words(rule: RuleShown) -> str:
    """The strategy, with what narrows it and what chooses within."""
    limits = [f"same {' and '.join(rule.same)}"] if rule.same else []
    limits += [] if rule.within_days is None else [f"of the last {rule.within_days} days"]
    then = f", then {rule.then}" if rule.then else ""
    return rule.strategy + then + (f" ({', '.join(limits)})" if limits else "")


def target_words(rule: RuleShown) -> str:
    """Pools with their parts, or the queue."""
    if rule.queue is not None:
        return f"queue {rule.queue}"
    return ", ".join(pool if part is None else f"{pool} {part}" for pool, part in rule.pools) or "–"


def else_words(kind: RulesOfKind, rule: RuleShown, otherwise: str | None) -> str:
    """What becomes of a lead for which the rule finds nobody."""
    if not rule.overflow:
        return "the lead waits"
    if rule.number < len(kind.rules):
        return f"rule {rule.number + 1}"
    return last_words(otherwise)


def last_words(otherwise: str | None) -> str:
    """Where a lead goes that no rule could place."""
    if otherwise is None:
        return "it is reported"
    return "it has no owner" if otherwise == "nobody" else f"queue {otherwise}"


def rule_rows(kind: RulesOfKind, otherwise: str | None) -> list[tuple[str, ...]]:
    """One row for each rule."""
    return [
        (
            str(rule.number),
            when_words(rule),
            strategy_words(rule),
            target_words(rule),
            else_words(kind, rule, otherwise),
        )
        for rule in kind.rules
    ]


def people_words(people: Sequence[str], more: bool) -> str:
    """Who is in a pool, as far as the file says."""
    told = ", ".join(people)
    return f"{told}{', ' if told else ''}and who the CRM names" if more else told or "nobody"


def routing_parts(rules: RoutingRules) -> Iterator[Any]:
    """Renderables for a terminal."""
    for kind in rules.kinds:
        yield f"\n[bold]{markup(kind_words(kind.kind))}[/bold]"
        if kind.rules:
            yield _table(HEAD, rule_rows(kind, rules.otherwise))
        else:
            yield "  no rule: these leads stay as they are"
    if rules.pools:
        yield "\n[bold]Pools[/bold]"
        yield _table(("Pool", "People"), [(name, people_words(who, rules.more)) for name, who in rules.pools.items()])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(markup, row))
    return table
