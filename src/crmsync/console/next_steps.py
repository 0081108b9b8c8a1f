"""What to do next as the console says it: by a page of its own where commands name a command."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
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


def place_of(command: str, tongue: Tongue) -> Next | None:
    """The page that a sentence can name in a command's place; null where none does what it does."""
    for pattern, words, path in _PLACES:
        if found := pattern.fullmatch(command):
            return Next(tongue.say(words, **found.groupdict()), path(found.groupdict()))
    return None


def _plan(connection: str) -> str:
    return f"/plan/{quote(connection, safe='')}"


def _of_one(path: str, found: Mapping[str, str | None]) -> str:
    """The page of the connection that is named, or of all."""
    name = found.get("name")
    return f"{path}/{quote(name, safe='')}" if name else path


def _asked_of(path: str, found: Mapping[str, str | None]) -> str:
    name = found.get("name")
    return f"{path}?{_of(name)}" if name else path


_STEPS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "make_plan": (to_say("Make the plan of {about} anew"), _plan),
    "make_first_plan": (to_say("Make the plan of {about}, which reads the CRM"), _plan),
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
_MAYBE = r"(?: (?P<name>[^\s-]\S*))?"
_PLACES: tuple[tuple[re.Pattern[str], str, Callable[[Mapping[str, str | None]], str]], ...] = (
    (re.compile(rf"crmsync run{_MAYBE}(?: --dry-run)?"), to_say("Plan"), partial(_of_one, "/plan")),
    (re.compile(rf"crmsync runs{_MAYBE}(?: --show \d+)?"), to_say("Runs"), partial(_asked_of, "/runs")),
    (
        re.compile(r"crmsync undo (?P<number>\d+)(?: --dry-run)?"),
        to_say("Run {number}"),
        lambda found: f"/runs/{found['number']}",
    ),
    (
        re.compile(rf"crmsync report conflicts{_MAYBE}"),
        to_say("Conflicts"),
        partial(_asked_of, "/reports/conflicts"),
    ),
    (
        re.compile(rf"crmsync report hand-offs{_MAYBE}"),
        to_say("Hand-offs"),
        partial(_asked_of, "/reports/hand-offs"),
    ),
    (
        re.compile(rf"crmsync holds{_MAYBE}"),
        to_say("Leads that are left alone"),
        partial(_asked_of, "/leads/left-alone"),
    ),
    (re.compile(r"crmsync hold LEAD --release"), to_say("Leads that are left alone"), lambda _: "/leads/left-alone"),
    (re.compile(rf"crmsync report load{_MAYBE}"), to_say("Routing"), partial(_asked_of, "/routing")),
    (
        re.compile(r"crmsync redistribute (?P<name>[^\s-]\S*) --from \S+(?: --dry-run)?"),
        to_say("Routing"),
        partial(_asked_of, "/routing"),
    ),
    (re.compile(r"crmsync policy describe"), to_say("Policy"), lambda _: "/policy"),
    (re.compile(rf"crmsync fields{_MAYBE}"), to_say("Mapping"), partial(_of_one, "/mapping")),
    (re.compile(rf"crmsync status{_MAYBE}"), to_say("Home"), lambda _: "/"),
)


def _of(connection: str, **more: str) -> str:
    return urlencode({"connection": connection, **more})
