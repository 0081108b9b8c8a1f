"""What is deployed: the container file and the systemd unit name what is there, and may do no more than they must."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTAINER = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
UNIT = (ROOT / "deploy" / "crmsync.service").read_text(encoding="utf-8")


def test_everything_that_the_image_copies_is_there() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINER, re.M)
    assert [name for line in copied for name in line.split() if not (ROOT / name).exists()] == []
    included = re.findall(r'^"([^"]+)" = "crmsync/', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    folders = [name for line in copied for name in line.split()]
    assert [name for name in included if not any(f"{name}/".startswith(f"{folder}/") for folder in folders)] == []


def test_the_image_runs_as_nobody_in_particular() -> None:
    last = CONTAINER.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.*)$", last, re.M) == ["10001:10001"]
    assert "--require-hashes" in CONTAINER
    assert 'ENTRYPOINT ["crmsync"]' in last, "no shell between signals and the service"


def test_the_unit_is_one(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    unit = tmp_path / "crmsync.service"
    unit.write_text(UNIT.replace("/opt/crmsync/bin/crmsync", "/bin/true"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "crmsync.service" in line]) == (0, [])


@pytest.mark.parametrize(
    "key", ["NoNewPrivileges=yes", "ProtectSystem=strict", "StateDirectory=crmsync", "UMask=0077"]
)
def test_the_unit_may_write_in_one_place(key: str) -> None:
    assert key in UNIT.splitlines()


@pytest.mark.parametrize("name", ["run", "test", "docs", "materials"])
def test_every_package_is_pinned_with_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    packages = re.split(r"\n(?=\S)", text.strip())
    assert packages
    assert [each for each in packages if "==" not in each or "--hash=sha256:" not in each] == []
    assert "://" not in text
