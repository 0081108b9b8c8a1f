"""One lead's way through the house, followed from the pull to the last record of a real run, and counted.

    python tests/bench/lead_way.py

Starts a practice Salesforce org with one lead who asked for a demo, runs `crmsync run` in this process (the lead gets
another stage and another owner), and follows every call of crmsync's own functions. Counts, however often a place in
the code is passed:

- *rooms*: the packages and modules right below `crmsync` in which the run has been, and the connector;
- *arrows*: pairs of rooms of which one calls the other;
- *calls*: pairs of functions in different rooms of which one calls the other. Each ends in a return to the room that
  called. The room that tells the story, `run`, is where a hop's value is meant to come back to;
- *returns elsewhere*: those calls that come back to any other room: there a lead is handed around by the way.

Nothing of it depends on how a tree is laid out below its rooms: run by another tree's interpreter, the script counts
that tree.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "acceptance"))

from rehearsal import rehearsal, write_world
from small_world import USERS, activity, lead

import crmsync

STORY = "run"
"""The room that tells the story of a run, in every edition of the house."""
FIRST, LAST = "pull_and_remember", "run_connection"
"""The lead's way begins where the first is called and ends where the second returns."""
CONNECTOR = "connector"

HOUSE = str(Path(crmsync.__file__).parent) + os.sep
CONNECTORS = f"{os.sep}connectors{os.sep}"

Function = tuple[str, str]
"""(file below the package, qualified name)."""


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
            "returns elsewhere": sum(room_of(caller) != STORY for caller, _ in calls),
        }


def room_of(function: Function) -> str:
    """The package or module right below `crmsync`."""
    return Path(function[0]).parts[0].removesuffix(".py")


def followed() -> Way:
    """The way of one lead through a real run. Seconds: about 3."""
    with tempfile.TemporaryDirectory() as folder:
        imported = write_world(Path(folder) / "import", USERS, [lead("one")], [activity("one", "demo_request")])
        with rehearsal(Path(folder) / "rehearsal", "--crm", "salesforce", "--import", str(imported)) as crm:
            events: list[Event] = []
            answer = _traced_run(crm.directory, events)
    [change] = answer["plans"][0]["changes"]
    assert change["stage"], "the lead has to move, or its way is cut short"
    assert change["owner"], "the lead has to move, or its way is cut short"
    assert change["outcome"] == "written"
    names = [event.function[1] for event in events]
    return Way(tuple(events[names.index(FIRST) : len(names) - names[::-1].index(LAST)]))


def _traced_run(directory: Path, events: list[Event]) -> Any:
    from crmsync.cli.main import main

    def follow(frame: FrameType, event: str, result: Any) -> None:
        file = frame.f_code.co_filename
        if event not in {"call", "return"} or not (file.startswith(HOUSE) or CONNECTORS in file):
            return
        place = file.removeprefix(HOUSE) if file.startswith(HOUSE) else f"{CONNECTOR}{file}"
        begins = event == "call"
        values = dict(frame.f_locals) if begins else {"result": result}
        events.append(Event((place, frame.f_code.co_qualname), begins, values))

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
