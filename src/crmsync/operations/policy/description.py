"""`crmsync policy describe`: the policy as a page that marketing and sales can both read and sign.

How it looks is the renderers' business.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crmsync.operations.policy.hand_over_page import hand_over_section
from crmsync.operations.policy.page import Block, Paragraph, Points, ReadablePage, Section, Table
from crmsync.qualify.criteria import plain
from crmsync.qualify.language.ladder import Rung
from crmsync.qualify.language.policy import ListFile, Policy, Segment
from crmsync.qualify.language.scores import Score, bands_of
from crmsync.qualify.telling.describe import ConditionLine, Speaker, coming_back, movement_sentences, number
from crmsync.tongue import ENGLISH, Tongue, to_say
from crmsync.values import replace

_MOST_LISTED = 40


def policy_page(policy: Policy, tongue: Tongue = ENGLISH) -> ReadablePage:
    """The page of a policy, segments and all, in a language."""
    main = list(_sections(policy, tongue))
    segments = [_segment(policy, segment, main, tongue) for segment in policy.segments]
    if segments:
        said = tongue.say("The first of these that surely applies to a lead decides it; else the rules above do.")
        main.append(Section(tongue.say("Leads with rules of their own"), (Paragraph(said),), tuple(segments)))
    title = tongue.say("When is a lead qualified? {policy}", policy=policy.name)
    return ReadablePage(title, policy.digest, (_reading(policy, tongue), *main), tongue)


def _reading(policy: Policy, tongue: Tongue) -> Section:
    say = tongue.say
    stages = ", ".join(tongue.own(policy.label_of(one.stage)) for one in policy.ladder)
    return Section(
        say("How to read this page"),
        (
            Paragraph(
                say(
                    "Marketing and sales agree here on what a lead has to show to reach a stage, on who does what "
                    "then, and on what happens next. crmsync decides by these rules and by nothing else."
                )
            ),
            Paragraph(
                say(
                    "Unknown is not no. Each condition is met, not met, or not known. What is not known never gives "
                    "a lead a stage and never disqualifies it, except where a condition itself says “is not known”: "
                    "it is a question to ask."
                )
            ),
            Paragraph(say("The stages, from the bottom: {stages}.", stages=stages)),
        ),
    )


def _segment(policy: Policy, segment: Segment, main: list[Section], tongue: Tongue) -> Section:
    """What differs from the main policy for the leads of a segment."""
    condition = Points((Speaker(policy, tongue).condition(segment.when),))
    own = (section for section in _sections(segment.policy, tongue) if section not in main)
    differing = tuple(_differing(section, main) for section in own)
    said = Paragraph(
        tongue.say("For leads that meet this, the following differs:")
        if differing
        else tongue.say("Nothing else differs.")
    )
    blocks = (Paragraph(tongue.say("For leads with:")), condition, said)
    return Section(plain(segment.name, tongue), blocks, differing)


def _differing(section: Section, main: list[Section]) -> Section:
    """The section with only those parts that the main policy's does not have in the same words."""
    twin = next((one for one in main if one.title == section.title), None)
    if twin is None or [part.title for part in twin.parts] != [part.title for part in section.parts]:
        return section
    return replace(section, parts=tuple(part for part in section.parts if part not in twin.parts))


def _sections(policy: Policy, tongue: Tongue) -> Iterator[Section]:
    speaker, say, own = Speaker(policy, tongue), tongue.say, tongue.own
    yield Section(say("The stages"), (), tuple(_rungs(policy, speaker)))
    if policy.sales_confirmation or policy.ladder:
        yield Section(say("The word of sales"), tuple(_confirmation(policy, speaker)))
    if policy.disqualified:
        yield Section(own(policy.label_of(policy.disqualified.stage)), tuple(_disqualified(policy, speaker)))
    moves = tuple(ConditionLine(said) for said in movement_sentences(policy, tongue))
    yield Section(say("How leads move"), (Points(moves),))
    yield hand_over_section(policy, tongue)
    if policy.scores:
        yield Section(say("Points"), tuple(_priority(policy, tongue)), tuple(_scores(policy, speaker)))
    if policy.next_action:
        ordered = [stage for stage in policy.stages if stage in policy.next_action]
        rows = tuple((own(policy.label_of(stage)), own(policy.next_action[stage])) for stage in ordered)
        yield Section(say("What to do next"), (Table((say("Stage"), say("Next action")), rows),))
    if policy.questions:
        asked = tuple((own(policy.fact_label(one.fact)), own(one.ask)) for one in policy.questions)
        table = Table((say("To learn"), say("Ask")), asked)
        yield Section(say("Qualifying questions, in the order to ask"), (table,))
    if policy.expectations:
        expected = tuple((own(role), own(words)) for role, words in policy.expectations.items())
        table = Table((say("Role"), say("Is expected to")), expected)
        yield Section(say("Who is expected to do what"), (table,))
    yield from _glossary(policy, speaker)


def _rungs(policy: Policy, speaker: Speaker) -> Iterator[Section]:
    below: Rung | None = None
    for rung in policy.ladder:
        title = speaker.tongue.own(policy.label_of(rung.stage))
        yield Section(title, tuple(_rung(policy, speaker, rung, below)))
        below = rung


def _rung(policy: Policy, speaker: Speaker, rung: Rung, below: Rung | None) -> Iterator[Block]:
    say = speaker.tongue.say
    if below is None:
        yield Paragraph(say("Every lead stands at least here."))
        return
    if rung.stands_alone:
        yield Paragraph(say("A lead has earned this stage, whatever the stages below, with:"))
    elif below is policy.ladder[0]:
        yield Paragraph(say("A lead has earned this stage with:"))
    else:
        before = speaker.tongue.own(policy.label_of(below.stage))
        yield Paragraph(say("A lead that has earned {stage} has earned this stage with:", stage=before))
    confirmation = policy.sales_confirmation
    points = [speaker.condition(rung.when)] if rung.when is not None else []
    if confirmation and confirmation.stage == rung.stage and confirmation.mode == "required":
        assert confirmation.evidence is not None
        word = say("and the word of sales")
        points.append(ConditionLine(word, None, (speaker.condition(confirmation.evidence),)))
    yield Points(tuple(points))
    if rung.set_by == "people":
        yield Paragraph(say("People set this stage. crmsync only shows when a lead has earned it."))


def _confirmation(policy: Policy, speaker: Speaker) -> Iterator[Block]:
    confirmation, say = policy.sales_confirmation, speaker.tongue.say
    if confirmation is None:
        yield Paragraph(say("No stage of this policy asks for a confirmation by sales: the evidence alone decides."))
        return
    stage = speaker.tongue.own(policy.label_of(confirmation.stage))
    if confirmation.mode == "waived":
        yield Paragraph(
            say(
                "Waived: this policy does not require that sales confirms a lead before it becomes {stage}. The "
                "evidence alone decides.",
                stage=stage,
            )
        )
    else:
        assert confirmation.evidence is not None
        yield Paragraph(
            say("Required: a lead becomes {stage} only when sales has confirmed it, which is shown by:", stage=stage)
        )
        yield Points((speaker.condition(confirmation.evidence),))


def _disqualified(policy: Policy, speaker: Speaker) -> Iterator[Block]:
    leaving, tongue = policy.disqualified, speaker.tongue
    assert leaving is not None
    yield Paragraph(tongue.say("A lead is disqualified when one of these is surely met:"))
    reasons = [
        ConditionLine(
            tongue.own(reason.say) if reason.say else plain(reason.name, tongue),
            None,
            (speaker.condition(reason.when),),
        )
        for reason in leaving.reasons
    ]
    if leaving.when is not None:
        reasons.append(speaker.condition(leaving.when))
    yield Points(tuple(reasons))
    for said in coming_back(policy, tongue):
        yield Paragraph(said)


def _priority(policy: Policy, tongue: Tongue) -> Iterator[Block]:
    if policy.priority:
        label = _score_label(policy, policy.priority, tongue, policy.priority.replace("_", " "))
        yield Paragraph(
            tongue.say(
                "Whom to contact first: the lead with the highest {score}, counting only what is known.", score=label
            )
        )
    for name, parts in policy.grades.items():
        labels = tongue.in_turn([_score_label(policy, part, tongue) for part in parts])
        yield Paragraph(
            tongue.say(
                "The {grade} of a lead is its bands side by side: {scores}.", grade=plain(name, tongue), scores=labels
            )
        )


def _score_label(policy: Policy, score: str, tongue: Tongue, otherwise: str | None = None) -> str:
    return tongue.own(policy.scores[score].label or otherwise or score)


def _scores(policy: Policy, speaker: Speaker) -> Iterator[Section]:
    for name, score in policy.scores.items():
        label = speaker.tongue.own(score.label) if score.label else plain(name, speaker.tongue)
        yield Section(label, tuple(_score(policy, score, speaker)))


def _score(policy: Policy, score: Score, speaker: Speaker) -> Iterator[Block]:
    tongue, say = speaker.tongue, speaker.tongue.say
    head = (say("For"), say("Points"), say("Grows old"), say("At most"))
    if score.combine:
        sums = [
            f"{number(weight, tongue)} × {_score_label(policy, part, tongue)}"
            for part, weight in score.combine.items()
        ]
        yield Paragraph(say("The sum of: {parts}.", parts=", ".join(sums)))
    if score.rules:
        yield Table(head, tuple((r.what, r.points, r.ageing, r.most) for r in speaker.rules(score.rules)))
    for group in score.groups:
        if group.name:
            yield Paragraph(f"{tongue.own(group.name)}:")
        yield Table(head, tuple((r.what, r.points, r.ageing, r.most) for r in speaker.rules(group.rules)))
        yield from _limits(to_say("Together {bounds} points."), group.cap, group.floor, tongue)
    in_all = to_say("In all {bounds} points.")
    held = to_say("After each day, from the oldest on, {bounds} points.") if score.running else in_all
    yield from _limits(held, score.cap, score.floor, tongue)
    if score.bands:
        rows = tuple((label, number(lowest, tongue)) for label, lowest in bands_of(score))
        yield Table((say("Band"), say("From")), rows)


def _limits(message: str, cap: float | None, floor: float | None, tongue: Tongue) -> Iterator[Block]:
    told = [tongue.say("at most {bound}", bound=number(cap, tongue))] if cap is not None else []
    told += [tongue.say("at least {bound}", bound=number(floor, tongue))] if floor is not None else []
    if told:
        yield Paragraph(tongue.say(message, bounds=tongue.all_of(told)))


def _glossary(policy: Policy, speaker: Speaker) -> Iterator[Section]:
    tongue, say = speaker.tongue, speaker.tongue.say
    terms = tuple(Section(speaker.term_words(name), (Points((told,)),), term=name) for name, told in speaker.terms())
    if terms:
        yield Section(say("What these words mean"), (), terms)
    if policy.lists:
        rows = tuple(
            (plain(name, tongue), _listed(() if isinstance(values, ListFile) else values, tongue))
            for name, values in policy.lists.items()
        )
        yield Section(say("Lists"), (Table((say("List"), say("Holds")), rows),))


def _listed(values: tuple[Any, ...], tongue: Tongue) -> str:
    told = ", ".join(str(value) for value in values[:_MOST_LISTED])
    rest = len(values) - _MOST_LISTED
    if rest <= 0:
        return told
    more = tongue.say_many("and {number} more", "and {number} more", rest, number=tongue.number(rest))
    return f"{told} {more}"
