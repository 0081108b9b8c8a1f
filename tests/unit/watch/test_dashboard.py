"""The dashboard asks for metrics and labels that there are, and leaves no metric out."""

from __future__ import annotations

import json
import re
from pathlib import Path

from prometheus_client import generate_latest

from crmsync.contract import Usage
from crmsync.operations.run.connection_job import RunEnd
from crmsync.run.meter import Meter
from crmsync.watch import Counted
from crmsync.watch.standing import GAUGES

FILE = Path(__file__).parents[3] / "deploy" / "grafana-dashboard.json"


def samples() -> dict[str, set[str]]:
    """Name of every sample that may be told → its labels."""
    counted = Counted()
    counted.ended(RunEnd("sf", 0, 1.0, Meter(Usage(1), [2.0]), {"written": 1}))
    counted.told("ops", taken=True)
    counted.told_of("sf", "taken", 1)
    counted.told_of("sf", "old", 1)
    found = {name: set(labels) for name, (_, labels) in GAUGES.items()}
    for line in generate_latest(counted.registry).decode().splitlines():
        if not line.startswith("#"):
            name, _, labels = line.partition("{")
            found[name] = set(re.findall(r'(\w+)="', labels.partition("}")[0]))
    return found


def test_each_panel_asks_for_what_there_is() -> None:
    there = samples()
    asked: set[str] = set()
    for panel in json.loads(FILE.read_text("utf-8"))["panels"]:
        for target in panel["targets"]:
            [name] = re.findall(r"crmsync_\w+", target["expr"])
            used = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            used |= set(re.findall(r'(\w+)=~?"', target["expr"]))
            used |= set(re.findall(r"\w+", "".join(re.findall(r"by \(([^)]*)\)", target["expr"]))))
            assert name in there, panel["title"]
            assert used <= there[name], panel["title"]
            asked.add(name)
    assert {re.sub("_(bucket|sum|count)$", "", name) for name in there} == {
        re.sub("_(bucket|sum|count)$", "", name) for name in asked
    }


def test_panels_stand_beside_one_another() -> None:
    places = [panel["gridPos"] for panel in json.loads(FILE.read_text("utf-8"))["panels"]]
    fields = [
        (x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(fields) == len(set(fields)), "one lies over another"
    assert max(x for x, _ in fields) < 24
