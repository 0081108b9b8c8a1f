"""Whether policy, mapping and roster agree with each other. Findings name the place to mend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
    for name, fact in policy.all_facts.items():
        mapped = mapping.mapped_facts.get(name)
        if name not in mapping.facts:
            close = did_you_mean(name, mapping.facts)
            hint = close if close and close.startswith("did") else f"map it, or write `{name}: unmapped`"
            yield document.finding(("facts",), f"the policy's fact `{name}` is not mapped", hint, at_key=True)
        elif mapped is not None and not _same_type(mapped.type, fact.type):
            message = f"`{name}` is {mapped.type} here and {fact.type} in the policy"
            yield document.finding(("facts", name), message, f"write `type: {fact.type}`")


def _same_type(mapped: FactType, declared: FactType) -> bool:
    """Text and choice are both text; numbers and money are both numbers."""
    alike: Mapping[str, str] = {"choice": "text", "money": "number"}
    return alike.get(mapped, mapped) == alike.get(declared, declared)


def receiver_findings(settings: Settings, roster: ResolvedRoster) -> Iterator[Finding]:
    """A hand-off that is possible needs somebody to receive it (contracts: exit 2)."""
    if settings.policy.hand_off is not None and not roster.receivers:
        yield settings.roster_document.finding(
            ("people",),
            "nobody in the roster can receive a hand-off",
            "add at least one active person with the receiving role, or take `hand_off` out of the policy",
            at_key=True,
        )
