"""A run as a tree of spans at a collector: its hops and its calls, and nobody's data. Without one: nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from rehearsal import CRMS, Rehearsal, personal_data, rehearsal, told_in
from small_world import small_world

from suite.collector import Collector, Span, collecting


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    folder = tmp_path_factory.mktemp("traces")
    imported = small_world(folder / "world", copies=1)
    with rehearsal(folder / "here", "--import", str(imported)) as here:
        yield here


@pytest.fixture(scope="module")
def collected(world: Rehearsal) -> Collector:
    """What one run on both CRMs tells."""
    with collecting() as collector:
        done = world.crmsync("run", env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.address})
        assert done.returncode == 0, done.stderr
    return collector


def run_of(collected: Collector, crm: str) -> Span:
    [run] = [each for each in collected.spans if each.name == "run" and each.attributes["crmsync.connection"] == crm]
    return run


@pytest.mark.parametrize("crm", CRMS)
def test_a_run_is_a_tree_of_its_hops(crm: str, collected: Collector) -> None:
    run = run_of(collected, crm)
    hops = collected.children(run)
    told = [each.name for each in hops if not each.name.startswith(("GET ", "POST "))]
    assert told == ["settle", "pull", "qualify and route", "plan", "apply", "remember"]
    assert (run.attributes["crmsync.exit_code"], run.attributes["crmsync.dry_run"]) == (0, False)
    [pull, apply] = [each for each in hops if each.name in {"pull", "apply"}]
    assert pull.attributes["crmsync.leads_read"] > 5
    calls = collected.children(pull)
    assert {each.attributes["http.response.status_code"] for each in calls} == {200}
    [batch] = [each for each in collected.children(apply) if each.name == "batch"]
    assert len(collected.children(batch)) >= 2, "read, written and read back"
    assert run.attributes["crmsync.changes"] == batch.attributes["crmsync.leads"]


def test_nothing_personal_and_no_id_is_told(world: Rehearsal, collected: Collector) -> None:
    """In no name, no attribute and no other place of what was sent."""
    text = b"\n".join(collected.bodies).decode("utf-8", "replace")
    for crm in CRMS:
        assert told_in(text, personal_data(world.state(crm))) == []
        ids = [each for each in world.native(crm).values() if len(each) > 4]
        assert [each for each in ids if re.search(rf"\b{each}\b", text)] == []
    assert not re.search(r"[?&]q=|SELECT|practice-secret|pat-na1", text)
    assert "@" not in str([(each.name, each.attributes) for each in collected.spans])
    assert {each["service.name"] for each in collected.resources} == {"crmsync"}


def test_a_run_that_stops_says_where_and_in_no_words(world: Rehearsal) -> None:
    rule = {"path": "/services/data/v[0-9.]+/query.*", "status": 500, "times": 1000}
    world.change("crmsync.yaml", lambda data: data["connections"]["salesforce"]["options"].update(attempts=1))
    world.control("salesforce", "faults", "PUT", {"rules": [rule]})
    with collecting() as collector:
        done = world.crmsync("run", "salesforce", env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.address})
    world.control("salesforce", "faults", "DELETE")
    assert done.returncode == 1, done.stderr
    failed = [each for each in collector.spans if each.failed]
    assert {each.attributes["error.type"] for each in failed} <= {"CrmUnreachable", "RunStopped", "Refusal"}
    assert sum(each.events for each in collector.spans) == 0
    assert [each.attributes["http.response.status_code"] for each in collector.spans if "query" in each.name][
        -1
    ] == 500


@pytest.mark.breadth
def test_without_a_collector_nothing_is_loaded(world: Rehearsal) -> None:
    """Nor where it is switched off."""
    code = "import sys; from crmsync.cli.main import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    for more in ({}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"}):
        done = subprocess.run(
            [sys.executable, "-c", code, "status"],
            cwd=world.directory,
            env={**os.environ, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "crmsync.cli.status" in done.stderr
        assert "opentelemetry" not in done.stderr
