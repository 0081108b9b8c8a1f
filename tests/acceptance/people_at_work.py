"""People who edit leads while a run writes them: `python tests/acceptance/people_at_work.py [LEADS]`, on both CRMs.

One lead in twenty, in each of the windows of a run, in turn its stage, its owner, a field that crmsync writes for
reps. What becomes of each edit: kept (given back, where it had to be); lost, and told; lost unseen, which
`test_people_at_work` holds that none is. Exit code: 0, or 1 where something was lost unseen.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from urllib3.connectionpool import HTTPConnectionPool

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `suite`

from rehearsal import CRMS, Rehearsal, rehearsal, write_world
from small_world import EVIDENCE, USERS, activity, lead
from written_fields import asked, held, native, switched_on

WINDOWS = ("before the look", "between look and write", "between write and reading back", "after it")
KINDS = ("stage", "owner", "field")
FIELD = "reasons"
PERSON = "bdr-2"
PARKED = {"salesforce": "Nurturing", "hubspot": "customer"}
WORDS = "She asked for a call on Monday"
READ_PATH = {
    "salesforce": "/composite/sobjects/Lead",
    "hubspot": "/crm/v3/objects/contacts/batch/read",
}
WRITE_PATH = {"salesforce": "/composite", "hubspot": "/crm/v3/objects/contacts/batch/update"}
"""Ends of paths. Salesforce's connector looks, writes and looks again in one call: nobody comes between the last two,
and an edit after the call is one after the run's last look.
"""


@dataclass(frozen=True)
class Edit:
    """What a person did. `end`: what became of it."""

    lead: str
    window: str
    kind: str
    end: str


def edits_among(leads: Sequence[str], crm: str, share: int = 20) -> dict[str, tuple[str, str]]:
    """Lead → (window, kind), for every `share`-th of them, all pairs in turn."""
    windows = [window for window in WINDOWS if crm == "hubspot" or window != WINDOWS[2]]
    pairs = [(window, kind) for kind in KINDS for window in windows]
    return {name: pairs[place % len(pairs)] for place, name in enumerate(sorted(leads)[::share])}


def measured(where: Path, crm: str, leads: int, way: str = "run", share: int = 20) -> list[Edit]:
    """Let people work while all leads move, and look at every edit afterwards."""
    earned = [("mql", "sql")[number % 2] for number in range(leads)]
    records = [lead(f"{stage}-{number:05}") for number, stage in enumerate(earned)]
    acts = [activity(each["id"], EVIDENCE[stage][0]) for each, stage in zip(records, earned, strict=True)]
    world = write_world(where / "world", USERS, records, acts)
    with rehearsal(where / "here", "--crm", crm, "--import", str(world)) as here:
        switched_on(here, crm)
        [plan] = here.json("run", crm, "--dry-run", "--out", "plan.json", code=(0, 3))["plans"]
        natives = here.native(crm)
        names = {number: name for name, number in natives.items()}
        planned = [names[change["lead"]] for change in plan["changes"]]
        assert len(planned) == leads
        edits = edits_among([name for name in planned if name.startswith("sql")], crm, max(share // 2, 1))
        allowed = [f"{it['name'].replace('_', '-')}={leads}" for it in plan["guards"] if it["breached"]]
        command = ("run", crm) if way == "run" else ("apply", "plan.json")
        options = [part for one in allowed for part in ("--allow", one)]
        done: set[str] = set()

        def works(window: str, body: str) -> None:
            batch = [
                name
                for name, number in natives.items()
                if name in edits and name not in done and edits[name][0] == window and f'"{number}"' in body
            ]
            done.update(batch)
            on_screen = [name for name in batch if edits[name][1] != "field"]
            if on_screen:
                here.edit(crm, by=PERSON, leads=[_edited(crm, name, edits[name][1]) for name in on_screen])
            for name in set(batch).difference(on_screen):
                status, answer = asked(here, crm, natives[name], {native(crm, FIELD): WORDS})
                assert status < 300, answer

        with _windows(here, crm, works):
            [plan] = here.json(*command, *options, code=4)["plans"]
        assert done == set(edits), "not everybody came to work"
        ends = {names[change["lead"]]: change for change in plan["changes"]}
        state = {each["id"]: each for each in here.state(crm)["leads"]}
        told = []
        for name, (window, kind) in sorted(edits.items()):
            words = held(here, crm, natives[name]).get(FIELD) if kind == "field" else None
            found = {"stage": state[name]["stage"], "owner": state[name]["owner"], "field": words}[kind]
            wanted = {"stage": PARKED[crm], "owner": PERSON, "field": WORDS}[kind]
            told.append(Edit(name, window, kind, _end(ends[name], kept=found == wanted)))
        here.json("run", crm, code=(0, 4))
        later = {each["id"]: each for each in here.state(crm)["leads"]}
        theirs = {"stage": PARKED[crm], "owner": PERSON}
        fought = [name for name, (_, kind) in edits.items() if later[name].get(kind) != theirs.get(kind)]
        assert not fought, f"the next run fights people for {fought}"
        untouched = {ends[name]["outcome"] for name in planned if name not in edits}
        assert untouched == {"written"}, untouched
        return told


def _end(change: Mapping[str, Any], *, kept: bool) -> str:
    said = bool(change.get("message")) or change["outcome"] in {"conflict", "did_not_stick"}
    if kept:
        return "kept, and told" if said else "kept"
    return "lost, and told" if said else "LOST UNSEEN"


def _edited(crm: str, name: str, kind: str) -> dict[str, Any]:
    changed: dict[str, Any] = {
        "stage": {"stage": {crm: PARKED[crm]}},
        "owner": {"owner": PERSON},
    }[kind]
    return {"id": name, **changed}


@contextmanager
def _windows(here: Rehearsal, crm: str, works: Callable[[str, str], None]) -> Iterator[None]:
    """`works(window, body of the request)` in every window of every batch of commands given inside."""
    port, send = urlsplit(here.urls[crm]).port, HTTPConnectionPool.urlopen

    def urlopen(pool: HTTPConnectionPool, method: str, url: str, *arguments: Any, **options: Any) -> Any:
        if pool.port != port:
            return send(pool, method, url, *arguments, **options)
        path, body = urlsplit(url).path, _text(options.get("body"))
        looks = path.endswith(READ_PATH[crm]) and not re.search('"propertiesWithHistory": ?."', body)
        writes = path.endswith(WRITE_PATH[crm]) and (crm == "hubspot" or '"PATCH"' in body)
        if looks:
            works(WINDOWS[0], body)
        if writes:
            works(WINDOWS[1], body)
        answer = send(pool, method, url, *arguments, **options)
        if writes and crm == "hubspot":
            works(WINDOWS[2], body)
        if (writes and crm == "salesforce") or (not looks and path.endswith(READ_PATH[crm])):
            works(WINDOWS[3], body)
        return answer

    with patch.object(HTTPConnectionPool, "urlopen", urlopen):
        yield


def _text(body: object) -> str:
    if isinstance(body, bytes | str):
        return body.decode() if isinstance(body, bytes) else body
    return json.dumps(body) if body else ""


def table(crm: str, way: str, edits: Sequence[Edit]) -> Iterator[str]:
    """Rows for a terminal: how many of each kind in each window ended how."""
    lost = sum(edit.end == "LOST UNSEEN" for edit in edits)
    yield f"{crm} {way}: {len(edits)} edits, {lost} lost unseen ({lost / len(edits):.1%})"
    counts = Counter((edit.window, edit.kind, edit.end) for edit in edits)
    yield from (f"  {window:32} {kind:6} {end:16} {count}" for (window, kind, end), count in sorted(counts.items()))


def main() -> None:
    """See the module."""
    leads = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    lost = False
    for crm in CRMS:
        for way in ("run", "apply"):
            with tempfile.TemporaryDirectory() as folder:
                edits = measured(Path(folder), crm, leads, way)
            print("\n".join(table(crm, way, edits)), flush=True)
            lost |= any(edit.end == "LOST UNSEEN" for edit in edits)
    sys.exit(int(lost))


if __name__ == "__main__":
    main()
