"""From roster.yaml to a `Roster`, with every contradiction at its place in the file."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from crmsync.configuration import Document, Path, did_you_mean, validated
from crmsync.errors import ConfigurationError, Finding
from crmsync.route.defaults import DIRECT, default_pools
from crmsync.route.registry import NEEDS_NO_POOL, STRATEGIES
from crmsync.route.roster_file import Person, Roster, Rule

__all__ = ["Roster", "roster_from"]


def roster_from(document: Document, criteria: Collection[str] | None = None) -> Roster:
    """The roster in this file. Raises `ConfigurationError` with all findings.

    `criteria`: names of the policy's criteria, to check `when` against; null = not checked here.
    """
    roster = validated(Roster, document)
    findings = [document.finding(*each) for each in _contradictions(roster, criteria)]
    if findings:
        raise ConfigurationError(sorted(findings, key=_place))
    return roster


def _place(finding: Finding) -> tuple[int, int]:
    return finding.line, finding.column


_Found = tuple[Path, str, str | None]


def _contradictions(roster: Roster, criteria: Collection[str] | None) -> Iterator[_Found]:
    yield from _twins(roster.people)
    yield from _partners(roster.people)
    yield from _pools(roster)
    for kind, rules in (("hand_off", roster.rules.hand_off), ("new_lead", roster.rules.new_lead)):
        for index, rule in enumerate(rules or ()):
            yield from _rule(roster, rule, ("rules", kind, index), criteria)


def _twins(people: tuple[Person, ...]) -> Iterator[_Found]:
    keys: dict[str, int] = {}
    names: dict[tuple[str | None, str], int] = {}
    for index, person in enumerate(people):
        path: Path = ("people", index, "user")
        if not person.person_key:
            yield path, "this person has no user", "write the e-mail or the CRM user id"
            continue
        for connection, written in person.names():
            first = names.setdefault((connection, written.lower()), index)
            if first != index:
                yield path, f"`{written}` is the user of person {first + 1} too", "keep one of the two"
                break
        else:
            first = keys.setdefault(person.person_key, index)
            if first != index:
                yield (
                    path,
                    f"`{person.person_key}` names person {first + 1} too",
                    "give one of them a `key` of its own",
                )


def _partners(people: tuple[Person, ...]) -> Iterator[_Found]:
    keys = {person.person_key for person in people}
    for index, person in enumerate(people):
        partner = person.partner and (person.partner.lower() if "@" in person.partner else person.partner)
        path: Path = ("people", index, "partner")
        if partner == person.person_key:
            yield path, "this person is their own partner", "name the AE this BDR works with"
        elif partner and partner not in keys:
            yield path, f"the partner `{person.partner}` is not in the roster", did_you_mean(partner, keys)


def _pools(roster: Roster) -> Iterator[_Found]:
    keys = {person.person_key for person in roster.people}
    roles = {role for person in roster.people for role in person.all_roles}
    for name, match in roster.pools.items():
        path: Path = ("pools", name)
        if name == DIRECT:
            yield path, f"`{DIRECT}` is the name for leads outside any rotation", "choose another name"
        for index, written in enumerate(match.people):
            if (written.lower() if "@" in written else written) not in keys:
                yield (*path, "people", index), f"`{written}` is not in the roster", did_you_mean(written, keys)
        if roster.people and not any(map(match.fits, roster.people)):
            unknown = [role for role in match.role if role not in roles]
            hint = did_you_mean(unknown[0], roles) if unknown else "compare with the people above"
            yield path, f"the pool `{name}` is empty: nobody in the roster fits it", hint


def _rule(roster: Roster, rule: Rule, path: Path, criteria: Collection[str] | None) -> Iterator[_Found]:
    pools = default_pools(roster)
    if rule.strategy not in STRATEGIES:
        yield (*path, "strategy"), f"`{rule.strategy}` is no strategy", did_you_mean(rule.strategy, STRATEGIES)
    elif rule.strategy == "queue" and rule.queue is None:
        yield (*path, "strategy"), "the strategy `queue` needs a `queue`", "name the queue as the CRM does"
    elif rule.strategy not in NEEDS_NO_POOL and rule.pool is None:
        yield (*path, "strategy"), f"the strategy `{rule.strategy}` needs a `pool`", did_you_mean("", pools)
    elif rule.strategy in NEEDS_NO_POOL and rule.pool is not None:
        yield (*path, "pool"), f"the strategy `{rule.strategy}` takes no pool", "leave `pool` out, or name a strategy"
    if rule.queue is not None and rule.strategy != "queue":
        yield (*path, "queue"), f"the strategy `{rule.strategy}` takes no queue", "write `strategy: queue`"
    if rule.pool is not None and rule.pool not in pools:
        yield (*path, "pool"), f"there is no pool `{rule.pool}`", did_you_mean(rule.pool, pools)
    elif rule.pool is not None and path[1] == "hand_off":
        for person in filter(pools[rule.pool].fits, roster.people):
            if not roster.receivers.fits(person):
                words = f"`{person.person_key}` of pool `{rule.pool}` is no receiver: the lead would move again"
                yield (*path, "pool"), words, "let `receivers` include this pool, or choose another pool"
                break
    for name in rule.when:
        if criteria is not None and name not in criteria:
            yield (*path, "when"), f"the policy has no criterion `{name}`", did_you_mean(name, criteria)
