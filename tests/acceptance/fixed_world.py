"""What every command answers in one fixed world, as files: two runs of this script can be compared byte by byte.

    python tests/acceptance/fixed_world.py DIRECTORY [--leads N]

Starts both practice CRMs (seed and day fixed), puts the clock of every party at one instant, and runs the commands
inside this process, so that whatever differs between two answers differs in the code.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `suite`

from rehearsal import Rehearsal, rehearsal

from crmsync.cli.report import report

DAY = "2026-11-20"
INSTANT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
SEED = "11"

FORMS = (("markdown", "md"), ("html", "html"), ("csv", "csv"))
"""Forms of a plan beside table and JSON, and how their files end."""
REPORTS = tuple(
    (f"{name}.{end}", ("report", name, *form))
    for name in report.commands
    for end, form in (("json", ("--format", "json")), ("txt", ()))
)
"""Every `crmsync report`, as it comes."""

COMMANDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("check.json", ("check", "--format", "json")),
    ("check.txt", ("check",)),
    ("dry-run.json", ("run", "--dry-run", "--format", "json")),
    ("dry-run.txt", ("run", "--dry-run")),
    ("dry-run-later.json", ("run", "--dry-run", "--as-of", "2026-12-24", "--format", "json")),
    ("explain-salesforce.jsonl", ("explain", "salesforce", "--all", "--format", "json")),
    ("explain-hubspot.jsonl", ("explain", "hubspot", "--all", "--format", "json")),
    *((f"dry-run.{end}", ("run", "--dry-run", "--format", form)) for form, end in FORMS),
    ("check-data.json", ("check", "--data", "--format", "json")),
    ("fields-salesforce.json", ("fields", "salesforce", "--format", "json")),
    ("fields-hubspot.txt", ("fields", "hubspot")),
    ("fields-company.json", ("fields", "hubspot", "contacts.company", "--format", "json")),
    ("provision.json", ("provision", "salesforce", "--dry-run", "--format", "json")),
    ("provision.txt", ("provision", "hubspot", "--dry-run")),
    ("saved.txt", ("run", "hubspot", "--dry-run", "--format", "json", "--out", "saved.json")),
    ("apply.json", ("apply", "saved.json", "--format", "json")),
    ("apply-again.txt", ("apply", "saved.json")),
    ("run.json", ("run", "--format", "json")),
    ("again.json", ("run", "--format", "json")),
    ("full.json", ("run", "--full", "--dry-run", "--format", "json")),
    ("redistribute.json", ("redistribute", "hubspot", "--from", "LEAVER", "--dry-run", "--format", "json")),
    ("explained-salesforce.jsonl", ("explain", "salesforce", "--all", "--format", "json")),
    ("explained-hubspot.jsonl", ("explain", "hubspot", "--all", "--format", "json")),
    ("explained.txt", ("explain", "hubspot", "LEAD")),
    *REPORTS,
    ("counters.json", ("counters", "export")),
    ("simulate.json", ("simulate", "--policy", "other.yaml", "--format", "json")),
    ("simulate.txt", ("simulate", "--policy", "other.yaml")),
    ("routing.json", ("simulate", "routing", "--days", "5", "--leads", "60", "--format", "json")),
    ("routing.txt", ("simulate", "routing", "--days", "5", "--leads", "60")),
    ("backtest.json", ("backtest", "--outcome", "stage=sqo", "--format", "json")),
    ("backtest.txt", ("backtest", "--outcome", "stage=sqo")),
    ("policy.md", ("policy", "describe")),
    ("policy.json", ("policy", "show", "--format", "json")),
    ("preset-cases.json", ("test", "--preset", "saas", "--format", "json")),
    ("hold.json", ("hold", "LEAD", "--until", "2026-12-24", "--why", "asked for", "--format", "json")),
    ("holds.json", ("holds", "--format", "json")),
    ("holds.txt", ("holds",)),
    ("release.txt", ("hold", "LEAD", "--release")),
    ("undo-shown.json", ("undo", "RUN", "--dry-run", "--format", "json")),
    *((f"undo-shown.{end}", ("undo", "RUN", "--dry-run", "--format", form)) for form, end in FORMS),
    ("undo.json", ("undo", "RUN", "--format", "json")),
    ("undo.txt", ("undo", "RUN")),
    ("after-undo.json", ("run", "--format", "json")),
    ("runs.json", ("runs", "--format", "json")),
    ("runs.txt", ("runs",)),
    ("history.json", ("history", "LEAD", "--format", "json")),
    ("history.txt", ("history", "LEAD")),
    ("history-of-run.json", ("history", "--run", "RUN", "--format", "json")),
    ("status.json", ("status", "--format", "json")),
    ("status.txt", ("status",)),
    ("tidy.json", ("tidy", "--format", "json")),
    ("forget.json", ("forget", "hubspot", "LEAD", "--format", "json")),
)
"""File → the command whose answer it holds. LEAD, LEAVER and RUN stand for ids of the world: a lead of HubSpot,
somebody who leaves there, and the run that wrote most in Salesforce.
"""


def answers(crm: Rehearsal) -> Iterator[tuple[str, str]]:
    """File name → exit code and what the command said, without what differs from call to call (ports, folders)."""
    leads, users = crm.native("hubspot"), crm.native("hubspot", "users")
    bdr = next(user for user in crm.state("hubspot")["users"] if "bdr" in (user["roles"] or ()) and user["active"])
    stand_ins = {"LEAD": min(leads.values()), "LEAVER": users[bdr["id"]]}
    policy = crm.file("policy.yaml").read_text(encoding="utf-8")
    crm.file("other.yaml").write_text(policy.replace("saas", "consulting"), encoding="utf-8")
    for name, arguments in COMMANDS:
        if "RUN" in arguments and "RUN" not in stand_ins:
            ran = crm.json("runs", "salesforce")["runs"]
            stand_ins["RUN"] = str(max(ran, key=lambda line: (not line["dry_run"], line["counts"]["changes"]))["id"])
        words = (stand_ins.get(word, word) for word in arguments)
        done = crm.crmsync(*words, env={"COLUMNS": "100"})
        said = f"exit {done.returncode}\n{done.stdout}" + (f"--- stderr\n{done.stderr}" if done.stderr else "")
        yield name, _plain(said, crm)


def _plain(text: str, crm: Rehearsal) -> str:
    text = text.replace(str(crm.directory), "FOLDER")
    text = re.sub(r"127\.0\.0\.1:[0-9]+", "HOST", text)
    text = re.sub(r'"(store|seal)": "[0-9a-f]{32}"', r'"\1": "DIGEST"', text)
    text = re.sub(r'"by": "[^"]*@[^"]*"', '"by": "SOMEBODY"', text)
    return re.sub(r"\b[0-9]+\.[0-9]+ s\b", "SECONDS", text)


@contextlib.contextmanager
def fixed_world(directory: Path, leads: int, crm: str = "both") -> Iterator[Rehearsal]:
    """Practice CRMs with everybody's clock at INSTANT, this process's until the end of the block."""
    world = rehearsal(directory, "--crm", crm, "--leads", str(leads), "--seed", SEED, "--today", DAY)
    with clock_at(INSTANT), world as crms:
        for name in crms.urls:
            crms.control(name, "clock", "PUT", {"now": INSTANT.isoformat()})
        yield crms


def clock_at(instant: datetime) -> contextlib.AbstractContextManager[object]:
    """This process's clock stands still at `instant` until the end of the block."""
    return mock.patch("crmsync.clock.now", lambda: instant)


def main() -> None:
    """Write the answers into a directory."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("directory", type=Path)
    arguments.add_argument("--leads", type=int, default=40)
    given = arguments.parse_args()
    given.directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, fixed_world(Path(folder) / "rehearsal", given.leads) as crm:
        for name, text in answers(crm):
            (given.directory / name).write_text(text, encoding="utf-8")
            print(f"{len(text):>9}  {name}  {text.splitlines()[0]}", file=sys.stderr)


if __name__ == "__main__":
    main()
