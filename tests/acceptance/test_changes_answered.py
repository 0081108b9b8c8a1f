"""How long a change in the CRM waits for what answers it, counted from the CRM's own stamp."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from killing import CRMS
from rehearsal import Rehearsal, practice
from small_world import small_world

from crmsync.clock import now
from crmsync.operations.run.every_connection import run_one
from crmsync.run.meter import Meter
from crmsync.run.running import RunRequest
from crmsync.settings import load_settings
from crmsync.store import Store


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Both CRMs, run once."""
    folder = tmp_path_factory.mktemp("answered")
    world = small_world(folder / "world")
    with practice(folder, "--import", str(world), "--config-dir", str(folder / "config")) as urls:
        yield Rehearsal(folder / "config", urls)


def run(here: Rehearsal, crm: str, *, full: bool = False) -> Meter:
    """One run in this process, and what it came to."""
    settings, meter = load_settings(here.directory / "crmsync.yaml"), Meter()
    with closing(Store(settings.store)) as store:
        run_one(
            settings,
            settings.connection(crm),
            store,
            RunRequest(dry_run=False, full=full),
            now=now,
            progress=lambda _what, _done, _all: None,
            meter=meter,
        )
    return meter


def news(lead: str) -> list[dict[str, str]]:
    """Something that makes more of a lead than it is."""
    at = now().strftime("%Y-%m-%dT%H:%M:%SZ")
    return [{"id": f"new-{lead}", "lead": lead, "kind": "consultation_request", "at": at}]


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_a_change_is_counted_once_from_the_stamp_of_the_crm(here: Rehearsal, crm: str) -> None:
    first = run(here, crm)
    assert first.usage.calls == len([it for it in here.control(crm, "requests") if "_practice" not in it["path"]])
    assert first.waited == [], "a first reading tells of no change"
    assert run(here, crm).waited == [], "what crmsync wrote itself is no change"
    began = time.time()
    here.edit(crm, activities=news("mql-1"))
    time.sleep(1.5)
    counted = run(here, crm)
    assert len(counted.waited) == 1, counted
    assert 1.0 <= counted.waited[0] <= time.time() - began + 2.0
    assert run(here, crm).waited == []
    assert run(here, crm, full=True).waited == []
