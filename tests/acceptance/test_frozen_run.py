"""A machine freezes in the middle of a run; another one takes over; the first wakes up, and writes nothing more.

Stores that machines share are in PostgreSQL. The other machine is this process, which waits a second for a holder
that is not heard of, instead of half a minute.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from kill_situations import situations
from killing import CRMS, differences, end_of, frozen, further, thawed, written_twice
from rehearsal import Rehearsal

from crmsync.store.locks import lease
from suite.waiting import wait_until

POINTS = {"salesforce": ("before push: ", 1), "hubspot": ("after push: ", 0)}
"""At which step it freezes: when its second batch is about to be sent, and when its first one has arrived."""


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_a_run_that_was_overtaken_while_it_was_frozen_writes_nothing_more(
    tmp_path: Path, crm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRMSYNC_TEST_STORE", "postgresql")
    monkeypatch.setattr(lease, "LEASE_SECONDS", 1)
    situation = situations(crm, tmp_path, only=["first run"])["first run"]
    words, which = POINTS[crm]
    writes = [
        index
        for index, step in enumerate(situation.steps, 1)
        if step.startswith(words) and step.endswith(("composite", "batch/update"))
    ]
    with thawed(situation.directory, crm, situation.zone, tmp_path / "frozen") as here:
        with frozen(here, crm, writes[which]) as zombie:
            before = here.last_write(crm)
            taken = wait_until(lambda: overtaking(here, crm), what="the takeover")
            assert here.last_write(crm) > before, "the other run had something to write"
            ended = here.last_write(crm)
            held = end_of(here, crm)
            os.kill(zombie.pid, signal.SIGCONT)
            assert zombie.wait() == 1
            assert "has taken over" in zombie.stderr + zombie.stdout
            assert "Traceback" not in zombie.stderr
        late = [write for write in here.writes(crm, ended) if write["method"] != "GET"]
        in_flight = words.startswith("before")
        assert len(late) <= (6 if in_flight else 0), late
        assert differences(held, end_of(here, crm)) == []
        assert differences(situation.end, held, but={"hand_offs", "turns", "arrived"}) == []
        assert written_twice(here.writes(crm)) == []
        assert further(here, crm, ("run", crm)) == []
    assert taken["plans"][0]["counts"]["changes"] > 0


def overtaking(here: Rehearsal, crm: str) -> Any:
    """A run by another machine; null as long as the first one holds the connection."""
    done = here.crmsync("run", crm, "--format", "json")
    if "another run works on" in done.stderr:
        return None
    assert done.returncode in (0, 4), done.stderr
    return json.loads(done.stdout)
