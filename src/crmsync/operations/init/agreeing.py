"""The policy by three questions, and suggestions agreed on: facts, stages, people, who takes over when."""

from __future__ import annotations

from dataclasses import dataclass

from crmsync.operations.files.answers_file import Answers
from crmsync.operations.init.asking import Asking
from crmsync.operations.init.chosen import ChosenSetUp, chosen
from crmsync.operations.init.policy_choice import (
    NEVER,
    SELLS,
    facts_asked,
    hand_off_stages,
    ladders_for,
    preset_of,
    preset_policy,
    usual_hand_off,
)
from crmsync.operations.init.signing_in import Keep
from crmsync.operations.init.starter import Starter
from crmsync.operations.init.vocabulary_files import vocabulary
from crmsync.qualify.language.policy import Policy
from crmsync.suggest.engine import suggested_roster, suggestions
from crmsync.suggest.shapes import KnownOrg, StageSuggestion
from crmsync.values import replace


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the files are made of. `hand_off`: the stage, or `never`."""

    answers: Answers
    chosen: ChosenSetUp
    hand_off: str


def choices_of_policy(
    own: Policy | None, answers: Answers, asking: Asking, keep: Keep
) -> tuple[str, Policy, Answers]:
    """The preset, its policy, and the answers. `own`: a policy that stands in the folder is taken as it is."""
    if own is not None:
        return "", own, answers
    if answers.preset is None and answers.sells is None:
        sells = {name: words for name, (_, words) in SELLS.items()}
        answers = answers.with_(sells=asking.choose("sells", "What do you sell?", sells, "other"))
        keep(answers)
    if answers.preset is None and answers.ladder is None:
        ladders = ladders_for(str(answers.sells))
        ladder = asking.choose("ladder", "What makes a lead qualified?", ladders, "whole")
        answers = answers.with_(ladder=ladder)
        keep(answers)
    preset = preset_of(answers)
    return preset, preset_policy(preset), answers


def agreed(
    org: KnownOrg, policy: Policy, starter: Starter, answers: Answers, asking: Asking, keep: Keep, *, shared: bool
) -> Agreed:
    """Suggestions, agreed on. `shared`: the policy is there already, and says who takes over."""
    asked = facts_asked(policy)
    ladder = [rung.stage for rung in policy.ladder]
    late = ladder[ladder.index(policy.stages_handed_over[-1]) :] if policy.stages_handed_over else ()
    found = suggestions(org, asked, policy.stages, starter.mapping, late, vocabulary())
    taken = chosen(org, asked, policy.stages, found, starter, answers)
    while "facts" not in answers.agreed:
        otherwise = asking.facts(org, taken, found)
        answers = answers.with_(
            facts={**answers.facts, **otherwise.facts},
            values={**answers.values, **otherwise.values},
            stages={**answers.stages, **otherwise.stages},
        )
        if not otherwise:
            answers = answers.with_(agreed=(*answers.agreed, "facts"))
        keep(answers)
        taken = chosen(org, asked, policy.stages, found, starter, answers)
    if found.stage is not None and answers.stages:
        found = replace(found, roster=suggested_roster(org, _corrected(found.stage, answers), late, vocabulary()))
        taken = chosen(org, asked, policy.stages, found, starter, answers)
    if "people" not in answers.agreed:
        roles = asking.people(taken)
        answers = answers.with_(roles={**answers.roles, **roles}, agreed=(*answers.agreed, "people"))
        keep(answers)
        taken = chosen(org, asked, policy.stages, found, starter, answers)
    if shared:
        return Agreed(answers, taken, next(iter(policy.stages_handed_over[-1:]), NEVER))
    hand_off = answers.hand_off
    if hand_off is None:
        if not taken.receivers:
            asking.tell("Nobody is known to receive leads (role ae), so owners stay as they are.")
            return Agreed(answers, taken, NEVER)
        usual = usual_hand_off(policy, taken.stages)
        labels = {stage: policy.label_of(stage) for stage in hand_off_stages(policy, taken.stages)}
        options = {**labels, NEVER: "owners stay as they are"}
        hand_off = asking.choose("hand-off", "When does an account executive take over?", options, usual)
        answers = answers.with_(hand_off=hand_off)
        keep(answers)
    return Agreed(answers, taken, hand_off)


def _corrected(found: StageSuggestion, answers: Answers) -> StageSuggestion:
    """With the values that somebody said, where they are plain ones of the stage's field."""
    told = {stage: (value,) if isinstance(value, str) else () for stage, value in answers.stages.items()}
    return replace(found, values={**found.values, **told})
