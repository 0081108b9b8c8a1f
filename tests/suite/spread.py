"""In which order the tests of a run on several workers stand: each worker begins with its share of what takes long.

pytest-xdist's `worksteal` gives each worker an equal number of tests, in their order, and takes from the end of the
longest list for whoever has none left. In the order of the folders one worker had nearly all acceptance tests, and a
run ended with those, waiting for servers, while the processors had nothing to do. So the files of a run are dealt:
what takes long first and to whoever has least of it, then what is quick until all have as many tests. Tests of a file
stay together, as what they share is made once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import pytest

from suite.kinds import kind_of

SECONDS_OF_A_TEST: Mapping[str, float] = {
    "property": 2.1,
    "acceptance": 1.9,
    "imports": 0.9,
    "migration": 0.9,
    "contract": 0.4,
    "docs": 0.3,
    "connectors": 0.1,
}
"""By kind, as the times at the end of a run say (only their order of size matters). Others are quick."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each worker collects all tests and must come to the same order."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    if workers > 1:
        at = {item.nodeid: item for item in items}
        items[:] = [at[nodeid] for nodeid in dealt([item.nodeid for item in items], workers)]


def dealt(nodeids: Sequence[str], workers: int) -> list[str]:
    """The same tests, one worker's after the other's; what takes long stands first with each."""
    files = [list(tests) for _, tests in groupby(nodeids, key=lambda nodeid: nodeid.split("::")[0])]
    hands: list[list[str]] = [[] for _ in range(workers)]
    seconds = [0.0] * workers
    for tests in sorted((tests for tests in files if _seconds(tests)), key=_seconds, reverse=True):
        least = min(range(workers), key=seconds.__getitem__)
        seconds[least] += _seconds(tests)
        hands[least] += tests
    for tests in sorted((tests for tests in files if not _seconds(tests)), key=len, reverse=True):
        min(hands, key=len).extend(tests)
    return [nodeid for hand in hands for nodeid in hand]


def _seconds(tests: Sequence[str]) -> float:
    return len(tests) * SECONDS_OF_A_TEST.get(kind_of(tests[0]), 0.0)
