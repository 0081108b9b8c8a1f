"""Lets the tests of this folder import `rehearsal` and its neighbours, and gives them CRMs with the small world.

Tests of wrong configurations share practice CRMs: nothing may be written there, so every one finds them as new.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rehearsal import CRMS, Rehearsal, rehearsal
from small_world import small_world


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Both practice CRMs with the small world, and a right configuration."""
    place = tmp_path_factory.mktemp("shared")
    with rehearsal(place / "right", "--import", str(small_world(place / "world"))) as crms:
        yield crms


@pytest.fixture
def here(shared: Rehearsal, tmp_path: Path) -> Iterator[Rehearsal]:
    """A right configuration to spoil. Afterwards, whatever happened: no CRM was written to."""
    yield shared.copy(tmp_path / "here")
    for crm in CRMS:
        shared.control(crm, "faults", "DELETE")
    assert [shared.writes(crm) for crm in CRMS] == [[], []]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Rehearsal]:
    """Practice CRMs that may be written to."""
    with rehearsal(tmp_path / "own", "--import", str(small_world(tmp_path / "world"))) as crms:
        yield crms
