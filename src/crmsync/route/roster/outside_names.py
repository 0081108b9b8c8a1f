"""Names in the roster that must be known outside it: connections of crmsync.yaml, facts of the mapping."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from crmsync.configuration import Document, Path, did_you_mean
from crmsync.errors import Finding
from crmsync.route.choosing.strategy import FACTS
from crmsync.route.people.shape import User
from crmsync.route.roster.roster_file import Otherwise, Roster


def connection_findings(roster: Roster, document: Document, configured: Collection[str]) -> Iterator[Finding]:
    """Connections that the roster names and that are not configured: else they would silently mean nobody."""
    for place, name, at_key in _connections_named(roster):
        if name not in configured:
            words = f"no connection `{name}` is configured"
            yield document.finding(place, words, did_you_mean(name, configured), at_key=at_key)


def fact_findings(
    roster: Roster, document: Document, known: Collection[str], words_told: Collection[str]
) -> Iterator[Finding]:
    """Facts by which the rules choose and that nobody knows of: else no lead would ever fit.

    `words_told`: those of `known` that are told in words, which can be compared between two CRM objects.
    """
    rules = [rule for _, _, rule in roster.rules.written()]
    for need in FACTS:
        word = need.value
        fact, asking = getattr(roster.facts, word), [rule.strategy for rule in rules if need in rule.needs]
        if fact in known:
            continue
        if word in roster.facts.model_fields_set:
            words = f"neither policy nor mapping has a fact `{fact}`"
            yield document.finding(("facts", word), words, did_you_mean(fact, known))
        elif asking:
            words = f"the strategy `{asking[0]}` needs the fact `{fact}`, which neither policy nor mapping has"
            hint = f"write which fact says it, e.g. `facts: {{{word}: {next(iter(sorted(known)), 'country')}}}`"
            yield document.finding(("rules",), words, hint, at_key=True)
    yield from _of_leads(roster, document, words_told)
    for kind, index, rule in roster.rules.written():
        for number, fact in enumerate(rule.same):
            if fact not in words_told:
                words = f"neither policy nor mapping has a fact `{fact}` of type text or choice"
                place = ("rules", kind, index, "same", number)
                yield document.finding(place, words, did_you_mean(fact, words_told))


def _of_leads(roster: Roster, document: Document, words_told: Collection[str]) -> Iterator[Finding]:
    """Facts that say where a lead is, and that nobody knows of."""
    rule = roster.lead_hours
    if rule is None:
        return
    for word, fact in (("time_zone", rule.time_zone), ("country", rule.country)):
        if word in rule.model_fields_set and fact not in words_told:
            words = f"neither policy nor mapping has a fact `{fact}` of type text or choice"
            yield document.finding(("lead_hours", word), words, did_you_mean(fact, words_told))


def _connections_named(roster: Roster) -> Iterator[tuple[Path, str, bool]]:
    """(place in roster.yaml, name of a connection, whether the name is the key there)."""
    for index, entry in enumerate(roster.from_crm):
        yield ("from_crm", index, "connection"), entry.connection, False
    for place, written in _written_each(roster):
        for name in () if isinstance(written, str) else written:
            yield (*place, name), name, True


def _written_each(roster: Roster) -> Iterator[tuple[Path, User]]:
    """Everything that may be written one for each connection."""
    for index, person in enumerate(roster.people):
        yield ("people", index, "user"), person.user
    for kind, index, rule in roster.rules.written():
        if rule.queue is not None:
            yield ("rules", kind, index, "queue"), rule.queue
    if isinstance(roster.rules.otherwise, Otherwise):
        yield ("rules", "otherwise", "queue"), roster.rules.otherwise.queue
