"""Policies that are being tried, each in a process of its own: one at work for each reader; the newest text wins."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import structlog

log = structlog.get_logger()

State = Literal["working", "done", "failed", "too_long", "overtaken"]
LONGEST_SECONDS = 180.0
CALL = (sys.executable, "-m", "crmsync.console.trial_process")
_MOST_AT_ONCE = 2
_MOST_KEPT = 16


@dataclass
class Trial:
    """One text. `told`: what has been found so far; `began`, `ended`: seconds of a clock that only goes on."""

    digest: str
    state: State = "working"
    told: dict[str, Any] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def age_seconds(self) -> int:
        """Since it ended; while it is at work, since it began."""
        return round(time.monotonic() - (self.began if self.ended is None else self.ended))


class Trials:
    """Of all readers of this console."""

    def __init__(self, longest_seconds: float = LONGEST_SECONDS, call: Sequence[str] = CALL) -> None:
        """None is begun yet. `call`: what is started, before the name of crmsync.yaml."""
        self._longest = longest_seconds
        self._call = call
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(_MOST_AT_ONCE)
        self._latest: dict[str, Trial] = {}
        self._finished: dict[str, Trial] = {}

    def begin(self, who: str, digest: str, config: Path, text: str) -> Trial:
        """Try a text, unless that is what is being tried; whatever the reader tried before is ended."""
        with self._lock:
            before = self._latest.get(who)
            if before is not None and before.digest == digest and before.state in ("working", "done"):
                return before
            if before is not None:
                _overtake(before)
            trial = self._latest[who] = Trial(digest)
            while len(self._latest) > _MOST_KEPT:
                _overtake(self._latest.pop(next(iter(self._latest))))
        threading.Thread(target=self._work, args=(who, trial, config, text), name="trial", daemon=True).start()
        return trial

    def of(self, who: str) -> tuple[Trial | None, Trial | None]:
        """(the reader's newest, the last one that came to its end)."""
        with self._lock:
            return self._latest.get(who), self._finished.get(who)

    def close(self) -> None:
        """End what is at work: nobody is left to look at it."""
        with self._lock:
            for trial in self._latest.values():
                _overtake(trial)

    def _work(self, who: str, trial: Trial, config: Path, text: str) -> None:
        with self._slots:
            if trial.state != "working":
                return
            try:
                self._tried(trial, config, text)
            except OSError as error:  # this machine has no room for another process
                log.warning("a policy could not be tried", error=type(error).__name__)
        self._ended(who, trial)

    def _tried(self, trial: Trial, config: Path, text: str) -> None:
        call = [*self._call, str(config)]
        with subprocess.Popen(  # noqa: S603 - this Python, this module, and a file that was read already
            call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            trial.process = process
            if trial.state != "working":  # between the look and the start
                process.kill()
            timer = threading.Timer(self._longest, _stop, (trial, "too_long"))
            timer.daemon = True
            timer.start()
            try:
                _send(process, text)
                for line in process.stdout or ():
                    trial.told = {**trial.told, **_read(line)}
            finally:
                timer.cancel()

    def _ended(self, who: str, trial: Trial) -> None:
        with self._lock:
            trial.ended = time.monotonic()
            if trial.state == "working":
                trial.state = "done" if "simulations" in trial.told else "failed"
            if trial.state == "done":
                self._finished[who] = trial
                while len(self._finished) > _MOST_KEPT:
                    del self._finished[next(iter(self._finished))]


def _overtake(trial: Trial) -> None:
    if trial.state == "working":
        _stop(trial, "overtaken")


def _stop(trial: Trial, state: State) -> None:
    if trial.state == "working":
        trial.state = state
        if trial.process is not None:
            trial.process.kill()


def _send(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(text.encode("utf-8"))
        process.stdin.close()
    except BrokenPipeError:  # it was ended before it read
        pass


def _read(line: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
