"""A policy with its preset and its lists; one that says the same as one of the last is that one."""

from __future__ import annotations

import threading
from pathlib import Path

from crmsync.configuration import Document
from crmsync.errors import ConfigurationError
from crmsync.files import Unreadable
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import files_needed, policy_from
from crmsync.settings.documents import text_of
from crmsync.settings.shipped_policies import presets

_POLICIES_KEPT = 8
_LARGEST_KEPT = 1_000_000
"""Characters of JSON; a policy with long lists is compiled each time."""
_policies: dict[str, Policy] = {}
"""The last policies that were read: as JSON, and themselves."""
_keeping = threading.Lock()


def criteria_of(policy: Policy) -> set[str]:
    """All that the roster's rules may ask for: where a lead's own segment lacks a criterion, it is unknown."""
    return {name for part in (policy, *(segment.policy for segment in policy.segments)) for name in part.criteria}


def policy_of(document: Document, path: Path) -> Policy:
    """A policy with the preset it extends and the list files it names (paths relative to the policy).

    One that says the same as one of the last is that one, so that what was compiled of it serves again.
    """
    shipped = presets()
    lists: dict[str, str] = {}
    findings = []
    for name, place in files_needed(document, shipped).items():
        try:
            lists[name] = text_of(path.parent / name)
        except Unreadable as error:
            hint = error.hint or "name a text file with one value a line, relative to the policy"
            findings.append(document.finding(place, f"the list file `{name[:60]}`: {error}", hint))
    if findings:
        raise ConfigurationError(findings)
    return _the_same(policy_from(document, shipped, lists))


def _the_same(policy: Policy) -> Policy:
    text = policy.model_dump_json()  # 1 and true are equal, and not the same
    if len(text) > _LARGEST_KEPT:
        return policy
    with _keeping:  # jobs of several connections may read their files at once
        policy = _policies.pop(text, policy)
        _policies[text] = policy
        while len(_policies) > _POLICIES_KEPT:
            del _policies[next(iter(_policies))]
    return policy
