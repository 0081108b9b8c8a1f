"""What a policy asks of activities, and none here ever tells: about what, by whom, which way. For `check`."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from crmsync.configuration import Path
from crmsync.connection.asked_words import Fields, place_of, selectors_of_all
from crmsync.connection.prepared import Prepared
from crmsync.errors import Finding
from crmsync.mapping import ActivityMapping, given_words
from crmsync.qualify.criteria import ActivityCount
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.scores import ActivityRule
from crmsync.qualify.language.walk import criteria_of
from crmsync.qualify.terms.activities import Selector
from crmsync.qualify.terms.shape import many

_TOLD_BY = {
    "about": ("about", "what an activity is about"),
    "thing": ("about", "what an activity is about"),
    "things": ("about", "what an activity is about"),
    "by_role": ("by", "who did an activity"),
    "person": ("by", "who did an activity"),
    "people": ("by", "who did an activity"),
    "direction": ("direction", "the direction of an activity"),
}
"""What a policy asks for → (the key of a mapping's activities that tells it, in words)."""


class _Asked(Struct, frozen=True):
    """`place`: of the key that asks, or of what it stands in. `asks`: one of `_TOLD_BY`; with which `word`."""

    place: Path
    asks: str
    word: str
    selector: Selector


def never_told(prepared: Prepared, fields: Fields) -> Iterator[Finding]:
    """One warning for each place where all that is counted stays unknown. `fields`: of the activities' objects."""
    document = prepared.settings.policy_document
    told: set[Finding] = set()
    for asked in _asked(prepared.settings.policy):
        key, words = _TOLD_BY[asked.asks]
        entries = [one for one in prepared.mapping.activities if _may_be(one, asked.selector, fields)]
        if not entries or any(getattr(entry, key) for entry in entries):
            continue
        objects = ", ".join(dict.fromkeys(f"`{entry.object}`" for entry in entries))
        finding = document.warning(
            place_of(document, asked.place, asked.asks, asked.word),
            f"the policy asks {words} (`{asked.asks}`), which the mapping tells of no {objects}: it stays unknown",
            f"give `{key}` there, or ask for something else",
        )
        if finding not in told:
            told.add(finding)
            yield finding


def _asked(policy: Policy) -> Iterator[_Asked]:
    for place, selector in selectors_of_all(policy):
        for key in ("about", "by_role", "direction"):
            for word in many(getattr(selector, key))[:1]:
                yield _Asked(place, key, word, selector)
    parts: list[tuple[Path, Policy]] = [((), policy)]
    parts += [(("segments", index, "policy"), segment.policy) for index, segment in enumerate(policy.segments)]
    for below, part in parts:
        for path, criterion in criteria_of(part):
            if isinstance(criterion, ActivityCount) and criterion.distinct in _TOLD_BY:
                yield _Asked((*below, *path, "distinct"), criterion.distinct, "", criterion.activities)
        for name, score in part.scores.items():
            for path, rule in score.all_rules():
                if isinstance(rule, ActivityRule) and rule.group in _TOLD_BY:
                    place = (*below, "scores", name, *path, "once_per")
                    yield _Asked(place, rule.group, "", rule.activities)


def _may_be(entry: ActivityMapping, selector: Selector, fields: Fields) -> bool:
    """Whether the object may become an activity of a kind that the selector names."""
    kinds = given_words(entry.kind, fields.get(entry.object, {}))
    return not selector.kind or kinds.open or not kinds.words.isdisjoint(many(selector.kind))
