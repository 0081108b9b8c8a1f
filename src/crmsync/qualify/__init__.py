"""Qualification: pure functions of a policy, a batch of leads and a day.

`policy_from` reads and checks a policy, `compile_policy` makes it ready, `decide` decides a batch, `explain` tells
the whole story of each lead in it, `reasons` the short one.
"""

from crmsync.qualify.compile import CompiledPolicy, compile_policy
from crmsync.qualify.decide import decide
from crmsync.qualify.explain import explain
from crmsync.qualify.explanation import Explanation
from crmsync.qualify.ladder import FirstTouch, HandOff
from crmsync.qualify.policy import Policy
from crmsync.qualify.reading import files_needed, policy_from
from crmsync.qualify.reasons import reasons

__all__ = [
    "CompiledPolicy",
    "Explanation",
    "FirstTouch",
    "HandOff",
    "Policy",
    "compile_policy",
    "decide",
    "explain",
    "files_needed",
    "policy_from",
    "reasons",
]
