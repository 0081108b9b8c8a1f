"""Suggestions to agree on, as tables of 80 columns: fields of facts, values of stages, roles of people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from crmsync.operations.fields.masking import masked_values
from crmsync.operations.init.chosen import ChosenSetUp, FactChosen
from crmsync.showing.foreign_text import markup, markup_lines, one_line

_VALUES = 3
_OTHERS = 8


def facts_parts(chosen: ChosenSetUp, title: str) -> Iterator[Any]:
    """Facts with their fields, then stages with their values."""
    table = Table(box=None, padding=(0, 1), show_edge=False)
    for heading in ("Fact", f"Field of {title}"):
        table.add_column(markup(heading), overflow="fold", ratio=3)
    table.add_column("Sure", justify="right", no_wrap=True)
    table.add_column("Filled", justify="right", no_wrap=True)
    table.add_column("Most frequent", overflow="fold", ratio=4)
    for fact in chosen.facts:
        table.add_row(*_row(fact))
    yield table
    stages = Table(box=None, padding=(0, 1), show_edge=False)
    stages.add_column("Stage")
    stages.add_column("Value in the CRM", overflow="fold")
    for stage, value in chosen.stages.items():
        stages.add_row(markup(stage), markup(_told(value)))
    for stage in chosen.missing_stages:
        stages.add_row(markup(stage), "[yellow]none: the policy goes without it[/yellow]")
    if chosen.left_alone:
        stages.add_row("[dim](left alone)[/dim]", f"[dim]{markup(', '.join(chosen.left_alone))}[/dim]")
    yield ""
    yield stages


def _row(fact: FactChosen) -> tuple[str, ...]:
    if fact.field is None:
        return markup(fact.fact), "[yellow]unmapped[/yellow]", "", "", ""
    names = [fact.field.label, *([fact.field.name] if fact.field.name != fact.field.label else [])]
    sure = f"{100 * fact.candidate.confidence:.0f} %" if fact.candidate else "-"
    filled = "-" if fact.field.filled is None else f"{100 * fact.field.filled:.0f} %"
    return markup(fact.fact), markup_lines(names), sure, filled, markup(_values(fact))


def _values(fact: FactChosen) -> str:
    from collections import Counter

    assert fact.field is not None
    counted = Counter(dict(fact.field.values))
    told = masked_values(counted, fact.field.type, personal=False, most=_VALUES)
    words = {native: word for native, word in fact.values.items() if word and word != native}
    return ", ".join(one_line(f"{value} = {words[value]}" if value in words else value, 30) for value, _ in told)


def _told(value: Any) -> str:
    """A stage's value as a mapping file has it, in words."""
    if isinstance(value, dict):
        if set(value) == {"label"}:
            return str(value["label"])
        return ", ".join(f"{name} = {_told(inner)}" for name, inner in (value.get("set") or value).items())
    return ", ".join(map(_told, value)) if isinstance(value, list) else str(value)


def people_parts(chosen: ChosenSetUp) -> Iterator[Any]:
    """Who has which role and why; who has none, and what is known of them."""
    table = Table(box=None, padding=(0, 1), show_edge=False)
    for heading in ("Person", "Role", "Why"):
        table.add_column(heading, overflow="fold")
    for person in (*chosen.people, *chosen.others[:_OTHERS]):
        user = person.user
        names = [user.name, *([user.email] if user.email else [user.id])]
        table.add_row(markup_lines(names), markup(", ".join(person.roles) or "none"), markup(person.why))
    if chosen.people or chosen.others:
        yield table
    if len(chosen.others) > _OTHERS:
        keys = [it.user.email or it.user.id for it in chosen.others[_OTHERS:]]
        more = f" and {len(keys) - _OTHERS:,} more" if len(keys) > _OTHERS else ""
        yield f"[dim]Without a role, too: {markup(', '.join(keys[:_OTHERS]))}{more}[/dim]"
