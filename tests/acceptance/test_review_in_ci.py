"""The steps of docs/how-to/review-plans-in-ci.md, run by a shell as a CI runner does, against practice CRMs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import environment
from rehearsal import Rehearsal, rehearsal
from small_world import small_world

from suite.forking import warm_program

pytestmark = pytest.mark.breadth

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "review-plans-in-ci"
EXAMPLES = """format: 1
examples:
  - name: a bank that asks for a demo
    activities: [{kind: demo_request, days_ago: 3}]
    expect: {stage: STAGE}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Rehearsal]:
    """A configuration repository with its examples, and both practice CRMs."""
    world = small_world(tmp_path / "world")
    with rehearsal(tmp_path / "here", "--import", str(world)) as crm:
        shutil.copy(EXAMPLE / "steps.sh", crm.directory)
        examples(crm, "sqo")
        yield crm


def examples(crm: Rehearsal, stage: str) -> None:
    crm.file("policy-tests").mkdir(exist_ok=True)
    crm.file("policy-tests/all.yaml").write_text(EXAMPLES.replace("STAGE", stage), encoding="utf-8")


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a `crmsync` that starts quickly."""
    with warm_program(tmp_path_factory.mktemp("warm")) as program:
        yield program.parent


def step(crm: Rehearsal, what: str, programs: Path) -> subprocess.CompletedProcess[str]:
    """`programs`: where the shell finds `crmsync`."""
    path = os.pathsep.join((str(programs), os.environ["PATH"]))
    return subprocess.run(
        ["sh", "steps.sh", what],
        cwd=crm.directory, env=environment({"PATH": path}), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_a_review_tests_checks_and_leaves_plan_comment_and_page(repository: Rehearsal, warm: Path) -> None:
    done = step(repository, "review", warm)
    assert done.returncode == 0, done.stderr
    (kept,) = repository.file("plans").glob("*.json")
    plans = json.loads(kept.read_text(encoding="utf-8"))["plans"]
    comment = repository.file("plan.md").read_text(encoding="utf-8")
    page = repository.file("plan.html").read_text(encoding="utf-8")
    for plan in plans:
        assert plan["changes"]
        assert f"## {plan['connection']}: {len(plan['changes'])} to change" in comment
        assert all(change["url"] in page for change in plan["changes"])
    assert kept.stat().st_mode & 0o077 == 0
    assert repository.writes("salesforce") == repository.writes("hubspot") == []


def test_an_example_that_comes_out_otherwise_stops_the_review(repository: Rehearsal) -> None:
    examples(repository, "mql")
    done = step(repository, "review", Path(sys.executable).parent)
    assert done.returncode == 4
    assert "expected mql" in done.stdout + done.stderr
    assert not repository.file("plan.md").exists()


def test_a_guard_stops_the_review_and_its_comment_says_the_way_on(repository: Rehearsal, warm: Path) -> None:
    config = repository.file("crmsync.yaml")
    text = config.read_text(encoding="utf-8")
    changed, found = re.subn(r"guards: .*", "guards: {changed_share: 0.01, floor: 0}", text)
    assert found == 2
    config.write_text(changed, encoding="utf-8")
    done = step(repository, "review", warm)
    assert done.returncode == 3, done.stderr
    comment = repository.file("plan.md").read_text(encoding="utf-8")
    assert "### Guards that stop this plan" in comment


def test_what_nobody_reviewed_is_not_applied(repository: Rehearsal, warm: Path) -> None:
    done = step(repository, "apply", warm)
    assert done.returncode == 2
    assert "no plan was reviewed for these files" in done.stderr


def test_what_was_reviewed_is_applied_and_other_files_are_not(repository: Rehearsal, warm: Path) -> None:
    assert step(repository, "review", warm).returncode == 0
    (kept,) = repository.file("plans").glob("*.json")
    plans = json.loads(kept.read_text(encoding="utf-8"))["plans"]
    done = step(repository, "apply", warm)
    assert done.returncode == 0, done.stderr
    for plan in plans:
        written = {entry["id"] for entry in repository.writes(plan["connection"])}
        assert {change["lead"] for change in plan["changes"]} <= written
    examples(repository, "sal")
    assert step(repository, "apply", warm).returncode == 2


@pytest.mark.breadth
def test_the_workflow_calls_these_steps_and_keeps_forks_out() -> None:
    text = (EXAMPLE / ".github" / "workflows" / "crmsync.yml").read_text(encoding="utf-8")
    assert re.findall(r"sh steps\.sh (\w+)", text) == ["review", "apply"]
    assert "head.repo.full_name == github.repository" in text
    assert "pull_request_target" not in text
