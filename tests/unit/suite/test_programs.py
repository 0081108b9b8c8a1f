"""Programs that tests write run wherever the checkout lies, and tests reach their own machine past a proxy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.request import proxy_bypass_environment

import pytest

from suite.programs import python_program


def test_a_program_runs_from_a_path_with_spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "of ours, 'quoted' too"
    here.mkdir()
    python = here / "python of ours"
    python.symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(python))
    python_program(here / "say", "import sys; print(sys.argv[1:])")
    said = subprocess.run([here / "say", "a b", "$c"], capture_output=True, text=True, check=True)
    assert said.stdout == "['a b', '$c']\n"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_no_proxy_stands_before_this_machine(name: str) -> None:
    assert proxy_bypass_environment(name)
