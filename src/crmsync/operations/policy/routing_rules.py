"""`crmsync policy routing`: the rules by which leads get their owner, as they stand in the files. Asks no CRM."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from crmsync.route.choosing.strategy import Need
from crmsync.route.people.shape import User
from crmsync.route.roster.defaults import default_pools, hand_over_names, rules_of
from crmsync.route.roster.roster_file import Otherwise, Roster, RoutingRule
from crmsync.settings import load_settings

NEW_LEAD = "new_lead"


class RuleShown(Struct, frozen=True):
    """One rule. `number` counts from 1. `pools`: with their parts, null where leads are not shared by ratio.

    `then`: the strategy within, null where the rule's own chooses. `overflow`: whether the next rule may take over.
    """

    number: int
    when: tuple[str, ...]
    strategy: str
    then: str | None
    pools: tuple[tuple[str, int | None], ...]
    queue: str | None
    same: tuple[str, ...]
    within_days: int | None
    overflow: bool

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {
            "number": self.number,
            "when": list(self.when),
            "strategy": self.strategy,
            "then": self.then,
            "pools": [{"pool": pool, "part": part} for pool, part in self.pools],
            "queue": self.queue,
            "same": list(self.same),
            "within_days": self.within_days,
            "overflow": self.overflow,
        }


class RulesOfKind(Struct, frozen=True):
    """The rules for leads of one hand-over, by its name, or for new leads."""

    kind: str
    rules: tuple[RuleShown, ...]


class RoutingRules(Struct, frozen=True):
    """All rules. `pools`: name → keys of the people whom the file names in it. `otherwise`: where a lead goes that no
    rule could place; null = it is reported. `more`: whether a CRM names further people.
    """

    roster: str
    kinds: tuple[RulesOfKind, ...]
    pools: Mapping[str, tuple[str, ...]]
    otherwise: str | None
    more: bool

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {
            "format": 1,
            "roster": self.roster,
            "kinds": [{"kind": each.kind, "rules": [rule.to_json() for rule in each.rules]} for each in self.kinds],
            "pools": [{"pool": name, "people": list(people)} for name, people in self.pools.items()],
            "otherwise": self.otherwise,
            "people_from_crm": self.more,
        }


def routing_rules(config: Path) -> RoutingRules:
    """The rules of the configured roster. Raises `ConfigurationError` for a file that is wrong."""
    settings = load_settings(config)
    return rules_shown(settings.roster, settings.roster_document.file)


def rules_shown(roster: Roster, file: str, people: Mapping[str, tuple[str, ...]] | None = None) -> RoutingRules:
    """The rules of this roster, with the pools that they name. `people`: of each pool; null = as the file says."""
    kinds = tuple(
        RulesOfKind(
            name or NEW_LEAD,
            tuple(_shown(rule, number) for number, rule in enumerate(rules_of(roster, name), start=1)),
        )
        for name in (*hand_over_names(roster), *(() if roster.rules.of_hand_overs else (None,)))
    )
    named = dict.fromkeys(pool for each in kinds for rule in each.rules for pool, _ in rule.pools)
    matches, last = default_pools(roster), roster.rules.otherwise
    found = people or {
        name: tuple(person.person_key for person in roster.people if matches[name].fits(person)) for name in named
    }
    pools = {name: found.get(name, ()) for name in named}
    otherwise = _queue(last.queue) if isinstance(last, Otherwise) else last
    return RoutingRules(file, kinds, pools, otherwise, bool(roster.from_crm) and people is None)


def _shown(rule: RoutingRule, number: int) -> RuleShown:
    return RuleShown(
        number=number,
        when=rule.when,
        strategy=rule.strategy,
        then=rule.then if Need.THEN in rule.needs else None,
        pools=(*(((rule.pool, None),) if rule.pool else ()), *rule.share.items()),
        queue=None if rule.queue is None else _queue(rule.queue),
        same=rule.same,
        within_days=rule.within_days,
        overflow=rule.overflow,
    )


def _queue(written: User) -> str:
    return written if isinstance(written, str) else ", ".join(f"{name}: {queue}" for name, queue in written.items())
