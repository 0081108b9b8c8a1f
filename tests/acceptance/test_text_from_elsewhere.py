"""Names in the CRM that would steer the terminal of whoever reviews a plan, through every command that shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal, write_world
from small_world import USERS, activity, lead

from suite.breadth import broadly

STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NAMES = {
    "title": "\x1b]0;PWNED\x1b\\Mallory",
    "cursor": "Mallory\x1b[1A\x1b[2K",
    "screen": "\x1b[2J\x1b[H0 to change",
    "bidi": "\u202egnp.exe",
    "eight-bits": "\x9b2J",
    "long": "x" * 131_072,
    "lines": "".join(f"row{number}\n" for number in range(300)),
    "separators": "".join(f"row{number}{mover}" for number in range(50) for mover in "\u2028\u2029\x85\t\x0b\x0c"),
    "stacked": "a" + "\u0300" * 400,
}
BOSS = "ae-1\x1b[2J\x1b]0;x\x07\nrow1\u2029row2\nrow3"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Both CRMs with leads and a receiver of such names."""
    folder = tmp_path_factory.mktemp("here")
    leads = [lead(name, company=text, last_name=text) for name, text in NAMES.items()]
    asked = [activity(name, "demo_request", subject=text) for name, text in NAMES.items()]
    users = [{**user, "name": BOSS} if user["id"] == "ae-1" else user for user in USERS]
    world = write_world(folder / "world", users, leads, asked)
    with rehearsal(folder / "here", "--import", str(world)) as crm:
        name = 'name: "Rehearsal \\u001b[2J\\u202elabelled"'
        policy = crm.file("policy.yaml")
        text, found = re.subn(r"(?m)^name: .*$", lambda _: name, policy.read_text(encoding="utf-8"))
        assert found == 1
        policy.write_text(text, encoding="utf-8")
        assert crm.crmsync("run", "--dry-run").returncode == 0
        yield crm


COMMANDS = (
    ("run", "--dry-run", "--show", "0"),
    ("report", "worklist"),
    ("report", "worklist", "--format", "csv"),
    ("report", "near-miss"),
    ("report", "load"),
    ("report", "hand-offs"),
    ("policy", "describe"),
    ("policy", "describe", "--format", "html"),
    ("check",),
    ("explain", "salesforce", "nobody-of-this-id\x1b[2J\nrow1\nrow2"),
)


@pytest.mark.parametrize(
    "command", broadly([(each,) for each in COMMANDS]), ids=lambda command: " ".join(command[:2])
)
def test_nothing_steers_a_terminal(here: Rehearsal, command: tuple[str, ...]) -> None:
    done = here.crmsync(*command, env={"COLUMNS": "80"})
    assert done.returncode == (2 if "nobody" in command[-1] else 0), done.stderr
    assert STEERS.search(done.stdout) is None
    assert STEERS.search(done.stderr) is None
    assert len(done.stdout.splitlines()) < 700


@pytest.mark.breadth
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_no_text_makes_lines_of_its_own(here: Rehearsal, command: tuple[str, ...]) -> None:
    done = here.crmsync(*command, env={"COLUMNS": "1000"})
    said = (done.stdout + done.stderr).splitlines()
    assert [line for line in said if re.match(r"[ |│┃]*row[0-9]", line)] == []
    assert len(said) < 700


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_an_explanation_shows_them_clean(here: Rehearsal, crm: str) -> None:
    leads = here.native(crm)
    done = here.crmsync("explain", crm, *(leads[name] for name in NAMES))
    assert done.returncode == 0, done.stderr
    assert STEERS.search(done.stdout) is None
    assert "]0;PWNED" in done.stdout, "still to be read"
