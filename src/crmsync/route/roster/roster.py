"""From roster.yaml to a `Roster`, with every contradiction at its place in the file."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from crmsync.configuration import Document, Path, did_you_mean, validated
from crmsync.errors import ConfigurationError, Finding
from crmsync.route.choosing.strategy import Need
from crmsync.route.people.person import Person
from crmsync.route.registry import STRATEGIES, needing
from crmsync.route.roster.defaults import default_pools
from crmsync.route.roster.hand_over_findings import hand_over_findings, unknown_names
from crmsync.route.roster.lead_hours import LeadHours
from crmsync.route.roster.people_findings import Found, people_findings
from crmsync.route.roster.roster_file import Roster, RoutingRule

__all__ = ["Roster", "roster_from"]


def roster_from(
    document: Document, criteria: Collection[str] | None = None, hand_overs: Collection[str] | None = None
) -> Roster:
    """The roster in this file. Raises `ConfigurationError` with all findings.

    `criteria`: names of the policy's criteria, to check `when` against; null = not checked here. `hand_overs`: names
    of the policy's `hand_overs`, none where it has one `hand_off`; null = not checked here.
    """
    unknown = [] if hand_overs is None else list(unknown_names(document, hand_overs))
    try:
        roster = validated(Roster, document)
    except ConfigurationError as error:
        told = {(finding.line, finding.column) for finding in unknown}
        rest = [finding for finding in error.findings if (finding.line, finding.column) not in told]
        raise ConfigurationError(sorted([*unknown, *rest], key=_place)) from None
    findings = [*unknown, *(document.finding(*each) for each in _contradictions(roster, criteria))]
    if hand_overs:
        findings += [document.finding(*each) for each in hand_over_findings(roster, hand_overs)]
    if findings:
        raise ConfigurationError(sorted(findings, key=_place))
    return roster


def _place(finding: Finding) -> tuple[int, int]:
    return finding.line, finding.column


def _contradictions(roster: Roster, criteria: Collection[str] | None) -> Iterator[Found]:
    yield from _twins(roster.people)
    yield from _holidays(roster)
    if not roster.from_crm:  # else they are checked when everybody is known
        yield from people_findings(roster)
    for kind, index, rule in roster.rules.written():
        yield from _rule(roster, rule, ("rules", kind, index), criteria)


def _holidays(roster: Roster) -> Iterator[Found]:
    """Names of holidays that are not there."""
    for kind, listed in (("people", roster.people), ("from_crm", roster.from_crm)):
        for index, terms in enumerate(listed):
            for name in terms.holidays:
                if name not in roster.holidays:
                    hint = did_you_mean(name, roster.holidays) or "describe them under `holidays`"
                    yield (kind, index, "holidays"), f"there are no holidays `{name}`", hint
    if roster.lead_hours is not None:
        yield from _of_leads(roster.lead_hours, roster.holidays)


def _of_leads(rule: LeadHours, holidays: Collection[str]) -> Iterator[Found]:
    for country, names in rule.holidays.items():
        place: Path = ("lead_hours", "holidays", country)
        for name in names:
            if name not in holidays:
                hint = did_you_mean(name, holidays) or "describe them under `holidays`"
                yield place, f"there are no holidays `{name}`", hint


def _twins(people: tuple[Person, ...]) -> Iterator[Found]:
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


def _rule(roster: Roster, rule: RoutingRule, path: Path, criteria: Collection[str] | None) -> Iterator[Found]:
    pools = default_pools(roster)
    needs: frozenset[Need] = rule.needs if rule.strategy in STRATEGIES else frozenset()
    if rule.strategy not in STRATEGIES:
        yield (*path, "strategy"), f"`{rule.strategy}` is no strategy", did_you_mean(rule.strategy, STRATEGIES)
    elif Need.QUEUE in needs and rule.queue is None:
        words = f"the strategy `{rule.strategy}` needs a `queue`"
        yield (*path, "strategy"), words, "name the queue as the CRM does"
    elif Need.POOL in needs and rule.pool is None:
        yield (*path, "strategy"), f"the strategy `{rule.strategy}` needs a `pool`", did_you_mean("", pools)
    elif needs.isdisjoint({Need.POOL, Need.OWNERS_MEANT}) and rule.pool is not None:
        yield (*path, "pool"), f"the strategy `{rule.strategy}` takes no pool", "leave `pool` out, or name a strategy"
    if rule.strategy in STRATEGIES:
        yield from _of_share(rule, path, pools)
    if rule.queue is not None and Need.QUEUE not in needs:
        hint = f"write `strategy: {' or '.join(needing(Need.QUEUE))}`"
        yield (*path, "queue"), f"the strategy `{rule.strategy}` takes no queue", hint
    for key in ("same", "within_days"):
        if key in rule.model_fields_set and Need.OWNERS_MEANT not in needs and rule.strategy in STRATEGIES:
            hint = f"write `strategy: {' or '.join(needing(Need.OWNERS_MEANT))}`, or leave it out"
            yield (*path, key), f"the strategy `{rule.strategy}` takes no `{key}`", hint
    if rule.pool is not None and rule.pool not in pools:
        yield (*path, "pool"), f"there is no pool `{rule.pool}`", did_you_mean(rule.pool, pools)
    for name in rule.when:
        if criteria is not None and name not in criteria:
            yield (*path, "when"), f"the policy has no criterion `{name}`", did_you_mean(name, criteria)


def _of_share(rule: RoutingRule, path: Path, pools: Collection[str]) -> Iterator[Found]:
    """Pools that share leads: two or more, all of which are there."""
    asked = Need.SHARE in rule.needs
    if asked and len(rule.share) < 2:
        where = (*path, "share") if rule.share else (*path, "strategy")
        words = f"the strategy `{rule.strategy}` shares between two pools or more"
        yield where, words, "write `share: {one: 70, two: 30}`"
    if rule.share and not asked:
        hint = f"leave `strategy` out, or write `strategy: {' or '.join(needing(Need.SHARE))}`"
        yield (*path, "share"), f"the strategy `{rule.strategy}` takes no `share`", hint
    for name in rule.share:
        if "," in name:
            words = f"`{name}` has a comma: the rotation between pools is named after them"
            yield (*path, "share", name), words, "give the pool a name without a comma"
        if name not in pools:
            yield (*path, "share", name), f"there is no pool `{name}`", did_you_mean(name, pools)
