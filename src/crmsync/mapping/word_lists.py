"""The words that a field of kind or outcome may hold where a rule takes it as it stands. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

from msgspec import Struct

from crmsync.mapping.activity_mapping import Rule
from crmsync.mapping.schema import CrmMapping
from crmsync.mapping.vocabulary import KINDS, OUTCOMES
from crmsync.model import NOT_DONE

DIRECTIONS = frozenset({"inbound", "outbound"})


class KnownWords(Struct, frozen=True):
    """Words that are known to mean something. Any other kind stays as it is written, and is told; any other outcome
    or direction is unknown.
    """

    kinds: frozenset[str]
    outcomes: frozenset[str]

    @property
    def digest(self) -> str:
        """Changes with the words; what is stored was read by them. Empty for those that every firm shares."""
        if self == SHARED_WORDS:
            return ""
        told = json.dumps([sorted(self.kinds), sorted(self.outcomes)])
        return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


SHARED_WORDS = KnownWords(KINDS, OUTCOMES | frozenset(NOT_DONE))
"""What presets, starter mappings and practice CRMs share."""


def known_words(mapping: CrmMapping, kinds: Iterable[str], outcomes: Iterable[str]) -> KnownWords:
    """The shared words, those that a policy asks for, and those that the mapping's rules give."""
    given_kinds = _given(rule for activity in mapping.activities for rule in activity.kind)
    given_outcomes = _given(rule for activity in mapping.activities for rule in activity.outcome)
    return KnownWords(
        SHARED_WORDS.kinds.union(kinds, given_kinds), SHARED_WORDS.outcomes.union(outcomes, given_outcomes)
    )


def _given(rules: Iterable[Rule]) -> Iterator[str]:
    for rule in rules:
        if rule.is_ is not None:
            yield rule.is_
        yield from (word for word in (rule.values or {}).values() if word is not None)
