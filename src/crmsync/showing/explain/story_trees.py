"""The two trees of a lead's story: the ladder with its conditions, and the points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from crmsync.qualify.telling.explanation import Condition, Evidence, Explanation, RuleStory, ScoreStory, Step
from crmsync.showing.foreign_text import markup

if TYPE_CHECKING:
    from rich.tree import Tree

MARKS = {"met": "[green]✓[/green]", "not_met": "[red]✗[/red]", "unknown": "[yellow]?[/yellow]"}
_MOST_EVIDENCE = 3


def ladder_tree(told: Explanation) -> Tree:
    """Each stage with what it asks; what might disqualify a lead only once it does, because that is a long list."""
    from rich.tree import Tree

    tree = Tree("[bold]Ladder[/bold] (✓ met, ✗ not met, ? not known)", guide_style="dim")
    steps = [*told.ladder]
    if told.disqualification:
        whole = told.disqualification.verdict == "met"
        steps.append(told.disqualification if whole else _without_condition(told.disqualification))
    _ConditionTree(tree, told.criteria, steps).grow()
    return tree


def _without_condition(step: Step) -> Step:
    return Step(step.stage, step.label, step.verdict, None)


class _ConditionTree:
    """Steps with their conditions. A named criterion is taken apart once, where it stands nearest to its stage."""

    def __init__(self, tree: Tree, criteria: Mapping[str, Condition], steps: Sequence[Step]) -> None:
        self._tree, self._criteria, self._steps = tree, criteria, steps
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
                where = "above" if name in self._told else "below"
                tree.add(f"{said} [dim]({where})[/dim]" if condition.parts else said)
                return
            self._told.add(name)
        branch = tree.add(said)
        for evidence in condition.evidence[:_MOST_EVIDENCE]:
            branch.add(f"[dim]{markup(_evidence(evidence))}[/dim]")
        hidden = max(0, len(condition.evidence) - _MOST_EVIDENCE) + condition.more
        if hidden:
            branch.add(f"[dim]… and {hidden} more[/dim]")
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


def _evidence(evidence: Evidence) -> str:
    if evidence.fact is not None:
        value = "not known" if evidence.value is None else _plain(evidence.value)
        return f"{evidence.label or evidence.fact}: {value}"
    if evidence.score is not None:
        return f"{evidence.label or evidence.score}: {_span(*(evidence.points or (0, 0)))}"
    doer = evidence.by_role or evidence.by
    details = [_plain(word) for word in (evidence.outcome, evidence.direction) if word]
    words = ", ".join([f"{_plain(evidence.kind)} on {evidence.day}", *details, *([f"by {doer}"] if doer else [])])
    return words if evidence.certain else f"{words} (perhaps: not everything about it is known)"


def points_tree(scores: Sequence[ScoreStory]) -> Tree:
    """Each score with the rules that gave something, the activities behind them, and what limits took away."""
    from rich.tree import Tree

    tree = Tree("[bold]Points[/bold]", guide_style="dim")
    for score in scores:
        band = f" ({markup(score.band)})" if score.band else ""
        branch = tree.add(f"[bold]{markup(score.label or score.name)}[/bold] {_span(*score.points)}{band}")
        for rule in score.rules:
            if rule.points != (0, 0) or rule.activities:
                _add_rule(branch, rule)
        if score.cut:
            what = f"took {_points(score.cut)}" if score.cut > 0 else f"added {_points(-score.cut)}"
            branch.add(f"[dim]limits of the score and its groups {what}[/dim]")
    return tree


def _add_rule(tree: Tree, rule: RuleStory) -> None:
    branch = tree.add(f"{markup(rule.rule)}: {_span(*rule.points)}")
    for evidence, age, points in rule.activities[:_MOST_EVIDENCE]:
        aged = f" of {_points(rule.each)}" if points != rule.each else ""
        when = "today" if age == 0 else "1 day ago" if age == 1 else f"{age} days ago"
        perhaps = "" if evidence.certain else ", perhaps"
        branch.add(f"[dim]{markup(_plain(evidence.kind))} {when}: {_points(points)}{aged}{perhaps}[/dim]")
    if len(rule.activities) > _MOST_EVIDENCE:
        rest = rule.activities[_MOST_EVIDENCE:]
        branch.add(f"[dim]… and {len(rest)} more: {_points(sum(points for _, _, points in rest))}[/dim]")
    if rule.cut:
        branch.add(f"[dim]the rule's cap took {_points(abs(rule.cut))}[/dim]")


def _plain(word: object) -> str:
    return {True: "yes", False: "no"}[word] if isinstance(word, bool) else str(word).replace("_", " ")


def _points(milli: int) -> str:
    """Milli-points as points."""
    return f"{milli / 1000:.10g}"


def _span(low: int, high: int) -> str:
    """Two ends where facts are not known."""
    return _points(low) if low == high else f"{_points(low)} to {_points(high)}"
