"""What to do next as the console says it: by a page of its own where commands name a command."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from crmsync.errors import CrmsyncError, NextStep
from crmsync.tongue import Tongue, to_say


@dataclass(frozen=True, slots=True)
class Next:
    """`words`: what to do; `path`: the page on which that is done; null = the words alone say it."""

    words: str
    path: str | None = None


def next_of(error: CrmsyncError | None, tongue: Tongue) -> Next | None:
    """What is to be done about an error; null where nobody knows."""
    if error is None or error.hint is None:
        return None
    if error.step is None or error.hint != error.step.command:
        return Next(error.hint)
    return step_said(error.step, tongue)


def step_said(step: NextStep, tongue: Tongue) -> Next:
    """The same step on its page."""
    words, path = _STEPS[step.what]
    return Next(tongue.say(words, about=step.about), path(step.about))


def told_next(told: Mapping[str, Any], tongue: Tongue) -> Next:
    """The same of an error that another process has told as `hint` and `step`."""
    step = told.get("step")
    return step_said(NextStep(**step), tongue) if step else Next(told["hint"])


def page_of(command: str, tongue: Tongue) -> Next | None:
    """The page that does what a command would; null where none does."""
    for pattern, words, path in _PAGES:
        if found := pattern.fullmatch(command):
            return Next(tongue.say(words), path(*found.groups()))
    return None


def _plan(connection: str) -> str:
    return f"/plan/{quote(connection, safe='')}"


_STEPS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "make_plan": (to_say("Make the plan of {about} anew"), _plan),
    "look_at_runs": (to_say("Look at the runs"), lambda _: "/runs"),
    "look_at_run": (to_say("Look at run {about}"), lambda run: f"/runs/{run}"),
}
_NAME = r"([^\s-]\S*)"
_PAGES: tuple[tuple[re.Pattern[str], str, Callable[..., str]], ...] = (
    (re.compile(rf"crmsync run {_NAME}(?: --dry-run)?"), to_say("Make the plan"), _plan),
    (re.compile(rf"crmsync runs {_NAME}"), to_say("Look at the runs"), lambda it: f"/runs?{_of(it)}"),
    (re.compile(r"crmsync undo (\d+) --dry-run"), to_say("Look at the run"), lambda run: f"/runs/{run}"),
    (
        re.compile(rf"crmsync report conflicts {_NAME}"),
        to_say("Look at the conflicts"),
        lambda it: f"/reports/conflicts?{_of(it)}",
    ),
    (
        re.compile(rf"crmsync report hand-offs {_NAME} --late"),
        to_say("Look at the late ones"),
        lambda it: f"/reports/hand-offs?{_of(it, late='only')}",
    ),
)


def _of(connection: str, **more: str) -> str:
    return urlencode({"connection": connection, **more})
