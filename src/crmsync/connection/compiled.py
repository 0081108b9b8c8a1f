"""Policies compiled once: a service looks at the same policy every few minutes, and mostly nobody has changed it."""

from __future__ import annotations

from functools import lru_cache

from crmsync.qualify.engine.compile import CompiledPolicy, compile_policy
from crmsync.qualify.language.policy import Policy
from crmsync.values import Itself

_KEPT = 8
"""Connections, or policies of a test bench: each is compiled for what its own mapping provides."""


def compiled(
    policy: Policy,
    provided_kinds: frozenset[str] | None,
    mapped_facts: frozenset[str],
    time_zone: str,
    written_scores: frozenset[str],
) -> CompiledPolicy:
    """As `compile_policy` makes it; what it has made of this very policy for the same is given again.

    A policy that merely says the same is another: criteria are known by themselves, not by what they ask.
    """
    return _compiled(Itself(policy), provided_kinds, mapped_facts, time_zone, written_scores)


@lru_cache(maxsize=_KEPT)
def _compiled(
    itself: Itself[Policy],
    provided_kinds: frozenset[str] | None,
    mapped_facts: frozenset[str],
    time_zone: str,
    written_scores: frozenset[str],
) -> CompiledPolicy:
    return compile_policy(
        itself.value,
        provided_kinds=provided_kinds,
        mapped_facts=mapped_facts,
        time_zone=time_zone,
        written_scores=written_scores,
    )
