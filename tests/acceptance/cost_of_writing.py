"""What writing costs in calls: `python tests/acceptance/cost_of_writing.py [CHANGES]`, on both practice CRMs.

Of leads whose stage moves, every other to another owner as well. Counts calls that write leads, that read them
before and after, and those with which the next run reads its own writes. `run` and `apply` in turn; the counts are
held by `test_cost_of_writing`. Exit code: 0, or 1 where a limit is missed.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `suite`

from rehearsal import CRMS, Rehearsal, rehearsal, write_world
from small_world import EVIDENCE, USERS, activity, lead, stage

BATCH = {"salesforce": 200, "hubspot": 100}
"""Leads that one call may write."""
HISTORIES = 50
"""Leads of which one call of HubSpot's reads histories."""
PAGE = 200
MORE_WRITES = 1.02
WAYS = ("run", "apply")
WRITES = {"salesforce": "POST composite", "hubspot": "POST /crm/v3/objects/contacts/batch/update"}
READS = {"salesforce": "POST composite/sobjects/{name}", "hubspot": "POST /crm/v3/objects/contacts/batch/read"}
PAGES = {"salesforce": "GET query", "hubspot": "POST /crm/v3/objects/contacts/search"}
OTHER_QUERIES = {"salesforce": 3, "hubspot": 0}
"""How calls are named that write leads, read them by id, and read what has changed; Salesforce asks for users, tasks
and events with queries, too.
"""


@dataclass(frozen=True)
class Cost:
    """Calls of one way on one CRM. `own`: with which the next run reads the leads that were written.

    `back`: of the changes, those that take the stage back.
    """

    crm: str
    way: str
    changes: int
    writes: int
    reads: int
    own: int
    next_run: int
    back: int = 0

    @property
    def most_writes(self) -> int:
        """1.02 × (changes ÷ batch), whole calls.

        HubSpot takes a step back in two; the batches in which such steps begin and end hold others as well.
        """
        batch = BATCH[self.crm]
        most = math.floor(MORE_WRITES * math.ceil(self.changes / batch))
        back = self.back if self.crm == "hubspot" else 0
        return most + (math.ceil(back / batch) + 4 if back else 0)

    @property
    def most_reads(self) -> int:
        """Each batch is looked at before it is written, and in HubSpot afterwards, too, with its leads' histories."""
        batches = math.ceil(self.changes / BATCH[self.crm])
        return batches if self.crm == "salesforce" else batches + math.ceil(self.changes / HISTORIES)

    @property
    def most_own(self) -> int:
        """One page for 200 of them."""
        return math.ceil(self.changes / PAGE)

    @property
    def missed(self) -> list[str]:
        """Limits that are."""
        limits = {"writes": self.most_writes, "reads": self.most_reads, "own": self.most_own}
        return [f"{self}: {what} at most {most}" for what, most in limits.items() if getattr(self, what) > most]


def measured(where: Path, crm: str, way: str, changes: int, *, back_every: int = 0) -> Cost:
    """Import that many leads that move, write, and run again. `back_every`: the n-th goes back; 0 = none."""
    kinds = {**dict.fromkeys(("mql", "sql"), ())} | {name: EVIDENCE[name] for name in ("mql", "sql")}
    earned = [list(kinds)[number % 2] for number in range(changes)]
    backward = {number for number in range(changes) if back_every and number % back_every == 0}
    leads = [
        lead(f"{earns}-{number}", stage=stage("sqo" if number in backward else "lead"))
        for number, earns in enumerate(earned)
    ]
    acts = [activity(each["id"], kinds[earns][0]) for each, earns in zip(leads, earned, strict=True)]
    world = write_world(where / "world", USERS, leads, acts)
    with rehearsal(where / "here", "--crm", crm, "--import", str(world)) as here:
        here.change("policy.yaml", lambda policy: policy.update(movement={"backward": "allowed"}))
        allowed = ("--allow-changes", str(changes), *_everything(here, crm))
        if way == "apply":
            here.json("run", crm, "--dry-run", "--out", "plan.json", *allowed)
            command: tuple[str, ...] = ("apply", "plan.json", *allowed)
        else:
            command = ("run", crm, *allowed)
        before = here.calls(crm)
        [plan] = here.json(*command)["plans"]
        assert {change["outcome"] for change in plan["changes"]} == {"written"}
        assert len(plan["changes"]) == changes
        written = here.calls(crm)
        [again] = here.json("run", crm)["plans"]
        assert again["changes"] == []
        after = here.calls(crm)
    one, other = written - before, after - written
    return Cost(
        crm,
        way,
        changes,
        one[WRITES[crm]] - other[WRITES[crm]],  # Salesforce's sign-in asks with such a call, too
        one[READS[crm]],
        _number(other, PAGES[crm]) - OTHER_QUERIES[crm],
        other.total(),
        len(backward),
    )


def _everything(here: Rehearsal, crm: str) -> tuple[str, ...]:
    """Every guard is let through that a dry run names."""
    answered = here.json("run", crm, "--dry-run", code=(0, 3))
    breached: list[Mapping[str, Any]] = [it for it in answered["plans"][0]["guards"] if it["breached"]]
    names = {str(it["name"]).replace("_", "-"): math.ceil(it["value"]) for it in breached}
    return tuple(part for name, value in names.items() for part in ("--allow", f"{name}={value}"))


def _number(calls: Counter[str], start: str) -> int:
    return sum(count for name, count in calls.items() if name.startswith(start))


def main() -> None:
    """See the module."""
    changes = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    missed = []
    for crm in CRMS:
        for way in WAYS:
            began = time.monotonic()
            with tempfile.TemporaryDirectory() as folder:
                cost = measured(Path(folder), crm, way, changes)
            missed += cost.missed
            print(
                f"{crm} {way}: {cost.changes:,} changes, {cost.writes} writes (at most {cost.most_writes}), "
                f"{cost.reads} reads (at most {cost.most_reads}); the next run reads them with {cost.own} calls "
                f"(at most {cost.most_own}) of {cost.next_run} in all; {time.monotonic() - began:.0f} s",
                flush=True,
            )
    sys.exit("\n".join(missed) or 0)


if __name__ == "__main__":
    main()
