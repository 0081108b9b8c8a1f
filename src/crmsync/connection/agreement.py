"""Whether policy, mapping and roster agree with each other. Findings name the place to mend."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from crmsync.configuration import did_you_mean
from crmsync.errors import Finding
from crmsync.mapping import CrmMapping, Words
from crmsync.model import FactType
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.telling.for_reps import actions, bands, grade_words, policies_of, reasons_named
from crmsync.route.roster.defaults import receivers_of_all
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.settings import ConnectionConfiguration, Settings
from crmsync.tongue import ENGLISH, Tongue


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


def written_findings(policy: Policy, configuration: ConnectionConfiguration) -> Iterator[Finding]:
    """Scores, bands, grades, stages and words that the mapping writes and the policy does not have."""
    write, document = configuration.mapping.write, configuration.mapping_document
    if write is None:
        return
    policies = policies_of(policy)
    scores = list(dict.fromkeys(name for one in policies for name in one.scores))
    banded = [name for name in scores if bands(policies, name)]
    grades = list(dict.fromkeys(name for one in policies for name in one.grades))
    known: tuple[tuple[str, Iterable[str], Collection[str], str], ...] = (
        ("scores", write.scores, scores, "the policy has no score `{}`"),
        ("bands", write.bands, banded, "the policy has no score `{}` with bands"),
        ("grades", write.grades, grades, "the policy has no grade `{}`"),
        ("stage_days", write.stage_days, policy.stages, "the policy has no stage `{}`"),
    )
    for part, named, there, message in known:
        for name in named:
            if name not in there:
                hint = did_you_mean(name, there) or f"take it out: the policy has no {part.replace('_', ' ')}"
                yield document.finding(("write", part, name), message.format(name), hint, at_key=True)
    words = written_words(policy, configuration.mapping)
    for written in write.written:
        keys = [key for key, _ in words.get(written.place, ())]
        for key in written.values if keys else ():
            if key not in keys:
                place = ("write", *written.place, "values", key)
                message = f"the policy never says `{key}` here"
                yield document.finding(place, message, did_you_mean(key, keys), at_key=True)


def written_words(policy: Policy, mapping: CrmMapping, tongue: Tongue = ENGLISH) -> Words:
    """For each field of `write` that tells one of a few words: all that the policy may give it, in a language."""
    policies = policies_of(policy)
    found: dict[tuple[str | int, ...], Sequence[tuple[str, str]]] = {}
    for written in mapping.write.written if mapping.write else ():
        match written.content:
            case "band":
                found[written.place] = [(label, label) for label in bands(policies, written.of)]
            case "grade":
                found[written.place] = [(word, word) for word in grade_words(policies, written.of)]
            case "next_action":
                found[written.place] = actions(policies, tongue)
            case "disqualification_reason":
                found[written.place] = reasons_named(policies, tongue)
    return found


def most_points(policy: Policy) -> dict[str, int]:
    """Score → the whole points it can reach in the policy or a segment, of those that are capped everywhere."""
    found: dict[str, int] = {}
    policies = policies_of(policy)
    for name in {name for one in policies for name in one.scores}:
        caps = [one.scores[name].cap for one in policies if name in one.scores]
        if None not in caps:
            found[name] = max(abs(int(cap)) for cap in caps if cap is not None)
    return found


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
    document = settings.roster_document
    if settings.policy.hand_off is not None and not roster.receivers:
        words = "nobody in the roster can receive a hand-off"
        yield document.finding(("people",), words, _receiving(roster), at_key=True)
    for hand_over in settings.policy.hand_overs:
        name = hand_over.name
        if roster.needs_receivers(name) and not roster.receivers_of(name):
            words = f"nobody in the roster can receive leads of the hand-over `{name}`"
            hint = "let its rules name a pool with active people in it, or say under `receivers` who receives them"
            yield document.finding(("rules", name), words, hint, at_key=True)


def _receiving(roster: ResolvedRoster) -> str:
    """Who would receive, and what is there instead."""
    wanted = receivers_of_all(roster.roster).role
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
