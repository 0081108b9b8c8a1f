"""All suggestions for one account and one policy."""

from __future__ import annotations

from collections.abc import Sequence

from crmsync.mapping import CrmMapping
from crmsync.suggest.activities import suggested_activities
from crmsync.suggest.facts import suggested_facts
from crmsync.suggest.people import suggested_role
from crmsync.suggest.shapes import AskedFact, KnownOrg, PersonSuggestion, StageSuggestion, Suggestions
from crmsync.suggest.stages import suggested_stages
from crmsync.suggest.vocabulary import NamePhrases


def suggestions(
    org: KnownOrg,
    facts: Sequence[AskedFact],
    stages: Sequence[str],
    starter: CrmMapping,
    late: Sequence[str],
    words: NamePhrases,
) -> Suggestions:
    """`facts`, `stages`: of the policy, the lowest stage first. `late`: those from which a receiver owns the lead."""
    stage = suggested_stages(org, stages, starter, words)
    return Suggestions(
        facts=suggested_facts(org, facts, starter.mapped_facts, words),
        stage=stage,
        activities=suggested_activities(org, starter, words),
        roster=suggested_roster(org, stage, late, words),
    )


def suggested_roster(
    org: KnownOrg, stage: StageSuggestion, late: Sequence[str], words: NamePhrases
) -> tuple[PersonSuggestion, ...]:
    """Of everybody who is active. `stage`: also as somebody has corrected it."""
    people = (user for user in org.users if user.type == "person" and user.active)
    return tuple(suggested_role(user, stage, late, words) for user in people)
