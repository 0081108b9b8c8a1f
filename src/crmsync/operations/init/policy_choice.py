"""Which shipped policy suits, by three questions; policy.yaml, which takes it over with the stages that there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from crmsync.configuration import flow, read_document
from crmsync.errors import UsageError
from crmsync.operations.files.answers_file import Answers
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import policy_from
from crmsync.settings import presets
from crmsync.suggest.shapes import AskedFact

SELLS: Mapping[str, tuple[str, str]] = {
    "software": ("saas", "software, or another product that one can see in a demo"),
    "consulting": ("consulting", "consulting, or another service that begins with talking about a problem"),
    "agency": ("agency", "marketing and other work of an agency"),
    "other": ("general", "something else"),
}
"""Answer → the preset, and the answer in words."""
LADDERS: Mapping[str, str] = {
    "whole": "step by step: interest (MQL), accepted (SAL), need and fit (SQL), intent to buy (SQO)",
    "sql-sqo": "two steps: every sign of interest is an SQL, serious intent to buy an SQO",
    "sal-sqo": "two steps: accepted by sales (SAL), serious intent to buy (SQO)",
    "mql-sql": "two steps: marketing brings (MQL), sales qualifies (SQL)",
}
NEVER = "never"


def ladders_for(sells: str) -> dict[str, str]:
    """The ladders for which there is a preset, in words."""
    return {name: words for name, words in LADDERS.items() if _preset(sells, name) in presets()}


def _preset(sells: str, ladder: str) -> str:
    base = SELLS[sells][0]
    if ladder == "whole":
        return base
    return ladder if base == "general" else f"{base}-{ladder}"


def preset_of(answers: Answers) -> str:
    """The preset that the answers come to. Raises `UsageError` when there is none of that name."""
    name = answers.preset or _preset(answers.sells or "other", answers.ladder or "whole")
    if name not in presets():
        raise UsageError(f"there is no preset `{name}`", hint=f"there are {', '.join(sorted(presets()))}")
    return name


def preset_policy(name: str) -> Policy:
    """The preset itself."""
    return policy_from(read_document(f"format: 1\nextends: {name}\n", "policy.yaml"), presets())


def facts_asked(policy: Policy) -> tuple[AskedFact, ...]:
    """The facts that a mapping has to map."""
    return tuple(
        AskedFact(
            name,
            fact.type,
            fact.label or name.replace("_", " "),
            tuple(fact.values or ()),
            fact.unit,
            policy.question_for(name),
        )
        for name, fact in policy.all_facts.items()
    )


def hand_off_stages(policy: Policy, stages: Collection[str]) -> list[str]:
    """Stages from which a receiver may take over: those above the lowest that the CRM has."""
    return [rung.stage for rung in policy.ladder[1:] if rung.stage in stages]


def usual_hand_off(policy: Policy, stages: Collection[str]) -> str:
    """The preset's own, or the next above it that there is; `never` where there is none."""
    if policy.hand_off is None:
        return NEVER
    ladder = [rung.stage for rung in policy.ladder]
    above = ladder[ladder.index(policy.hand_off.stage) :]
    return next((stage for stage in above if stage in stages), NEVER)


def policy_text(name: str, preset: str, policy: Policy, stages: Collection[str], hand_off: str) -> str:
    """policy.yaml. `stages`: those that the CRM has a value for; the others are taken out of the policy."""
    lines = [
        "# yaml-language-server: $schema=schemas/policy.json",
        f"# Who is qualified. This takes over the shipped policy `{preset}`; what you write here replaces that part.",
        "# `crmsync policy describe` says it in plain language.",
        "format: 1",
        f"name: {flow(name)}",
        f"extends: {preset}",
    ]
    ladder = [rung.stage for rung in policy.ladder]
    lost = [stage for stage in ladder if stage not in stages]
    if lost:
        lines += ["", f"# Without {', '.join(lost)}: the CRM has no value for it.", "ladder:"]
        lines += [f"  - {flow(rung)}" for rung in _raw(preset, "ladder") if rung["stage"] in stages]
        lines.append(f"next_action: {flow(dict.fromkeys(lost))}")
        if policy.sales_confirmation and policy.sales_confirmation.stage in lost:
            lines.append("sales_confirmation: null")
    if policy.disqualified and policy.disqualified.stage not in stages:
        lines += ["", "# The CRM has no value for leads that are disqualified.", "disqualified: null"]
    lines += ["", "# From this stage on a lead belongs to somebody with the role `ae` (roster.yaml)."]
    lines.append("hand_off: null" if hand_off == NEVER else f"hand_off: {{stage: {hand_off}}}")
    return "\n".join(lines) + "\n"


def _raw(preset: str, key: str) -> Sequence[Mapping[str, Any]]:
    """A part of a preset as its file has it, or as what it extends has it."""
    data = presets()[preset].data
    while key not in data:
        data = presets()[data["extends"]].data
    found: Sequence[Mapping[str, Any]] = data[key]
    return found
