"""Where the boxes of a picture of rules stand: columns from left to right, rules in their order from top to bottom.

What stands where is given by what it means (a rule below another is tried after it), so no layout is searched for but
one: pools and people are ordered by the mean height of what leads to them, which keeps lines from crossing where that
is possible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from crmsync.operations.policy.routing_rules import RoutingRules, RuleShown, RulesOfKind
from crmsync.showing.routing.rule_words import last_words, people_words, strategy_name, strategy_words, when_words
from crmsync.tongue import ENGLISH, Tongue, to_say

ROW = 64
MOST_PEOPLE = 8
"""More people of a pool are one box that tells how many."""
_SORTS = {"pool": to_say("pool"), "queue": to_say("queue")}


class Box(Struct, frozen=True):
    """`column` counts from 0, `place` is its height in rows. `about`: the whole text, to be pointed at or heard."""

    name: str
    column: int
    place: float
    text: str
    below: str
    about: str


class Drawing(Struct, frozen=True):
    """`lines`: (name of a box on the left, on the right, what is written on it)."""

    boxes: tuple[Box, ...]
    lines: tuple[tuple[str, str, str], ...]
    rows: float


def drawn(rules: RoutingRules, kind: RulesOfKind, tongue: Tongue = ENGLISH) -> Drawing:
    """The rules of one kind: rule, strategy, pool or queue, people."""
    boxes: list[Box] = []
    lines: list[tuple[str, str, str]] = []
    targets: dict[str, list[float]] = {}
    for row, rule in enumerate(kind.rules):
        boxes += _rule_boxes(rule, row, tongue)
        lines.append((f"rule {rule.number}", f"strategy {rule.number}", ""))
        for target, part in _targets(rule):
            targets.setdefault(target, []).append(row)
            lines.append((f"strategy {rule.number}", target, "" if part is None else str(part)))
    then, last = tongue.say("Otherwise"), last_words(rules.otherwise, tongue)
    boxes.append(Box("otherwise", 0, len(kind.rules), then, last, f"{then}: {last}"))
    places = _ordered(targets)
    people: dict[str, list[float]] = {}
    for name, place in places.items():
        sort, _, written = name.partition(" ")
        who = rules.pools.get(written, ()) if sort == "pool" else ()
        told = people_words(who, rules.more, tongue)
        about = tongue.say("pool {pool}: {people}", pool=written, people=told)
        if sort == "queue":
            about = tongue.say("queue {queue}", queue=written)
        boxes.append(Box(name, 2, place, written, tongue.say(_SORTS[sort]), about))
        for box in _people(written, who, tongue) if sort == "pool" else ():
            people.setdefault(box, []).append(place)
            lines.append((name, f"people {box}", ""))
    boxes += [Box(f"people {name}", 3, place, *_in_lines(name), name) for name, place in _ordered(people).items()]
    rows = max((box.place for box in boxes), default=0) + 1
    return Drawing(tuple(boxes), tuple(lines), rows)


def _rule_boxes(rule: RuleShown, row: int, tongue: Tongue) -> list[Box]:
    when, how, named = when_words(rule, tongue), strategy_words(rule, tongue), strategy_name(rule.strategy, tongue)
    about = tongue.say("Rule {number}: {when}", number=rule.number, when=when)
    if not rule.overflow:
        about = tongue.say("Rule {number}: {when}; else the lead waits", number=rule.number, when=when)
    return [
        Box(f"rule {rule.number}", 0, row, f"{rule.number}. {when}", "", about),
        Box(f"strategy {rule.number}", 1, row, named, how.removeprefix(named).strip(" ,()"), how),
    ]


def _targets(rule: RuleShown) -> list[tuple[str, int | None]]:
    if rule.queue is not None:
        return [(f"queue {rule.queue}", None)]
    return [(f"pool {pool}", part) for pool, part in rule.pools]


def _people(pool: str, who: Sequence[str], tongue: Tongue) -> tuple[str, ...]:
    if len(who) <= MOST_PEOPLE:
        return tuple(who)
    return (tongue.say("{number} people of {pool}", number=len(who), pool=pool),)


def _in_lines(name: str) -> tuple[str, str]:
    """An address is too long for one line of a box."""
    person, at, firm = name.partition("@")
    return (person, f"{at}{firm}")


def _ordered(leading: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Names with their places: by the mean place of what leads to them, one below the other."""
    mean = {name: sum(places) / len(places) for name, places in leading.items()}
    return {name: float(place) for place, name in enumerate(sorted(mean, key=lambda name: mean[name]))}
