"""Bars and questions on one terminal."""

from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console

from crmsync.cli import shared

UP = "\x1b[1A"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_that_goes_on_after_a_question_leaves_the_question_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would go up as many lines as it had shown before, and wipe what was said meanwhile."""
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(shared, "messages", lambda: Console(file=shown, force_terminal=True, width=80))
    with shared.progress_bar() as progress:
        for what in ("fields", "records", "users"):
            progress(what, 1, 2)
        with progress.paused():
            shown.write("What do you sell?\n")
        progress("fields", 2, 2)
        after = shown.getvalue().partition("What do you sell?")[2]
    assert "fields" in after, "the bar is there again"
    assert UP not in after
