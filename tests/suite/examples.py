"""How Hypothesis draws here: the same examples in every run of a commit, and what a search has found is kept.

`pytest` draws from a seed of each test's own name (see `suite.breadth`) and replays what `tests/found` holds; it
depends on no clock, on no other test and on no database. `pytest --explore SEED` runs the properties only, in an
order and with examples drawn from SEED; the smallest failing example of each goes to `tests/found` (`make explore`).
"""

from __future__ import annotations

import base64
import json
import re
import traceback
from collections.abc import Generator, Iterable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import ExampleDatabase

from suite.breadth import draw_its_share, seed_of
from suite.everything import import_everything

FOUND = Path(__file__).parents[1] / "found"
EXPLORE = "--explore"


class Found(ExampleDatabase):
    """Failing examples by test, a JSON file each: `{"test": node id, "told": [lines], "choices": [base64]}`.

    What Hypothesis saves while it makes an example smaller stays in memory until `keep`; what is in the files is
    deleted by people only, also when it no longer fails.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory
        self._drawn: dict[bytes, set[bytes]] = {}

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """The kept ones and this run's."""
        yield from {*self._kept(key), *self._drawn.get(key, ())}

    def save(self, key: bytes, value: bytes) -> None:
        """For this run."""
        self._drawn.setdefault(key, set()).add(value)

    def delete(self, key: bytes, value: bytes) -> None:
        """From this run's."""
        self._drawn.get(key, set()).discard(value)

    def keep(self, test: str, told: Iterable[str]) -> Path | None:
        """Write what this run found for a test; None if that is nothing."""
        found = self._drawn.get(test.encode())
        if not found:
            return None
        file = self._file(test)
        file.parent.mkdir(exist_ok=True)
        choices = sorted(base64.b64encode(each).decode() for each in {*found, *self._kept(test.encode())})
        entry = {"test": test, "told": "".join(told).splitlines(), "choices": choices}
        file.write_text(json.dumps(entry, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return file

    def _kept(self, key: bytes) -> set[bytes]:
        file = self._file(key.decode(errors="replace"))
        if not file.is_file():
            return set()
        return {base64.b64decode(each) for each in json.loads(file.read_text(encoding="utf-8"))["choices"]}

    def _file(self, test: str) -> Path:
        name = test.removeprefix("tests/").replace("/", ".").replace(".py::", ".")
        return self._directory / (re.sub(r"[^\w.-]+", "-", name)[:150] + ".json")


def pytest_addoption(parser: pytest.Parser) -> None:
    """--explore SEED, --found DIRECTORY."""
    group = parser.getgroup("crmsync")
    group.addoption(EXPLORE, metavar="SEED", help="run the properties with examples drawn from SEED")
    group.addoption("--found", metavar="DIRECTORY", type=Path, default=FOUND, help="where found examples are kept")


def pytest_configure(config: pytest.Config) -> None:
    """One profile for all tests; what a machine's speed decides is off. Set before any test module is imported."""
    settings.register_profile(
        "crmsync",
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        database=Found(config.getoption("found")),
        print_blob=False,
    )
    settings.load_profile("crmsync")


@pytest.hookimpl(trylast=True)  # after Hypothesis has marked its tests
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Exploring: properties only, in an order of the seed's."""
    explored = config.getoption(EXPLORE)
    if explored is not None:
        others = [item for item in items if not _is_property(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if _is_property(item)]
        Random(explored).shuffle(items)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A seed and a place in the database of the test's own: they hold while its code changes."""
    if _is_property(item):
        import_everything()  # Hypothesis tries constants of the modules that it finds imported
        explored = item.config.getoption(EXPLORE)
        function = item.obj  # type: ignore[attr-defined]
        # What the decorator `hypothesis.seed` does, which takes the database away besides.
        function._hypothesis_internal_use_seed = seed_of(item) if explored is None else f"{explored} {item.nodeid}"
        function._hypothesis_internal_database_key = item.nodeid.encode()
        draw_its_share(item, function)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Exploring: keep what a property failed on."""
    report = yield
    exploring = item.config.getoption(EXPLORE) is not None
    if exploring and _is_property(item) and report.failed and call.when == "call" and call.excinfo is not None:
        found = settings.default.database
        assert isinstance(found, Found)
        kept = found.keep(item.nodeid, traceback.format_exception_only(call.excinfo.value))
        report.sections.append(("Kept", f"{kept}: `make test` replays it from now on"))
    return report


def _is_property(item: pytest.Item) -> bool:
    return item.get_closest_marker("hypothesis") is not None
