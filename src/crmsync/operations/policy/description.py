"""`crmsync policy describe`: the policy as a page that marketing and sales can both read and sign.

How it looks is the renderers' business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from crmsync.operations.policy.hand_off_page import hand_off_blocks
from crmsync.operations.policy.page import Block, Paragraph, Points, ReadablePage, Section, Table
from crmsync.qualify.language.ladder import Rung
from crmsync.qualify.language.policy import ListFile, Policy, Segment
from crmsync.qualify.language.scores import Score, bands_of
from crmsync.qualify.telling.describe import ConditionLine, Speaker, coming_back, movement_sentences, number

_MOST_LISTED = 40


def policy_page(policy: Policy) -> ReadablePage:
    """The page of a policy, segments and all."""
    main = list(_sections(policy))
    segments = [_segment(policy, segment, main) for segment in policy.segments]
    if segments:
        said = Paragraph("The first of these that surely applies to a lead decides it; else the rules above do.")
        main.append(Section("Leads with rules of their own", (said,), tuple(segments)))
    return ReadablePage(f"When is a lead qualified? {policy.name}", policy.digest, (_reading(policy), *main))


def _reading(policy: Policy) -> Section:
    return Section(
        "How to read this page",
        (
            Paragraph(
                "Marketing and sales agree here on what a lead has to show to reach a stage, on who does what then, "
                "and on what happens next. crmsync decides by these rules and by nothing else."
            ),
            Paragraph(
                "Unknown is not no. Each condition is met, not met, or not known. What is not known never gives a "
                "lead a stage and never disqualifies it, except where a condition itself says “is not known”: it is "
                "a question to ask."
            ),
            Paragraph(
                f"The stages, from the bottom: {', '.join(policy.label_of(one.stage) for one in policy.ladder)}."
            ),
        ),
    )


def _segment(policy: Policy, segment: Segment, main: list[Section]) -> Section:
    """What differs from the main policy for the leads of a segment."""
    condition = Points((Speaker(policy).condition(segment.when),))
    differing = tuple(_differing(section, main) for section in _sections(segment.policy) if section not in main)
    said = Paragraph("For leads that meet this, the following differs:" if differing else "Nothing else differs.")
    return Section(segment.name.replace("_", " "), (Paragraph("For leads with:"), condition, said), differing)


def _differing(section: Section, main: list[Section]) -> Section:
    """The section with only those parts that the main policy's does not have in the same words."""
    twin = next((one for one in main if one.title == section.title), None)
    if twin is None or [part.title for part in twin.parts] != [part.title for part in section.parts]:
        return section
    return replace(section, parts=tuple(part for part in section.parts if part not in twin.parts))


def _sections(policy: Policy) -> Iterator[Section]:
    speaker = Speaker(policy)
    yield Section("The stages", (), tuple(_rungs(policy, speaker)))
    if policy.sales_confirmation or policy.ladder:
        yield Section("The word of sales", tuple(_confirmation(policy, speaker)))
    if policy.disqualified:
        yield Section(policy.label_of(policy.disqualified.stage), tuple(_disqualified(policy, speaker)))
    yield Section("How leads move", (Points(tuple(ConditionLine(said) for said in movement_sentences(policy))),))
    yield Section("Hand-off", tuple(hand_off_blocks(policy)))
    if policy.scores:
        yield Section("Points", tuple(_priority(policy)), tuple(_scores(policy, speaker)))
    if policy.next_action:
        ordered = [stage for stage in policy.stages if stage in policy.next_action]
        rows = tuple((policy.label_of(stage), policy.next_action[stage]) for stage in ordered)
        yield Section("What to do next", (Table(("Stage", "Next action"), rows),))
    if policy.questions:
        asked = tuple((policy.fact_label(one.fact), one.ask) for one in policy.questions)
        yield Section("Qualifying questions, in the order to ask", (Table(("To learn", "Ask"), asked),))
    if policy.expectations:
        expected = tuple((role, words) for role, words in policy.expectations.items())
        yield Section("Who is expected to do what", (Table(("Role", "Is expected to"), expected),))
    yield from _glossary(policy, speaker)


def _rungs(policy: Policy, speaker: Speaker) -> Iterator[Section]:
    below: Rung | None = None
    for rung in policy.ladder:
        yield Section(policy.label_of(rung.stage), tuple(_rung(policy, speaker, rung, below)))
        below = rung


def _rung(policy: Policy, speaker: Speaker, rung: Rung, below: Rung | None) -> Iterator[Block]:
    if below is None:
        yield Paragraph("Every lead stands at least here.")
        return
    if rung.stands_alone:
        yield Paragraph("A lead has earned this stage, whatever the stages below, with:")
    elif below is policy.ladder[0]:
        yield Paragraph("A lead has earned this stage with:")
    else:
        yield Paragraph(f"A lead that has earned {policy.label_of(below.stage)} has earned this stage with:")
    confirmation = policy.sales_confirmation
    points = [speaker.condition(rung.when)] if rung.when is not None else []
    if confirmation and confirmation.stage == rung.stage and confirmation.mode == "required":
        assert confirmation.evidence is not None
        points.append(ConditionLine("and the word of sales", None, (speaker.condition(confirmation.evidence),)))
    yield Points(tuple(points))
    if rung.set_by == "people":
        yield Paragraph("People set this stage. crmsync only shows when a lead has earned it.")


def _confirmation(policy: Policy, speaker: Speaker) -> Iterator[Block]:
    confirmation = policy.sales_confirmation
    if confirmation is None:
        yield Paragraph("No stage of this policy asks for a confirmation by sales: the evidence alone decides.")
    elif confirmation.mode == "waived":
        yield Paragraph(
            f"Waived: this policy does not require that sales confirms a lead before it becomes "
            f"{policy.label_of(confirmation.stage)}. The evidence alone decides."
        )
    else:
        assert confirmation.evidence is not None
        yield Paragraph(
            f"Required: a lead becomes {policy.label_of(confirmation.stage)} only when sales has confirmed it, which "
            "is shown by:"
        )
        yield Points((speaker.condition(confirmation.evidence),))


def _disqualified(policy: Policy, speaker: Speaker) -> Iterator[Block]:
    leaving = policy.disqualified
    assert leaving is not None
    yield Paragraph("A lead is disqualified when one of these is surely met:")
    reasons = [
        ConditionLine(reason.say or reason.name.replace("_", " "), None, (speaker.condition(reason.when),))
        for reason in leaving.reasons
    ]
    if leaving.when is not None:
        reasons.append(speaker.condition(leaving.when))
    yield Points(tuple(reasons))
    for said in coming_back(policy):
        yield Paragraph(said)


def _priority(policy: Policy) -> Iterator[Block]:
    if policy.priority:
        label = policy.scores[policy.priority].label or policy.priority.replace("_", " ")
        yield Paragraph(f"Whom to contact first: the lead with the highest {label}, counting only what is known.")
    for name, parts in policy.grades.items():
        labels = [policy.scores[part].label or part for part in parts]
        yield Paragraph(
            f"The {name.replace('_', ' ')} of a lead is its bands side by side: {', then '.join(labels)}."
        )


def _scores(policy: Policy, speaker: Speaker) -> Iterator[Section]:
    for name, score in policy.scores.items():
        yield Section(score.label or name.replace("_", " "), tuple(_score(policy, score, speaker)))


def _score(policy: Policy, score: Score, speaker: Speaker) -> Iterator[Block]:
    head = ("For", "Points", "Grows old", "At most")
    if score.combine:
        sums = [f"{number(weight)} × {policy.scores[part].label or part}" for part, weight in score.combine.items()]
        yield Paragraph(f"The sum of: {', '.join(sums)}.")
    if score.rules:
        yield Table(head, tuple((r.what, r.points, r.ageing, r.most) for r in speaker.rules(score.rules)))
    for group in score.groups:
        if group.name:
            yield Paragraph(f"{group.name}:")
        yield Table(head, tuple((r.what, r.points, r.ageing, r.most) for r in speaker.rules(group.rules)))
        yield from _limits("Together", group.cap, group.floor)
    yield from _limits("In all", score.cap, score.floor)
    if score.bands:
        yield Table(("Band", "From"), tuple((label, number(lowest)) for label, lowest in bands_of(score)))


def _limits(what: str, cap: float | None, floor: float | None) -> Iterator[Block]:
    told = [f"at most {number(cap)}"] if cap is not None else []
    told += [f"at least {number(floor)}"] if floor is not None else []
    if told:
        yield Paragraph(f"{what} {' and '.join(told)} points.")


def _glossary(policy: Policy, speaker: Speaker) -> Iterator[Section]:
    terms = tuple(Section(speaker.term_words(name), (Points((told,)),), term=name) for name, told in speaker.terms())
    if terms:
        yield Section("What these words mean", (), terms)
    if policy.lists:
        rows = tuple(
            (name.replace("_", " "), _listed(() if isinstance(values, ListFile) else values))
            for name, values in policy.lists.items()
        )
        yield Section("Lists", (Table(("List", "Holds"), rows),))


def _listed(values: tuple[Any, ...]) -> str:
    told = ", ".join(str(value) for value in values[:_MOST_LISTED])
    rest = len(values) - _MOST_LISTED
    return f"{told} and {rest:,} more" if rest > 0 else told
