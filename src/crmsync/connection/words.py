"""Words by which policy, mapping and roster speak of the same things: each is compared with what gives it.

Wrong beyond doubt, and so told by every run, is what has a closed list: the choices of a fact, directions. Kinds and
outcomes are open: a firm may use any word, so a word that nothing gives is told by `check` (`connection.doubts`).
"""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.configuration import did_you_mean
from crmsync.errors import Finding
from crmsync.mapping import translation_findings
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.terms.activities import DIRECTIONS
from crmsync.settings import ConnectionConfiguration


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
