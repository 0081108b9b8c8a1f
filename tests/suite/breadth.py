"""Two parts of the suite: what shows soon that something broke, and what shows it in every breadth.

`make test` runs the first (`--part core`): every kind of fault, some examples of each. `make breadth` runs the second
(`--part breadth`): tests marked `breadth`, which try in many places what a test of the first part tries in one, and
properties once more, with the rest of their examples from another seed. `--share 3/10` takes a tenth of the tests
that would run, the same ones each time; CI runs the first part and such a share of the second. Without `--part`,
pytest runs all that it is given, and properties with all their examples from the first part's seed.

Acceptance tests that are given for both CRMs are marked here: the first part has one of the two, each CRM in about
half of the tests.
"""

from __future__ import annotations

import argparse
import math
from binascii import crc32
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from hypothesis import settings

PART, SHARE = "--part", "--share"
CORE, BREADTH = "core", "breadth"
_EXAMPLES: Mapping[str | None, float] = {CORE: 0.1, BREADTH: 0.9, None: 1.0}
"""Share of a property's examples that is drawn."""
_FEWEST = 2
_AS_WRITTEN = "_settings_as_written"


def pytest_addoption(parser: pytest.Parser) -> None:
    """--part core|breadth, --share k/n."""
    group = parser.getgroup("crmsync")
    group.addoption(PART, choices=(CORE, BREADTH), help="run this part of the suite only; default: all of it")
    group.addoption(SHARE, type=share, default=(0, 1), metavar="K/N", help="every N-th test only; K is below N")


def share(text: str) -> tuple[int, int]:
    """`3/10`: the fourth of ten shares."""
    which, of = map(int, text.split("/"))
    if not 0 <= which < of:
        raise argparse.ArgumentTypeError(f"{text} is no share: of ten there are 0/10 to 9/10")
    return which, of


def pytest_configure(config: pytest.Config) -> None:
    """The mark is known."""
    config.addinivalue_line("markers", "breadth: tries in many places what another test tries in one")


@pytest.hookimpl(trylast=True)  # after Hypothesis has marked its tests
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the other part out."""
    part, (which, of) = config.getoption(PART), config.getoption(SHARE)
    if part is not None:
        for item in second_crms(items):
            item.add_marker(BREADTH)
    run = [(part is None or belongs(item, part)) and crc32(item.nodeid.encode()) % of == which for item in items]
    config.hook.pytest_deselected(items=[item for item, runs in zip(items, run, strict=True) if not runs])
    items[:] = [item for item, runs in zip(items, run, strict=True) if runs]


def belongs(item: pytest.Item, part: str) -> bool:
    """A property belongs to both parts, unless it is marked."""
    broad = item.get_closest_marker(BREADTH) is not None
    return broad == (part == BREADTH) or (not broad and item.get_closest_marker("hypothesis") is not None)


def broadly(values: Iterable[Any], *, core: int = 1) -> list[ParameterSet]:
    """Parameters of a test that tries one kind of thing with each: the first part has the first `core` of them.

    A tuple stands for several parameters, and `pytest.param` for what it says.
    """
    given = [value if isinstance(value, tuple) else (value,) for value in values]
    several = [each if isinstance(each, ParameterSet) else pytest.param(*each) for each in given]
    return [*several[:core], *(each._replace(marks=[*each.marks, pytest.mark.breadth]) for each in several[core:])]


def second_crms(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Of each acceptance test that is given for both CRMs, otherwise alike, the one that the first part leaves out;
    where one of the two is marked already, none.

    Which it is depends on the test's name alone: the same whatever else is collected.
    """
    twins: defaultdict[str, dict[str, pytest.Item]] = defaultdict(dict)
    for item in items:
        crm = getattr(item, "callspec", None) and item.callspec.params.get("crm")  # type: ignore[attr-defined]
        marked = item.get_closest_marker(BREADTH) is not None
        if item.nodeid.startswith("tests/acceptance/") and isinstance(crm, str) and not marked:
            twins[item.nodeid.replace(crm, "")][crm] = item
    pairs = [(name, pair) for name, pair in twins.items() if len(pair) == 2]
    return [pair[sorted(pair)[crc32(name.encode()) % 2]] for name, pair in pairs]


def seed_of(item: pytest.Item) -> str:
    """A property's seed: its name, and in the second part another one."""
    return item.nodeid if item.config.getoption(PART) != BREADTH else f"{BREADTH} {item.nodeid}"


def draw_its_share(item: pytest.Item, function: Any) -> None:
    """Let the property draw as many examples as the part does; one marked `breadth` draws all in its one part."""
    share = _EXAMPLES[item.config.getoption(PART)]
    if share == 1 or item.get_closest_marker(BREADTH) is not None:
        return
    if not hasattr(function, _AS_WRITTEN):  # one function for all parameters of a test
        setattr(function, _AS_WRITTEN, function._hypothesis_internal_use_settings)
    written: settings = getattr(function, _AS_WRITTEN)
    fewer = max(math.ceil(written.max_examples * share), min(_FEWEST, written.max_examples))
    function._hypothesis_internal_use_settings = settings(written, max_examples=fewer)
