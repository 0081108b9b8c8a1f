"""Every crmsync command that a how-to page names, in a block or a sentence, is given once in a rehearsal.

Pages that are walked through from top to bottom (tests/docs) are left out; so is what goes on until it is ended,
asks, or belongs to another machine: `NOT_GIVEN` names it. A word that stands for something (LEAD, RUN …) is put in.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import crmsync
from rehearsal import Rehearsal, rehearsal
from small_world import small_world

from suite.breadth import broadly

HOW_TO = Path(__file__).parents[2] / "docs/how-to"
NOT_GIVEN = {
    "serve": "goes on until it is ended",
    "console": "goes on until it is ended (test_console)",
    "init": "asks (test_init_dialogue)",
    "practice": "goes on until it is ended",
    "re": "what completion makes a whole of",
    "provision": "makes things in the CRM (test_provision)",
    "forget": "takes a lead away from the others (test_forget_and_backup)",
}
"""First word of the command → why it is not given here."""
NEEDS = {
    "--outcome became_customer_on": "a mapping that says when a lead became a customer",
    "--outcome deal_state=won": "a mapping that says how a deal ended",
    "--by lead_source": "a mapping that says where a lead is from",
    "--suggest": "the extra `tune`",
    "alerts test": "a channel that is told (test_alerts)",
    "alerts send": "a channel that is told (test_alerts)",
    "hooks test": "a service that listens (test_hooks)",
}
OTHERS = {
    "/opt/crmsync/bin/crmsync": (1, "stands where the page before has put it"),
    "/opt/crmsync/bin/pip": (2, "packages from elsewhere (scripts/check_packages.py installs them)"),
    "python3": (1, "an environment in /opt (scripts/check_packages.py makes one)"),
    "python": (1, "shows a starter of an installation (scripts/check_packages.py does)"),
    "pip": (4, "an extra, from elsewhere"), "createdb": (1, "a database of the reader's"),
    "useradd": (1, "changes the machine"), "install": (2, "changes the machine"), "sudo": (1, "another user"),
    "systemctl": (2, "needs systemd (test_deploy verifies the unit)"), "journalctl": (1, "needs systemd"),
    "podman": (4, "needs a container engine (test_deploy reads the container file)"),
    "sf": (1, "Salesforce's own tool (test_provision holds the files against its shapes)"),
    "sh": (2, "test_review_in_ci does"), "curl": (2, "a practice CRM that goes on"), "mv": (1, "moves a file"),
    "mkdir": (1, "makes a folder"), "export": (1, "a secret of the reader's"),
}  # fmt: skip
"""What pages give to other programs in blocks that nothing carries out: program → lines, and why they are not run."""
PROGRAMS = frozenset(
    {"bash", "cat", "chmod", "cp", "docker", "echo", "git", "kubectl", "make", "node", "npm", "rm", "sed"}
)
"""Others that a page might name."""
WALKED = re.compile(
    r"add-an?-|back-up|begin-with|check-that-your|watch-hand|when-somebody|share-the|more-than-one|read-the"
)
"""Pages that tests/docs walks through."""
WELL = {0, 3, 4}
"""Exit codes of a command that was understood; `status` says 1 where something needs a person."""


def named(page: Path) -> Iterator[str]:
    """The commands of a page: lines of blocks without what is said beside them, and whole commands in a sentence."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^ *```(?!yaml|json|diff|python)[^\n]*\n(.*?)^ *```", text, re.M | re.S):
        for line in block.splitlines():
            if found := re.match(r"\s*(?:\$ )?(crmsync .*)", line):
                yield re.split(r"\s{3,}|\s+#|\s+\|\|", found[1])[0].strip()
    bare = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.M | re.S)
    yield from re.findall(r"`(crmsync [^`…]+)`", " ".join(bare.split()))


def all_named() -> dict[str, str]:
    """Command → the page that names it first. One alone (`crmsync apply`) speaks of it, and is not to be given."""
    found: dict[str, str] = {}
    for page in sorted(it for it in HOW_TO.glob("*.md") if not WALKED.match(it.name)):
        for command in named(page):
            found.setdefault(command, page.name)
    return found


ALL = all_named()
ALONE = {
    "apply",
    "backtest",
    "explain",
    "undo",
    "hold",
    "history",
    "backup",
    "schema",
    "report",
    "counters",
    "simulate",
}
ALONE |= {"fields", "redistribute"}
"""Commands that do nothing without an argument."""


def given_here(command: str) -> bool:
    words = command.split()
    return words[1] not in NOT_GIVEN and not (len(words) == 2 and words[1] in ALONE)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Both CRMs after a run that wrote; a policy to compare with, examples, a plan, outcomes."""
    place = tmp_path_factory.mktemp("pages")
    world = small_world(place / "world")
    with rehearsal(place / "rehearsal", "--import", str(world)) as served:
        folder = served.directory
        assert crmsync("run", cwd=folder).returncode == 0
        (folder / "new.yaml").write_text("format: 1\nname: New\nextends: saas\n", encoding="utf-8")
        (folder / "tests").mkdir()
        example = "format: 1\nexamples:\n  - {name: nothing known, facts: {}, expect: {stage: lead}}\n"
        (folder / "tests/examples.yaml").write_text(example, encoding="utf-8")
        people = [each["email"] for each in served.state("salesforce")["leads"]]
        rows = "".join(f"{email},{'won' if at % 2 else 'lost'}\n" for at, email in enumerate(people))
        (folder / "won.csv").write_text(f"lead,outcome\n{rows}", encoding="utf-8")
        plan = crmsync("run", "--dry-run", "--format", "json", "--out", "plan.json", cwd=folder)
        assert plan.returncode == 0
        yield served


def with_real_words(command: str, served: Rehearsal) -> list[str]:
    """A lead that salesforce holds, a run that was, a file of one's own."""
    lead = served.native("salesforce")["sql-1"]
    stand_for = {
        r"\bLEAD(_ID)?\b|\b00Q5g00000XyZ12EAB\b|\bada@[\w.]+": lead,
        r"\bCONNECTION\b": "salesforce", r"\bRUN\b|\b1[78]\b": "1",
        r"\bDAY\b": "2031-01-01", r"\bWORDS?\b": "budget", r"\bFILE\b": "own.txt", r"\bN\b": "500",
        r"\bnew-policy\.yaml\b": "new.yaml", r"\b2026-12-24\b": "2031-12-24", r"stage=customer": "stage=sqo",
    }  # fmt: skip
    for pattern, real in stand_for.items():
        command = re.sub(pattern, real, command)
    return shlex.split(command)[1:]


@pytest.mark.parametrize("command", broadly(sorted(filter(given_here, ALL)), core=2))
def test_a_command_that_a_page_names_is_one(here: Rehearsal, command: str) -> None:
    reason = next((why for words, why in NEEDS.items() if words in command), None)
    arguments = with_real_words(command, here)
    if "--release" in arguments:
        held = crmsync("hold", arguments[1], "--until", "2031-01-01", "--why", "so", cwd=here.directory)
        assert held.returncode == 0, held.stderr
    done = crmsync(*arguments, cwd=here.directory)
    if reason is not None:
        assert "Usage:" not in done.stderr, reason
        return
    well = WELL | ({1} if arguments[0] == "status" else set())
    assert done.returncode in well, f"{ALL[command]}: {done.stderr}\n{done.stdout[-600:]}"


def test_most_are_given() -> None:
    """What is left out is counted: whoever adds a page sees whether its commands are given."""
    left = [command for command in ALL if not given_here(command)]
    assert len(ALL) - len(left) >= 70
    assert len(left) <= 40, left


def test_what_is_for_other_programs_is_counted() -> None:
    """A page that gives another program something to do is seen here, and OTHERS says why nobody runs it."""
    found: Counter[str] = Counter()
    for page in sorted(HOW_TO.glob("*.md")):
        blocks = re.findall(r"^ *```(?:text|bash|shell|sh)\n(.*?)^ *```", page.read_text("utf-8"), re.M | re.S)
        for line in (line for block in blocks for line in block.splitlines()):
            if begins := re.match(r"\s*(?:\$ )?([a-z0-9./-]+)( [-/a-z'\"]| [A-Z_]+=)", line):
                found[begins[1]] += begins[1] in OTHERS or (begins[1] in PROGRAMS)
    assert {word: count for word, count in found.items() if count} == {word: n for word, (n, _) in OTHERS.items()}
