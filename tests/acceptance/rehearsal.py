"""A practice CRM in its own process with a configuration beside it, and the real command run as a subprocess."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READY_SECONDS = 60


@dataclass(frozen=True)
class Rehearsal:
    """`directory` holds crmsync.yaml and all it names; `urls` maps CRM → base URL."""

    directory: Path
    urls: Mapping[str, str]

    def crmsync(self, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run the command in the configuration's folder and wait for it."""
        return crmsync(*arguments, cwd=self.directory, env=env)

    def json(self, *arguments: str, code: int | Sequence[int] = 0) -> Any:
        """Run with --format json; the exit code must be as expected; gives the parsed answer."""
        done = self.crmsync(*arguments, "--format", "json")
        codes = [code] if isinstance(code, int) else list(code)
        assert done.returncode in codes, f"exit {done.returncode}\n{done.stderr}\n{done.stdout[-2000:]}"
        return json.loads(done.stdout)

    def control(self, crm: str, path: str, method: str = "GET", body: Any = None) -> Any:
        """Ask the practice CRM's control API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.urls[crm]}/_practice/{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def state(self, crm: str) -> dict[str, list[dict[str, Any]]]:
        """What the CRM holds, in the import shape."""
        answer: dict[str, list[dict[str, Any]]] = self.control(crm, "state")
        return answer

    def writes(self, crm: str, after: int = 0) -> list[dict[str, Any]]:
        """The CRM's log of writes."""
        answer: list[dict[str, Any]] = self.control(crm, f"log?after={after}")
        return answer


def crmsync(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    """The command as users run it. The environment holds no CRMSYNC_ variable but the given ones."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CRMSYNC_")}
    return subprocess.run(
        [sys.executable, "-m", "crmsync", *arguments],
        cwd=cwd,
        env={**clean, "NO_COLOR": "1", **(env or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@contextmanager
def rehearsal(directory: Path, *options: str) -> Iterator[Rehearsal]:
    """Start `crmsync practice serve` with these options and a configuration in `directory`."""
    command = [
        sys.executable,
        "-m",
        "crmsync",
        "practice",
        "serve",
        "--port",
        "0",
        "--config-dir",
        str(directory),
        *options,
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        assert line, f"the practice CRM did not start: {process.stderr.read()}"
        yield Rehearsal(directory, json.loads(line))
    finally:
        process.terminate()
        process.communicate(timeout=READY_SECONDS)


def write_world(
    directory: Path,
    users: Sequence[Mapping[str, Any]],
    leads: Sequence[Mapping[str, Any]],
    activities: Sequence[Mapping[str, Any]] = (),
) -> Path:
    """An import directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, rows in (("users", users), ("leads", leads), ("activities", activities)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (directory / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return directory


def wait_until(question: Any, seconds: float = 60, what: str = "it") -> Any:
    """Ask until the answer is true; gives it. Fails after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.2)
    raise AssertionError(f"{what} did not happen within {seconds} s")
