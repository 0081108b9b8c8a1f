"""Long work behind pages: the newest text wins, nothing goes on for ever, what was found is kept for its reader."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from crmsync.console.drafts import Draft, Drafts
from crmsync.console.errands import Errands
from crmsync.console.trials import Trial, Trials
from crmsync.errors import RunStopped, UsageError
from crmsync.operations.edit.opened_file import OpenedFile
from suite.waiting import wait_until

CONFIG = Path("crmsync.yaml")
PROGRAM = """
import sys, time, json
text = sys.stdin.read()
print("no answer, but a line of a log")
print(json.dumps({"examples": text}), flush=True)
if text == "slow":
    time.sleep(60)
if text != "broken":
    print(json.dumps({"simulations": [sys.argv[1]]}), flush=True)
"""


def trials(longest_seconds: float = 30.0) -> Trials:
    return Trials(longest_seconds, (sys.executable, "-S", "-c", PROGRAM))


def ended(trial: Trial) -> None:
    wait_until(lambda: trial.ended is not None)


def test_a_trial_tells_its_quick_part_first_and_then_the_rest() -> None:
    made = trials()
    trial = made.begin("ada", "1", CONFIG, "text")
    ended(trial)
    assert (trial.state, trial.told) == ("done", {"examples": "text", "simulations": ["crmsync.yaml"]})
    assert made.of("ada") == (trial, trial)
    assert made.of("ben") == (None, None)
    assert made.begin("ada", "1", CONFIG, "text") is trial  # found already
    assert made.begin("ben", "1", CONFIG, "text") is not trial


def test_the_newest_text_wins_and_what_was_found_before_is_kept() -> None:
    made = trials()
    first = made.begin("ada", "1", CONFIG, "first")
    ended(first)
    slow = made.begin("ada", "2", CONFIG, "slow")
    wait_until(lambda: slow.told)
    assert made.of("ada") == (slow, first)
    last = made.begin("ada", "3", CONFIG, "last")
    ended(slow)
    ended(last)
    assert (slow.state, last.state) == ("overtaken", "done")
    assert slow.process is not None
    assert slow.process.poll() is not None
    assert made.of("ada") == (last, last)


def test_what_takes_too_long_is_stopped() -> None:
    slow = trials(longest_seconds=0.5).begin("ada", "1", CONFIG, "slow")
    ended(slow)
    assert slow.state == "too_long"


def test_what_cannot_be_begun_has_failed_and_is_tried_again() -> None:
    made = Trials(call=("/nowhere/python",))
    trial = made.begin("ada", "1", CONFIG, "text")
    ended(trial)
    assert trial.state == "failed"
    assert made.begin("ada", "1", CONFIG, "text") is not trial


def test_nothing_is_tried_any_longer_once_the_console_ends() -> None:
    made = trials()
    trial = made.begin("ada", "1", CONFIG, "slow")
    wait_until(lambda: "examples" in trial.told)
    made.close()
    ended(trial)
    assert trial.state == "overtaken"


def test_what_ends_without_an_answer_has_failed() -> None:
    made = trials()
    broken = made.begin("ada", "1", CONFIG, "broken")
    ended(broken)
    assert broken.state == "failed"
    assert made.of("ada") == (broken, None)


def test_while_a_question_is_asked_it_is_not_asked_again() -> None:
    errands, go, asked = Errands(), Event(), []

    def ask(progress: Callable[[str, int, int | None], None]) -> str:
        asked.append(1)
        progress("looking", 3, 10)
        go.wait(10)
        return "found"

    first = errands.send(("c",), ask)
    wait_until(lambda: first.total)
    assert errands.send(("c",), ask) is first
    assert (first.working, first.done, first.total) == (True, 3, 10)
    go.set()
    wait_until(lambda: not first.working)
    assert (first.answer, asked) == ("found", [1])
    assert errands.of(("c",)) is first
    assert errands.of(("d",)) is None


def test_an_answer_grows_old_and_a_refusal_is_told_in_words() -> None:
    def refuse(_progress: object) -> None:
        raise RunStopped("the CRM does not answer")

    errands = Errands(kept_seconds=0.05)
    errand = errands.send(("c",), refuse)
    wait_until(lambda: not errand.working)
    assert errand.error is not None
    assert errand.error.message == "the CRM does not answer"
    wait_until(lambda: errands.of(("c",)) is None)


def test_changes_are_found_by_their_maker_alone_and_the_oldest_go() -> None:
    drafts, file = Drafts(), OpenedFile("m.yaml", Path("m.yaml"), "a", "digest")
    number = drafts.keep(Draft("ada", "c", file, "b"))
    assert drafts.of(number, "ada", "c").text == "b"
    for who, about in (("ben", "c"), ("ada", "d")):
        with pytest.raises(UsageError, match="no longer kept"):
            drafts.of(number, who, about)
    for _ in range(64):
        drafts.keep(Draft("ben", "c", file, "b"))
    with pytest.raises(UsageError):
        drafts.of(number, "ada", "c")
