"""The question before the first write, asked on a terminal: counts of what would move, then yes or no."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

import click

from crmsync.cli.shared import messages
from crmsync.showing.foreign_text import markup

if TYPE_CHECKING:
    from crmsync.run.approval import ApprovalQuestion, Approve
    from crmsync.run.interruption import Interruption

_MOST = 6


def asks_on_a_terminal(
    *,
    yes: bool,
    connections: int,
    paused: Callable[[], AbstractContextManager[None]],
    interruption: Interruption,
    always: bool = False,
) -> Approve:
    """Asks before a run writes to one of several connections, or to one for the first time, or `always`.

    Without a terminal, and with `yes`, nobody is asked. `paused`: what else writes to the terminal keeps still.
    Ctrl-C is a no; where somebody has the program end (`interruption`) it is none.
    """

    def approve(question: ApprovalQuestion) -> bool:
        if yes or not (always or connections > 1 or question.first_time) or not on_a_terminal():
            return True
        with paused(), ended_by_ctrl_c():
            for line in _lines(question):
                messages().print(line)
            try:
                return click.confirm("Write this?", default=False, err=True)
            except click.Abort:
                click.echo(err=True)
                if interruption.by:
                    raise KeyboardInterrupt from None
                return False

    return approve


def on_a_terminal() -> bool:
    """Whether somebody can read a question and answer it."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def ends_by_ctrl_c() -> None:
    """From now on Ctrl-C ends a question at once.

    polars, once it is imported, has signals restart what they interrupt: Ctrl-C would wait for the end of the line.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def ended_by_ctrl_c() -> Iterator[None]:
    """The same within the block; afterwards it does what it did before."""
    before = signal.getsignal(signal.SIGINT)
    ends_by_ctrl_c()
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _lines(question: ApprovalQuestion) -> Iterator[str]:
    plan = question.plan
    first = ", for the first time" if question.first_time else ""
    yield f"[bold]{markup(plan.connection)}[/bold]: {len(plan.changes):,} leads would be written{first}"
    changes = plan.changes
    stages = Counter(f"{it.stage_before or '(empty)'} → {it.stage_after}" for it in changes if it.stage_changes)
    names = question.user_names
    owners = Counter(
        names.get(it.owner_after or "", it.owner_after or "(nobody)") for it in changes if it.owner_changes
    )
    yield f"  stages  {_told(stages)}"
    yield f"  owners  {_told(owners)}"
    near = sorted((it for it in plan.guards if it.limit and it.value), key=lambda it: -it.value / it.limit)
    told = [f"{it.name} {it.value:g} of {it.limit:g}" for it in near][:3]
    yield f"  guards  none breached{'; nearest: ' if told else ''}{markup(', '.join(told))}"
    yield f"  calls   {plan.counts['calls']:,} so far, {question.calls:,} or so to write this"


def _told(counts: Counter[str]) -> str:
    told = [f"{markup(what)} {count:,}" for what, count in counts.most_common(_MOST)]
    more = f", … and {len(counts) - _MOST:,} more" if len(counts) > _MOST else ""
    return ", ".join(told) + more if told else "none change"
