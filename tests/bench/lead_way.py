"""One lead's way through the house, followed from the pull to the last record of a real run, and counted.

    python tests/bench/lead_way.py

Starts a practice Salesforce org with one lead who asked for a demo, runs `crmsync run` in this process (the lead gets
another stage and another owner), and follows every call of crmsync's own functions. Counts, however often a place in
the code is passed:

- *rooms*: the packages and modules right below `crmsync` in which the run has been, and the connector;
- *arrows*: pairs of rooms of which one calls the other;
- *calls*: pairs of functions in different rooms of which one calls the other. Each ends in a return to the room that
  called. The room that tells the story, `run`, is where a hop's value is meant to come back to;
- *returns elsewhere*: those calls that come back to any other room: there a lead is handed around by the way. What a
  value of `model` tells of itself, the copy of a value, how a tongue words something, and what a span is told, is no
  hand that a lead goes through, and not counted there.

Nothing of it depends on how a tree is laid out below its rooms, nor on its tests: run by another tree's interpreter,
the script counts that tree.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import crmsync

STORY, VALUES = "run", ("model", "tongue", "languages", "spans", "values")
"""The room that tells the story of a run, and those of the values and words all rooms know, in every edition. A span
is told of numbers only."""
FIRST, LAST = "pull_and_remember", "run_connection"
"""The lead's way begins where the first is called and ends where the second returns."""
CONNECTOR = "connector"
LATE = ("faces.py", "patterns.py")
"""What imports a module or compiles a pattern when it is first asked for: Python's part, and not on anybody's way."""

HOUSE = str(Path(crmsync.__file__).parent) + os.sep
CONNECTORS = f"{os.sep}connectors{os.sep}"

Function = tuple[str, str]
"""(file below the package, qualified name)."""

WORLD: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "users": tuple(
        {"id": role, "type": "person", "name": role, "email": f"{role}@seller.example", "roles": [role]}
        for role in ("bdr", "ae")
    ),
    "leads": (
        {
            "id": "one", "email": "one@buyer.example", "first_name": "Xenia", "last_name": "One",
            "company": "One Works", "owner": "bdr", "stage": {"salesforce": "Open - Not Contacted"}, "attributes": {},
            "created_at": "2025-11-03T09:00:00Z", "modified_at": "2025-11-03T09:00:00Z",
        },
    ),
    "activities": (
        {
            "id": "demo", "lead": "one", "kind": "demo_request", "at": "2026-01-01T00:05:00Z", "by": None,
            "direction": "inbound", "outcome": "completed", "subject": "Asked for a demo",
        },
    ),
}  # fmt: skip
"""An import of the practice CRM: one lead of a BDR on the lowest rung, who asked for a demo."""


@dataclass(frozen=True)
class Event:
    """A function is called or resumed, or it returns or yields. `values`: its arguments by name, or the `result`."""

    function: Function
    begins: bool
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Way:
    """What the run passed, in order; only functions of crmsync and of the connector."""

    events: tuple[Event, ...]

    def crossings(self) -> Iterator[tuple[Function, Function]]:
        """(caller, called) of every call from one room into another, as often as it happens."""
        stack: list[Function] = []
        for event in self.events:
            if not event.begins:
                if stack:
                    stack.pop()
                continue
            if stack and room_of(stack[-1]) != room_of(event.function):
                yield stack[-1], event.function
            stack.append(event.function)

    def counted(self) -> dict[str, int]:
        """The figures, by name."""
        calls = set(self.crossings())
        return {
            "rooms": len({room_of(event.function) for event in self.events}),
            "arrows": len({(room_of(caller), room_of(called)) for caller, called in calls}),
            "calls": len(calls),
            "returns elsewhere": sum(
                room_of(caller) != STORY and room_of(called) not in VALUES for caller, called in calls
            ),
        }


def room_of(function: Function) -> str:
    """The package or module right below `crmsync`."""
    return Path(function[0]).parts[0].removesuffix(".py")


def followed() -> Way:
    """The way of one lead through a real run. Seconds: about 3."""
    events: list[Event] = []
    with tempfile.TemporaryDirectory() as folder, practice(Path(folder)) as directory:
        answer = _traced_run(directory, events)
    [change] = answer["plans"][0]["changes"]
    moves = bool(change["stage"]) and bool(change["owner"]) and change["outcome"] == "written"
    assert moves, "the lead has to move, or its way is cut short"
    names = [event.function[1] for event in events]
    return Way(tuple(events[names.index(FIRST) : len(names) - names[::-1].index(LAST)]))


@contextlib.contextmanager
def practice(folder: Path) -> Iterator[Path]:
    """A practice Salesforce org with the world, until the end of the block; gives the configuration beside it."""
    imported, directory = folder / "import", folder / "rehearsal"
    imported.mkdir()
    for name, rows in WORLD.items():
        (imported / f"{name}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    command = [sys.executable, "-m", "crmsync", "practice", "serve", "--crm", "salesforce", "--port", "0"]
    command += ["--import", str(imported), "--config-dir", str(directory)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline(), "the practice CRM did not start"
        yield directory
    finally:
        process.terminate()
        process.communicate()


def _traced_run(directory: Path, events: list[Event]) -> Any:
    from crmsync.cli.main import main

    def follow(frame: FrameType, event: str, result: Any) -> None:
        file = frame.f_code.co_filename
        if event not in {"call", "return"} or not (file.startswith(HOUSE) or CONNECTORS in file):
            return
        place = file.removeprefix(HOUSE) if file.startswith(HOUSE) else f"{CONNECTOR}{file}"
        if place in LATE:
            return
        begins = event == "call"
        values = dict(frame.f_locals) if begins else {"result": result}
        events.append(Event((place, frame.f_code.co_qualname), begins, values))

    for module in pkgutil.walk_packages(crmsync.__path__, "crmsync."):
        if not {"__main__", "migrations"} & {*module.name.split(".")}:
            importlib.import_module(module.name)  # what modules do when they are imported is no part of the way
    before, argv, out = Path.cwd(), sys.argv, io.StringIO()
    os.chdir(directory)
    sys.argv = ["crmsync", "run", "--format", "json"]
    try:
        with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
            sys.setprofile(follow)
            main()
    finally:
        sys.setprofile(None)
        os.chdir(before)
        sys.argv = argv
    return json.loads(out.getvalue())


def main() -> None:
    """Print the figures."""
    for name, number in followed().counted().items():
        print(f"{number:>5} {name}")


if __name__ == "__main__":
    main()
