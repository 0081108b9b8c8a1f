"""Whether policy, mapping and roster agree with each other. Findings name the place to mend."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from crmsync.configuration import did_you_mean
from crmsync.errors import Finding
from crmsync.model import FactType
from crmsync.qualify.language.policy import Policy
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.settings import ConnectionConfiguration, Settings


def stage_findings(policy: Policy, configuration: ConnectionConfiguration) -> Iterator[Finding]:
    """Stages that the policy decides and the mapping does not name, and the other way round."""
    document, named = configuration.mapping_document, configuration.mapping.stage.values
    wanted = policy.stages
    for stage in named:
        if stage not in wanted:
            yield document.finding(
                ("stage", "values", stage),
                f"the policy has no stage `{stage}`",
                did_you_mean(stage, wanted),
                at_key=True,
            )
    for stage in wanted:
        if stage not in named:
            yield document.finding(
                ("stage", "values"), f"no value is mapped for the policy's stage `{stage}`", "add it", at_key=True
            )


def fact_findings(policy: Policy, configuration: ConnectionConfiguration) -> Iterator[Finding]:
    """Every fact that the policy declares is mapped with the same type, or said to be `unmapped`."""
    document, mapping = configuration.mapping_document, configuration.mapping
    missing = [name for name in policy.all_facts if name not in mapping.facts]
    misspelt = _misspelt(mapping.facts.keys() - policy.fact_types.keys(), missing)
    for written, meant in sorted(misspelt.items()):
        place = ("facts", written)
        yield document.finding(place, f"the policy has no fact `{written}`", f"did you mean `{meant}`?", at_key=True)
    for name, fact in policy.all_facts.items():
        mapped = mapping.mapped_facts.get(name)
        if name in misspelt.values():
            continue
        if name not in mapping.facts:
            hint = f"map it, or write `{name}: unmapped`"
            yield document.finding(("facts",), f"the policy's fact `{name}` is not mapped", hint, at_key=True)
        elif mapped is not None and not _same_type(mapped.type, fact.type):
            message = f"`{name}` is {mapped.type} here and {fact.type} in the policy"
            yield document.finding(("facts", name), message, f"write `type: {fact.type}`")


def _misspelt(unknown: Iterable[str], missing: Collection[str]) -> dict[str, str]:
    """Mapped facts that the policy does not have → the fact that it has, nobody maps, and is written nearly so."""
    found: dict[str, str] = {}
    for written in sorted(unknown):
        close = difflib.get_close_matches(written, [name for name in missing if name not in found.values()], n=1)
        if close:
            found[written] = close[0]
    return found


def _same_type(mapped: FactType, declared: FactType) -> bool:
    """Text and choice are both text; numbers and money are both numbers."""
    alike: Mapping[str, str] = {"choice": "text", "money": "number"}
    return alike.get(mapped, mapped) == alike.get(declared, declared)


def receiver_findings(settings: Settings, roster: ResolvedRoster) -> Iterator[Finding]:
    """A hand-off that is possible needs somebody to receive it (contracts: exit 2)."""
    if settings.policy.hand_off is not None and not roster.receivers:
        yield settings.roster_document.finding(
            ("people",), "nobody in the roster can receive a hand-off", _receiving(roster), at_key=True
        )


def _receiving(roster: ResolvedRoster) -> str:
    """Who would receive, and what is there instead."""
    wanted = roster.roster.receivers.role
    roles = sorted({role for member in roster.members for role in member.person.all_roles})
    asked = f"people with the role {_or(wanted)} receive" if wanted else "those whom `receivers` fits receive"
    there = f"the people here have the roles {_or(roles)}" if roles else "nobody here has a role"
    if roles and not any(member.active for member in roster.members):
        there += ", and all of them are inactive in the CRM"
    meant = [(word, role) for word in wanted for role in roles if word != role and word.lower() == role.lower()]
    mend = f"write `{meant[0][0]}` instead of `{meant[0][1]}`" if meant else "add an active person with the role"
    return f"{asked}; {there}: {mend}, or take `hand_off` out of the policy"


def _or(words: Sequence[str]) -> str:
    return " or ".join(f"`{word}`" for word in words)
