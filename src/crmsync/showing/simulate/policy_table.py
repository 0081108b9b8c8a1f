"""A simulation as people read it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from crmsync.operations.simulate.policy import Mover, Simulation
from crmsync.showing.foreign_text import markup, markup_lines
from crmsync.showing.record_link import linked
from crmsync.tongue import ENGLISH, Tongue, to_say

if TYPE_CHECKING:
    from rich.table import Table

ARROW = "→"
UNMANAGED = to_say("(not managed)")
_STYLES = {"up": "green", "down": "red", "beside": "yellow", "same": "dim"}


def simulation_parts(simulation: Simulation, *, show: int) -> Iterator[Any]:
    """Renderables for one connection. `show`: how many leads to list (0 = all)."""
    yield ""
    yield f"[bold]{markup(simulation.connection)}[/bold] · as of {simulation.as_of} · [cyan]nothing is written[/cyan]"
    yield f"  {markup(simulation.policy.name)} ({simulation.policy.digest[:8]}) instead of " + (
        f"{markup(simulation.against.name)} ({simulation.against.digest[:8]})"
    )
    yield f"  {simulation.leads:,} leads · [bold]{simulation.moved():,} move[/bold]: {told_moves(simulation)}"
    yield _stages(simulation)
    if simulation.moved():
        yield _moves(simulation)
    yield _owners(simulation)
    for name in simulation.by:
        yield _by(simulation, name)
    if simulation.movers:
        listed = some_of(simulation.movers, show)
        yield _leads(simulation, listed)
        hidden = len(simulation.movers) - len(listed)
        if hidden:
            yield f"  … and {hidden:,} more leads. All of them: --show 0, or --format json."


def told_moves(simulation: Simulation, tongue: Tongue = ENGLISH) -> str:
    """Up, down and beside in words, with hand-offs and what is set aside."""
    say, number = tongue.say, tongue.number
    up, down, beside = (number(simulation.moved(way)) for way in ("up", "down", "beside"))
    words = [say("{up} up, {down} down", up=up, down=down)]
    if simulation.moved("beside"):
        words[0] += ", " + say("{number} to or from a stage on neither ladder", number=beside)
    offs, aside = simulation.hand_offs, simulation.set_aside
    before, after = map(number, offs)
    words.append(say("leads that get an owner: {before} before, {after} after", before=before, after=after))
    if any(aside):
        before, after = map(number, aside)
        words.append(say("set aside: {before} before, {after} after", before=before, after=after))
    return " · ".join(words)


def told_pair(before: int, after: int, tongue: Tongue = ENGLISH) -> str:
    """One number when both are the same."""
    now = tongue.number(after)
    return now if before == after else f"{tongue.number(before)} {ARROW} {now}"


def label(simulation: Simulation, stage: str | None, tongue: Tongue = ENGLISH) -> str:
    """A stage in the policy's words."""
    return tongue.say(UNMANAGED) if stage is None else tongue.own(simulation.labels.get(stage, stage))


def person(simulation: Simulation, owner: str | None, tongue: Tongue = ENGLISH) -> str:
    """An owner's name."""
    return tongue.say("(nobody)") if owner is None else simulation.user_names.get(owner, owner)


def _stages(simulation: Simulation) -> Table:
    rows = [(label(simulation, stage), *pair) for stage, pair in simulation.stages.items()]
    return _table(("Stage", "Before", "After", "Difference"), [(*row, row[2] - row[1]) for row in rows])


def _moves(simulation: Simulation) -> Table:
    rows = [
        (f"{label(simulation, move.before)} {ARROW} {label(simulation, move.after)}", move.direction, move.leads)
        for move in simulation.moves
        if move.direction != "same"
    ]
    return _table(("Move", "Way", "Leads"), rows)


def _owners(simulation: Simulation) -> Table:
    rows = [
        (person(simulation, load.owner), load.now, load.before, load.after, load.after - load.before)
        for load in simulation.owners
    ]
    return _table(("Owner", "Leads now", "Before", "After", "Difference"), rows)


def _by(simulation: Simulation, name: str) -> Table:
    stages = list(simulation.stages)
    head = (name, "Leads", "Up", "Down", *stages)
    rows = []
    for part in simulation.by[name]:
        pairs = [part.stages.get(stage, (0, 0)) for stage in stages]
        words = [told_pair(*pair) for pair in pairs]
        rows.append((part.value or "(not known)", part.leads, part.up, part.down, *words))
    return _table(head, rows)


def _leads(simulation: Simulation, movers: Sequence[Mover]) -> Table:
    from rich.table import Table

    table = Table(padding=(0, 1), show_edge=False)
    for name in ("Lead", "Name", "Stage", "Owner", "Why before", "Why now"):
        table.add_column(name, overflow="fold", no_wrap=name == "Lead", ratio=4 if name.startswith("Why") else None)
    for mover in movers:
        stage = f"{markup(label(simulation, mover.before))} {ARROW} {markup(label(simulation, mover.after))}"
        owners = [markup(person(simulation, owner)) for owner in (mover.owner_before, mover.owner_after)]
        table.add_row(
            linked(markup(mover.lead), mover.url),
            markup(mover.name),
            f"[{_STYLES[mover.direction]}]{stage}[/]" if mover.direction != "same" else "[dim]same[/dim]",
            owners[1] if owners[0] == owners[1] else f"{owners[0]} {ARROW} {owners[1]}",
            markup_lines(mover.reasons_before),
            markup_lines(mover.reasons),
        )
    return table


def some_of(movers: Sequence[Mover], show: int) -> list[Mover]:
    """At most `show` leads (0 = all): some of every move in turn, those with another owner only last."""
    kinds: dict[tuple[str | None, str | None], list[Mover]] = {}
    for mover in movers:
        if mover.direction != "same":
            kinds.setdefault((mover.before, mover.after), []).append(mover)
    in_turn = [mover for row in zip_longest(*kinds.values()) for mover in row if mover is not None]
    in_order = [*in_turn, *(mover for mover in movers if mover.direction == "same")]
    return in_order[:show] if show else in_order


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2), show_edge=False, pad_edge=True)
    for index, name in enumerate(head):
        table.add_column(markup(name), justify="right" if index and name not in {"Way"} else "left")
    for row in rows:
        last = len(row) - 1
        signed = head[-1] == "Difference"
        cells = [f"{cell:+,}" if signed and at == last and cell else _cell(cell) for at, cell in enumerate(row)]
        table.add_row(*cells)
    return table


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else markup(str(value))
