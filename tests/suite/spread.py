"""In which order the tests of a run on several workers stand: each worker begins with its share of what takes long.

pytest-xdist's `worksteal` gives each worker an equal number of tests, in their order, and takes from the end of the
longest list for whoever has none left. In the order of the folders one worker had nearly all acceptance tests, and a
run ended with those, waiting for servers, while the processors had nothing to do. So the files of a run are dealt:
what takes long to whoever has least of it, then what is quick until all have as many tests. With each worker the two
are mixed, so that at any time some wait while others compute; what takes long is a little ahead. Tests of a file stay
together, as what they share is made once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, groupby

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
SLOW_UNTIL = 0.9
"""Of a worker's tests: what takes long has begun by then."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each worker collects all tests and must come to the same order."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    if workers > 1:
        at = {item.nodeid: item for item in items}
        items[:] = [at[nodeid] for nodeid in dealt([item.nodeid for item in items], workers)]


def dealt(nodeids: Sequence[str], workers: int) -> list[str]:
    """The same tests, one worker's after the other's."""
    files = [list(tests) for _, tests in groupby(nodeids, key=lambda nodeid: nodeid.split("::")[0])]
    slow = [list[list[str]]() for _ in range(workers)]
    seconds = [0.0] * workers
    for tests in sorted((tests for tests in files if _seconds(tests)), key=_seconds, reverse=True):
        least = min(range(workers), key=seconds.__getitem__)
        seconds[least] += _seconds(tests)
        slow[least].append(tests)
    counts = [sum(map(len, hand)) for hand in slow]
    quick = [list[list[str]]() for _ in range(workers)]
    for tests in sorted((tests for tests in files if not _seconds(tests)), key=len, reverse=True):
        least = min(range(workers), key=counts.__getitem__)
        counts[least] += len(tests)
        quick[least].append(tests)
    return [nodeid for hand in zip(slow, quick, strict=True) for tests in _mixed(*hand) for nodeid in tests]


def _mixed(slow: Sequence[list[str]], quick: Sequence[list[str]]) -> list[list[str]]:
    """Both, each spread over the whole; the slow ones end before the quick ones do."""
    placed: list[tuple[float, list[str]]] = []
    for files, share in ((slow, SLOW_UNTIL), (quick, 1.0)):
        takes = [_seconds(tests) or len(tests) for tests in files]
        begins = accumulate(takes, initial=0.0)
        placed += [(share * begin / sum(takes), tests) for begin, tests in zip(begins, files, strict=False)]
    return [tests for _, tests in sorted(placed, key=lambda place: place[0])]


def _seconds(tests: Sequence[str]) -> float:
    return len(tests) * SECONDS_OF_A_TEST.get(kind_of(tests[0]), 0.0)
