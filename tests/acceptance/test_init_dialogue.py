"""The dialogue of `crmsync init` on a terminal of 80 columns, up to an applied pilot; interrupted, and resumed."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from commands import at_a_terminal
from rehearsal import CRMS, Rehearsal, practice
from ruamel.yaml import YAML

from suite.terminal import STREAMS, plain

SECRET = "s3cret-that-nobody-sees"
ASKED = re.compile(
    r"(Number[^\n]*|Answer[^\n]*|Not shown while you type[^\n]*|Change|Replace it\? \[y/N\]|Write this\? \[y/N\]): ?$"
)
"""What stands at the end of the screen when somebody has to type."""
INTERRUPT = "\x03"


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Both practice CRMs."""
    with practice(tmp_path_factory.mktemp("crms") / "practice", "--crm", "both", "--leads", "400") as served:
        yield served


def dialogue(
    directory: Path,
    *arguments: str,
    answers: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    cold: bool = False,
) -> tuple[int, str, int]:
    """Exit code, what the terminal showed, how many answers were given; each question gets the next answer.

    A Ctrl-C that came before anybody waited for a line is pressed again.
    """
    shown, left, told_at, answer = "", list(answers), 0, ""
    env, said = {"TERM": "dumb", "COLUMNS": "80", **(env or {})}, directory.with_name("said")
    with at_a_terminal(*arguments, cwd=directory, env=env, said=said, streams=STREAMS, cold=cold) as seat:
        for piece in seat.pieces():
            shown = plain(shown + piece)
            if ASKED.search(shown[told_at:]):
                told_at = len(shown)
                answer = left.pop(0) if left else INTERRUPT
                seat.type(answer if answer == INTERRUPT else f"{answer}\n")
            elif not piece and answer == INTERRUPT:
                seat.type(INTERRUPT)
        code = seat.process.wait()
    assert left == [], f"not asked for: {left}\n{shown}"
    return code, shown, len(answers)


def signing_in(crm: str, url: str) -> list[str]:
    """Which CRM, address, way, credentials."""
    return [crm, url, "1", *(["the-app", SECRET] if crm == "salesforce" else [SECRET])]


@pytest.mark.parametrize("crm", CRMS)
def test_from_an_empty_folder_to_an_applied_pilot_in_twelve_answers(
    urls: Mapping[str, str], tmp_path: Path, crm: str
) -> None:
    answers = [*signing_in(crm, urls[crm]), "software", "", "", "", ""]
    code, shown, given = dialogue(tmp_path, "init", answers=answers)
    assert code == 0, shown
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    assert SECRET not in shown
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert SECRET not in (tmp_path / "init-answers.yaml").read_text(encoding="utf-8")
    settings = (tmp_path / "crmsync.yaml").read_text(encoding="utf-8")
    (tmp_path / "crmsync.yaml").write_text(settings.replace("writes: off", "writes: on"), encoding="utf-8")
    code, shown, more = dialogue(tmp_path, "run", crm, "--limit", "10", answers=["y"])
    assert code == 0, shown
    assert given + more <= 12
    leads = {each["object"] + str(each["id"]) for each in Rehearsal(tmp_path, urls).writes(crm)}
    assert leads, "something was written"
    files = {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")}
    code, shown, _ = dialogue(tmp_path, "init")
    assert (code, "Nothing has changed since." in shown) == (0, True), shown
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")} == files


@pytest.mark.breadth
def test_an_interrupted_one_goes_on_where_it_stopped(urls: Mapping[str, str], tmp_path: Path) -> None:
    url = urls["salesforce"]
    code, shown, _ = dialogue(tmp_path, "init", answers=["salesforce", url, "client_credentials", INTERRUPT])
    assert (code, "your answers" in shown.lower()) == (130, True), shown
    assert {path.name for path in tmp_path.iterdir()} == {"init-answers.yaml"}
    code, shown, _ = dialogue(tmp_path, "init", answers=["the-app", SECRET, "agency", INTERRUPT])
    assert "Which CRM" not in shown and url not in shown
    assert {path.name for path in tmp_path.iterdir()} == {"init-answers.yaml", ".env"}
    code, shown, _ = dialogue(tmp_path, "init", answers=["sql-sqo", "", "", "never"])
    assert code in (0, 4), shown
    assert "What do you sell?" not in shown and "Not shown" not in shown
    policy = YAML(typ="safe").load(tmp_path / "policy.yaml")
    assert (policy["extends"], policy["hand_off"]) == ("agency-sql-sqo", None)


def test_a_wrong_address_and_a_wrong_secret_are_asked_for_again(urls: Mapping[str, str], tmp_path: Path) -> None:
    wrong = ["salesforce", "http://127.0.0.1:9", "1", "the-app", "x"]
    again = [urls["salesforce"], "the-app", "invalid", "the-app", SECRET]
    env = {"CRMSYNC_SALESFORCE_ATTEMPTS": "1"}
    code, shown, _ = dialogue(tmp_path, "init", answers=[*wrong, *again, INTERRUPT], env=env)
    assert code == 130, shown
    assert shown.count("That did not work") == 2
    assert shown.count("What to do in Salesforce first") == 1
    assert "cannot be reached" in shown and "refused" in shown
    assert "Signed in to Practice Org" in shown
    kept = YAML(typ="safe").load(tmp_path / "init-answers.yaml")
    assert kept["options"]["url"] == urls["salesforce"]


@pytest.mark.breadth
def test_facts_stages_and_people_can_be_changed(urls: Mapping[str, str], tmp_path: Path) -> None:
    answers = [
        *signing_in("salesforce", urls["salesforce"]), "software", "whole",
        "nonsense", "budget, title, sqo", "u", "Company", "none", "",
        "nora.haas@ourfirm.example=ae, nobody@x.example=ae", "nora.haas@ourfirm.example=ae", "",
    ]  # fmt: skip
    code, shown, _ = dialogue(tmp_path, "init", answers=answers)
    assert code == 0, "what somebody wanted so had not to stay open"
    assert "the stage `sqo` has no value in the CRM" in shown
    assert "There is no nonsense in the table" in shown
    assert "Not understood: nobody@x.example" in shown
    mapping = YAML(typ="safe").load(tmp_path / "mappings/salesforce.yaml")
    assert (mapping["facts"]["budget"], mapping["facts"]["title"]["field"]) == ("unmapped", "Company")
    assert "sqo" not in mapping["stage"]["values"]
    assert "sqo" not in [rung["stage"] for rung in YAML(typ="safe").load(tmp_path / "policy.yaml")["ladder"]]
    people = {each["user"]: each["roles"] for each in YAML(typ="safe").load(tmp_path / "roster.yaml")["people"]}
    assert people["nora.haas@ourfirm.example"] == ["ae"]


@pytest.mark.breadth
def test_an_ascii_terminal_can_read_it(urls: Mapping[str, str], tmp_path: Path) -> None:
    env = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    answers = [*signing_in("salesforce", urls["salesforce"]), "software", "", "", "", ""]
    code, shown, _ = dialogue(tmp_path, "init", answers=answers, env=env, cold=True)
    assert code == 0, shown
    assert [line for line in shown.splitlines() if not line.isascii()] == []


@pytest.mark.breadth
@pytest.mark.parametrize(
    ("crm", "port", "answered"), [("salesforce", 8901, 11), ("hubspot", 8902, 10)], ids=["salesforce", "hubspot"]
)
def test_the_transcript_is_what_happens(tmp_path: Path, crm: str, port: int, answered: int) -> None:
    """docs/how-to/set-up-your-crm.md: its answers are given, its lines come in their order."""
    page = (Path(__file__).parents[2] / "docs/how-to/set-up-your-crm.md").read_text(encoding="utf-8")
    address = f"http://127.0.0.1:{port}"
    blocks = re.findall(r"```text transcript\n(.*?)```", page, re.S)
    first, _, rest = next(it for it in blocks if address in it).partition("$ edit crmsync.yaml: writes: on\n")
    here = tmp_path / "firm"
    here.mkdir()
    served = practice(tmp_path / "practice", "--crm", crm, "--leads", "300", "--seed", "7")
    with served as urls:
        count = 0
        for part in (first, rest):
            command, *lines = part.splitlines()
            asked = [line for line in lines if re.match(r"(Number|Answer|Not shown|Change|Write this)", line)]
            answers = [line.partition(": ")[2].replace(address, urls[crm]) for line in asked]
            code, shown, given = dialogue(here, *command.split()[2:], answers=answers)
            assert code == 0, shown
            count += given
            at, flat = 0, " ".join(shown.replace(urls[crm], address).split())
            for line in (line.replace("a-secret", "") for line in lines if line.strip() != "…"):
                pattern = ".{1,80}?".join(re.escape(" ".join(piece.split())) for piece in line.split("…"))
                hit = re.compile(pattern).search(flat, at)
                assert hit, f"not shown, or not in this order: {line}\n{shown}"
                at = hit.end()
            settings = here / "crmsync.yaml"
            text = settings.read_text(encoding="utf-8")
            settings.write_text(text.replace("writes: off", "writes: on"), encoding="utf-8")
    assert count == answered
