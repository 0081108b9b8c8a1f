"""Words by which policy, mapping and roster speak of the same things: each is compared with what gives it.

Wrong beyond doubt, and so told by every run, is a word outside a closed list (the choices of a fact, directions), and
one that no connection gives while nearly the same word is given. Other kinds and outcomes are open, a firm may use
any word: what nothing gives is told by `check` (`connection.doubts`).
"""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.configuration import did_you_mean
from crmsync.connection.asked_words import given_by, misspelt_findings
from crmsync.errors import Finding
from crmsync.mapping import translation_findings
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.terms.activities import DIRECTIONS
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.settings import ConnectionConfiguration, Settings


def misspelt_words(settings: Settings, roster: ResolvedRoster) -> Iterator[Finding]:
    """Kinds, outcomes and roles of the policy that nothing gives, and that are nearly one that something gives."""
    mappings = [each.mapping for each in settings.connections.values()]
    roles = roster.all_roles | {role for person in settings.roster.people for role in person.all_roles}
    if not settings.broken:
        yield from misspelt_findings(settings.policy, settings.policy_document, given_by(mappings, {}, roles))


def word_findings(policy: Policy, configuration: ConnectionConfiguration) -> Iterator[Finding]:
    """Words of the mapping that the policy cannot know."""
    document, mapping = configuration.mapping_document, configuration.mapping
    yield from translation_findings(mapping, policy.choices_by_fact, document)
    for index, activity in enumerate(mapping.activities):
        for number, rule in enumerate(activity.direction):
            told = [*(rule.values or {}).values()] if rule.is_ is None else [rule.is_]
            for word in told:
                if word is not None and word not in DIRECTIONS:
                    yield document.finding(
                        ("activities", index, "direction", number),
                        f"`{word}` is no direction",
                        did_you_mean(word, DIRECTIONS),
                    )
