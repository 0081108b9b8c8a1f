"""The two trees of a lead's story: the ladder with its conditions, and the points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmsync.qualify.telling.explanation import Explanation, ScoreStory
from crmsync.showing.explain.story_steps import ToldCondition, told_steps
from crmsync.showing.explain.story_words import cut_told, rules_told, span_told
from crmsync.showing.foreign_text import markup
from crmsync.tongue import ENGLISH, Tongue

if TYPE_CHECKING:
    from rich.tree import Tree

MARKS = {"met": "[green]✓[/green]", "not_met": "[red]✗[/red]", "unknown": "[yellow]?[/yellow]"}


def ladder_tree(told: Explanation) -> Tree:
    """Each stage with what it asks."""
    from rich.tree import Tree

    say = told.tongue.say
    tree = Tree(f"[bold]{say('Ladder')}[/bold] ({say('✓ met, ✗ not met, ? not known')})", guide_style="dim")
    for step in told_steps(told):
        branch = tree.add(f"{MARKS[step.verdict]} [bold]{markup(step.stage)}[/bold]  {markup(step.label)}")
        if step.condition:
            _add(branch, step.condition)
    return tree


def _add(tree: Tree, condition: ToldCondition) -> None:
    where = f" [dim]({condition.elsewhere})[/dim]" if condition.elsewhere else ""
    branch = tree.add(f"{MARKS[condition.verdict]} {markup(condition.sentence)}{where}")
    for evidence in condition.evidence:
        branch.add(f"[dim]{markup(evidence)}[/dim]")
    for part in condition.parts:
        _add(branch, part)


def points_tree(scores: Sequence[ScoreStory], tongue: Tongue = ENGLISH) -> Tree:
    """Each score with the rules that gave something, the activities behind them, and what limits took away."""
    from rich.tree import Tree

    tree = Tree(f"[bold]{tongue.say('Points')}[/bold]", guide_style="dim")
    for score in scores:
        band = f" ({markup(score.band)})" if score.band else ""
        branch = tree.add(
            f"[bold]{markup(score.label or score.name)}[/bold] {span_told(*score.points, tongue)}{band}"
        )
        for rule, activities in rules_told(score, tongue):
            below = branch.add(markup(rule))
            for activity in activities:
                below.add(f"[dim]{markup(activity)}[/dim]")
        if score.cut:
            branch.add(f"[dim]{cut_told(score.cut, tongue)}[/dim]")
    return tree
