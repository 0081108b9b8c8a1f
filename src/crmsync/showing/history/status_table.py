"""How connections stand, in ten lines each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crmsync.operations.status.status import Status
from crmsync.showing.foreign_text import markup
from crmsync.showing.history.runs_table import kind_of
from crmsync.showing.instants import instant
from crmsync.store import TellingsStanding

_WAITS_FOR = {
    "run": "; waits for the run at work to end",
    "mending": "; waits for its files to be mended",
    "service": "; waits for `crmsync serve` to begin it",
    "quiet_hours": ", when its quiet hours end",
}
"""Behind the time of the next run, where it is not the time alone."""


def status_parts(status: Status) -> Iterator[Any]:
    """Renderables for one connection."""
    verdict = "[red]needs a person[/red]" if status.attention else "[green]all well[/green]"
    yield f"\n[bold]{markup(status.connection)}[/bold]: {verdict}"
    for name, value in _lines(status):
        yield f"  {name:<14}{value}"
    for words in status.attention:
        yield f"  [yellow]! {markup(words)}[/yellow]"


def _lines(status: Status) -> Iterator[tuple[str, str]]:
    yield "writes", "on" if status.writes else "off (plans only; `writes: on` in crmsync.yaml)"
    yield "last run", _last(status)
    since = instant(status.next_run)
    waits = status.next_run < status.now and not status.running
    told = f"due now by its schedule, since {since}" if waits else f"{since} by its schedule"
    yield "next run", told + _WAITS_FOR.get(status.waits_for, "")
    lag = status.lag_minutes
    yield (
        "lag",
        "never read" if lag is None else f"{lag:,} {'minute' if lag == 1 else 'minutes'} since the CRM was read",
    )
    yield "due", f"{status.due:,} of {status.leads:,} leads"
    yield "guard", ", ".join(each.name for each in status.guard) or "none is open"
    yield "set aside", f"{status.set_aside:,} in the last run"
    if status.nobody_yet is not None:
        yield (
            "nobody yet",
            f"{status.nobody_yet:,} leads without an owner, or in a raw queue, as policy and roster say",
        )
    left = status.calls_left
    yield "quota left", "not told by the CRM" if left is None else f"{left:,} calls at the last run"
    late = "" if status.hand_offs.late is None else f", {status.hand_offs.late:,} late"
    yield "hand-offs", f"{status.hand_offs.under_way:,} under way, {status.hand_offs.waiting:,} waiting{late}"
    if status.tellings is not None:
        yield "told", _told(status.tellings)
    held, pinned, stopped, undone = (status.count(cause) for cause in ("held", "pinned", "stopped", "undone"))
    told = f"{held:,} held, {pinned:,} pinned in the CRM, {stopped:,} stopped"
    yield "left alone", f"{told}, {undone:,} taken back" if undone else told


def _told(it: TellingsStanding) -> str:
    if not it.anything:
        return "nothing yet by the CRM itself"
    last = "" if it.last_at is None else f", the last {instant(it.last_at)}"
    waiting = f"{it.waiting:,} to be read" + ("" if it.oldest_at is None else f" since {instant(it.oldest_at)}")
    refused = ", ".join(f"{number:,} {reason.replace('_', ' ')}" for reason, number in it.refused.items())
    parts = [f"{it.taken:,} records by the CRM itself{last}", waiting]
    parts += [f"listens to {markup(each.channel)}, heard {instant(each.heard_at)}" for each in it.subscribed]
    parts += [f"refused: {refused}"] if refused else []
    if it.lost_at is not None:
        times = "once" if it.lost == 1 else f"{it.lost:,} times"
        parts += [f"changes were missed {times} and read again, the last time {instant(it.lost_at)}"]
    return "; ".join(parts)


def _last(status: Status) -> str:
    line = status.last
    if line is None:
        return "none yet"
    if line.run.exit_code is None:
        end = "is at work" if status.running else "did not end"
    else:
        end = f"exit {line.run.exit_code}"
    by = f" by {markup(line.run.by)}" if line.run.by else ""
    return f"{line.run.id} ({kind_of(line)}), {instant(line.run.started_at)}{by}: {end}"
