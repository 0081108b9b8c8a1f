"""The two trees of a lead's story: the ladder with its conditions, and the points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from crmsync.qualify.criteria import plain
from crmsync.qualify.telling.explanation import Condition, Evidence, Explanation, RuleStory, ScoreStory, Step
from crmsync.showing.foreign_text import markup
from crmsync.tongue import ENGLISH, Tongue

if TYPE_CHECKING:
    from rich.tree import Tree

MARKS = {"met": "[green]✓[/green]", "not_met": "[red]✗[/red]", "unknown": "[yellow]?[/yellow]"}
_MOST_EVIDENCE = 3


def ladder_tree(told: Explanation) -> Tree:
    """Each stage with what it asks; what might disqualify a lead only once it does, because that is a long list."""
    from rich.tree import Tree

    say = told.tongue.say
    tree = Tree(f"[bold]{say('Ladder')}[/bold] ({say('✓ met, ✗ not met, ? not known')})", guide_style="dim")
    steps = [*told.ladder]
    if told.disqualification:
        whole = told.disqualification.verdict == "met"
        steps.append(told.disqualification if whole else _without_condition(told.disqualification))
    _ConditionTree(tree, told.criteria, steps, told.tongue).grow()
    return tree


def _without_condition(step: Step) -> Step:
    return Step(step.stage, step.label, step.verdict, None)


class _ConditionTree:
    """Steps with their conditions. A named criterion is taken apart once, where it stands nearest to its stage."""

    def __init__(self, tree: Tree, criteria: Mapping[str, Condition], steps: Sequence[Step], tongue: Tongue) -> None:
        self._tree, self._criteria, self._steps, self._tongue = tree, criteria, steps, tongue
        self._homes = dict(_homes(criteria, steps))
        self._told: set[str] = set()

    def grow(self) -> None:
        for step in self._steps:
            branch = self._tree.add(f"{MARKS[step.verdict]} [bold]{markup(step.stage)}[/bold]  {markup(step.label)}")
            if step.condition:
                self._add(branch, step.condition, (step.stage, 0))

    def _add(self, tree: Tree, condition: Condition, place: tuple[str, int]) -> None:
        said = f"{MARKS[condition.verdict]} {markup(condition.sentence)}"
        name = condition.name
        if name and name in self._criteria:
            condition = self._criteria[name]
            if name in self._told or self._homes[name] != place:
                where = self._tongue.say("above") if name in self._told else self._tongue.say("below")
                tree.add(f"{said} [dim]({where})[/dim]" if condition.parts else said)
                return
            self._told.add(name)
        branch = tree.add(said)
        for evidence in condition.evidence[:_MOST_EVIDENCE]:
            branch.add(f"[dim]{markup(_evidence(evidence, self._tongue))}[/dim]")
        hidden = max(0, len(condition.evidence) - _MOST_EVIDENCE) + condition.more
        if hidden:
            more = self._tongue.say_many("… and {number} more", "… and {number} more", hidden)
            branch.add(f"[dim]{more}[/dim]")
        for part in condition.parts:
            self._add(branch, part, (place[0], place[1] + 1))


def _homes(criteria: Mapping[str, Condition], steps: Sequence[Step]) -> Iterator[tuple[str, tuple[str, int]]]:
    """Named criterion → (stage, depth) of the place nearest to a stage; the lowest stage where several are."""
    level = [(step.stage, step.condition) for step in steps if step.condition]
    depth, seen = 0, set[str]()
    while level:
        below: list[tuple[str, Condition]] = []
        for stage, condition in level:
            told = condition
            if condition.name:
                if condition.name in seen:
                    continue
                seen.add(condition.name)
                yield condition.name, (stage, depth)
                told = criteria.get(condition.name, condition)
            below += [(stage, part) for part in told.parts]
        level, depth = below, depth + 1


def _evidence(evidence: Evidence, tongue: Tongue) -> str:
    say = tongue.say
    if evidence.fact is not None:
        value = say("not known") if evidence.value is None else evidence.shown or plain(evidence.value, tongue)
        return f"{evidence.label or evidence.fact}: {value}"
    if evidence.score is not None:
        return f"{evidence.label or evidence.score}: {_span(*(evidence.points or (0, 0)), tongue)}"
    doer = tongue.own(evidence.by_role) if evidence.by_role else evidence.by
    day = tongue.day(evidence.day) if evidence.day else ""
    happened = say("{activity} on {day}", activity=plain(evidence.kind, tongue), day=day)
    details = [plain(word, tongue) for word in (evidence.outcome, evidence.direction) if word]
    details += [say("about {thing}", thing=tongue.own(evidence.about))] if evidence.about else []
    words = ", ".join([happened, *details, *([say("by {role}", role=doer)] if doer else [])])
    return words if evidence.certain else f"{words} ({say('perhaps: not everything about it is known')})"


def points_tree(scores: Sequence[ScoreStory], tongue: Tongue = ENGLISH) -> Tree:
    """Each score with the rules that gave something, the activities behind them, and what limits took away."""
    from rich.tree import Tree

    tree = Tree(f"[bold]{tongue.say('Points')}[/bold]", guide_style="dim")
    for score in scores:
        band = f" ({markup(score.band)})" if score.band else ""
        branch = tree.add(f"[bold]{markup(score.label or score.name)}[/bold] {_span(*score.points, tongue)}{band}")
        for rule in score.rules:
            if rule.points != (0, 0) or rule.activities:
                _add_rule(branch, rule, tongue)
        if score.cut:
            branch.add(f"[dim]{_cut_by_limits(score.cut, tongue)}[/dim]")
    return tree


def _add_rule(tree: Tree, rule: RuleStory, tongue: Tongue) -> None:
    say, say_many = tongue.say, tongue.say_many
    branch = tree.add(f"{markup(rule.rule)}: {_span(*rule.points, tongue)}")
    for evidence, age, points in rule.activities[:_MOST_EVIDENCE]:
        given = _points(points, tongue)
        if rule.each not in (None, points):
            given = say("{points} of {full}", points=given, full=_points(rule.each or 0, tongue))
        when = say("today") if age == 0 else _ago(age, tongue)
        perhaps = "" if evidence.certain else f", {say('perhaps')}"
        branch.add(f"[dim]{markup(plain(evidence.kind, tongue))} {when}: {given}{perhaps}[/dim]")
    if len(rule.activities) > _MOST_EVIDENCE:
        rest = rule.activities[_MOST_EVIDENCE:]
        more = say_many("… and {number} more", "… and {number} more", len(rest))
        branch.add(f"[dim]{more}: {_points(sum(points for _, _, points in rest), tongue)}[/dim]")
    if rule.cut:
        took = say("the rule's cap took {points}", points=_points(abs(rule.cut), tongue))
        branch.add(f"[dim]{took}[/dim]")


def _cut_by_limits(cut: int, tongue: Tongue) -> str:
    points = _points(abs(cut), tongue)
    if cut > 0:
        return tongue.say("limits of the score and its groups took {points}", points=points)
    return tongue.say("limits of the score and its groups added {points}", points=points)


def _ago(days: int, tongue: Tongue) -> str:
    return tongue.say_many("{number} day ago", "{number} days ago", days)


def _points(milli: int, tongue: Tongue) -> str:
    """Milli-points as points."""
    return tongue.figures(milli / 1000)


def _span(low: int, high: int, tongue: Tongue) -> str:
    """Two ends where facts are not known."""
    if low == high:
        return _points(low, tongue)
    return tongue.say("{low} to {high}", low=_points(low, tongue), high=_points(high, tongue))
