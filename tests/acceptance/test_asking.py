"""On a terminal a run asks before it writes to a connection for the first time, or to several."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from commands import at_a_terminal
from rehearsal import CRMS, Rehearsal
from small_world import lead

from suite.terminal import plain

QUESTION = "Write this? [y/N]:"


def on_a_terminal(here: Rehearsal, *arguments: str, answers: Sequence[str] = ()) -> tuple[int, str, str]:
    """Exit code, what stdout holds, what the terminal shows; each question gets the next answer."""
    shown, left = "", list(answers)
    said = here.directory.with_name("said")
    said.with_name("said.out").unlink(missing_ok=True)
    env = {"TERM": "xterm", "COLUMNS": "200"}
    with at_a_terminal(*arguments, cwd=here.directory, env=env, said=said, streams=(0, 2)) as seat:
        for piece in seat.pieces():
            shown = plain(shown + piece)
            if left and shown.count(QUESTION) > len(answers) - len(left):
                seat.type(left.pop(0))
        return seat.process.wait(), seat.process.stdout, shown


def test_the_first_write_to_a_connection_is_asked_for(own: Rehearsal) -> None:
    for crm in CRMS:
        code, told, shown = on_a_terminal(own, "run", crm, answers=["n\n"])
        assert code == 3
        assert "not agreed to, nothing was written" in told
        assert own.writes(crm) == []
        assert f"{crm}: 6 leads would be written, for the first time" in shown
        assert "lead → sqo 1" in shown
        assert "owners  " in shown and "guards  none breached" in shown and "calls   " in shown
        code, told, shown = on_a_terminal(own, "run", crm, answers=["y\n"])
        assert (code, shown.count(QUESTION), "carried out" in told) == (0, 1, True)
        own.edit(crm, leads=[lead("fresh", owner=None)])
        own.edit(crm, leads=[{"id": "fresh", "last_name": "Changed just now"}])
        last = own.last_write(crm)
        code, told, shown = on_a_terminal(own, "run", crm)
        assert (code, shown.count(QUESTION), "carried out" in told) == (0, 0, True), "the second time nobody is asked"
        assert len(own.writes(crm, last)) == 1


@pytest.mark.breadth
def test_several_connections_are_asked_for_one_by_one(own: Rehearsal) -> None:
    code, told, shown = on_a_terminal(own, "run", "--format", "json", answers=["y\n", "\x04"])
    assert (code, shown.count(QUESTION)) == (3, 2)
    assert '"declined"' in told
    assert (len(own.writes("salesforce")) > 0, own.writes("hubspot")) == (True, [])
    code, _, shown = on_a_terminal(own, "run", "--yes")
    assert (code, QUESTION in shown) == (0, False)
    assert len(own.writes("hubspot")) > 0


@pytest.mark.breadth
def test_without_a_terminal_nobody_is_asked_and_dry_runs_ask_nothing(own: Rehearsal) -> None:
    code, _, shown = on_a_terminal(own, "run", "--dry-run")
    assert (code, QUESTION in shown) == (0, False)
    done = own.crmsync("run")
    assert (done.returncode, QUESTION in done.stderr) == (0, False)
