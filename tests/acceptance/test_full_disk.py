"""A disk that is full while a run or an approval writes: told in words, nothing lost, and the next run is whole.

The disk is a small one in memory, which root may mount; elsewhere these tests are skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from rehearsal import Rehearsal, rehearsal
from test_console_approving import CRM, Console

ROOM = 6 * 2**20
BALLAST = "ballast"
LEADS = 100

pytestmark = pytest.mark.breadth


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[Rehearsal]:
    """One for each test: where another has written all that is to be written, nothing is left to go wrong."""
    with rehearsal(tmp_path / "own", "--leads", f"{LEADS}", "--seed", "7", "--crm", CRM) as here:
        yield here


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of `ROOM` bytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    call = [mount or "mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place)]
    if mount is None or subprocess.run(call, capture_output=True, check=False).returncode:
        pytest.skip("nobody but root may mount a disk here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)  # what a test has left open holds it no longer


def fill(disk: Path, left: int) -> None:
    """Leave so many bytes free."""
    there = os.statvfs(disk)
    (disk / BALLAST).write_bytes(b"\xff" * (there.f_bavail * there.f_frsize - left))


def free(disk: Path) -> None:
    (disk / BALLAST).unlink()


def written_once(crm: Rehearsal, after: int) -> set[str]:
    """Leads that were written since, none of them twice."""
    written = Counter(each["id"] for each in crm.writes(CRM, after))
    assert set(written.values()) <= {1}
    return set(written)


@pytest.mark.parametrize("left", [16, 100, 300, 600])
def test_a_run_on_a_full_disk_stops_in_words_and_the_next_one_is_whole(crm: Rehearsal, disk: Path, left: int) -> None:
    """With so many KiB left it ends while it opens, reads, decides, intends or notes what it wrote."""
    here = crm.copy(disk / "here")
    fill(disk, left * 1024)
    last = crm.last_write(CRM)
    done = here.crmsync("run", CRM, "--allow-changes", f"{LEADS}")
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode in ((1, 3, 4) if left < 600 else (0, 1, 3, 4)), done.stderr
    if done.returncode == 1:
        words = " ".join(done.stderr.split())
        assert re.search(r"disk is full|No space left on device|disk I/O error", words), words
        assert "some space and run again" in words
    free(disk)
    whole = here.crmsync("run", CRM, "--allow-changes", f"{LEADS}")
    assert whole.returncode in (0, 3, 4), whole.stderr
    assert written_once(crm, last)
    assert here.json("run", CRM, "--dry-run", code=(0, 4))["plans"][0]["counts"]["changes"] == 0


def test_an_approval_on_a_full_disk_is_told_and_can_be_given_again(crm: Rehearsal, disk: Path) -> None:
    here = crm.copy(disk / "here")
    opened = Console(here)
    try:
        leads = opened.made()[:3]
        last = crm.last_write(CRM)
        [plan] = set(re.findall(r'name="plan" value="(\d+)"', opened.page()))
        fill(disk, 40 * 1024)  # whoever reads needs an index of the log, which is the first 32 of them
        assert opened.approve(*leads, plan=plan) in (303, 503)
        told = opened.page()
        assert "Traceback" not in told
        assert re.search(r"disk is full|disk I/O error|cannot be used", told), told
        free(disk)
        before = written_once(crm, last)
        still = set(opened.leads()) & set(leads)
        assert still | before == set(leads), "nothing is lost"
        assert opened.approve(*still) == 303
        assert written_once(crm, last) == set(leads)
    finally:
        opened.site.works.close()
    runs = json.loads(here.crmsync("runs", CRM, "--format", "json").stdout)["runs"]
    assert runs[0]["exit_code"] == 0
