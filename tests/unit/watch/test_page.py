"""The page on watching the service tells every metric that there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client import generate_latest

from crmsync.contract import Usage
from crmsync.operations.run.connection_job import RunEnd
from crmsync.run.meter import Meter
from crmsync.watch import Counted
from crmsync.watch.standing import GAUGES

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "watch-the-service.md"
ROW = re.compile(r"^\| `(crmsync_\w+)` \| .* \| (.*?) ?\|$", re.MULTILINE)


def test_the_page_tells_every_metric_and_its_labels() -> None:
    told = {name: tuple(re.findall(r"`(\w+)`", labels)) for name, labels in ROW.findall(PAGE.read_text("utf-8"))}
    counted = Counted()
    counted.ended(RunEnd("sf", 0, 1.0, Meter(Usage(1), [2.0]), {"written": 1}))
    counted.told("ops", taken=True)
    counted.told_of("sf", "taken", 1)
    counted.told_of("sf", "old", 1)
    counters: dict[str, tuple[str, ...]] = {}
    for line in generate_latest(counted.registry).decode().splitlines():
        if not line.startswith("#"):
            name, _, labels = line.partition("{")
            family = re.sub("_(bucket|count|sum)$", "", name)
            found = re.findall(r'(\w+)="', labels.partition("}")[0])
            counters[family] = tuple(label for label in found if label not in ("connection", "le"))
    gauges = {name: tuple(label for label in labels if label != "connection") for name, (_, labels) in GAUGES.items()}
    assert told == {**gauges, **counters}
