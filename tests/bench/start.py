"""What a command's start costs: processor seconds of whole processes, the least of several.

    python tests/bench/start.py [--times N] [--against PROGRAM]

Reads both practice CRMs once (40 leads each), then gives each command N times from nothing. With `--against` the
`crmsync` of another tree's environment takes turns with this one's, on a store of its own: two figures and their
ratio, which other work on the machine moves less than the figures. The last figure of a line is the command's time
as against that of the three large libraries, which are imported as often between the commands.

Where PYTHONDONTWRITEBYTECODE is set, `python -m compileall -q src connectors` in both trees first: what is measured
is Python's compiler otherwise.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `suite`
sys.path.insert(0, str(Path(__file__).parents[1] / "acceptance"))

from commands import environment
from rehearsal import Rehearsal, rehearsal

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "--help": ("--help",),
    "a usage error": ("run", "--nonsense"),
    "schema policy": ("schema", "policy"),
    "counters export": ("counters", "export"),
    "policy describe": ("policy", "describe"),
    "policy describe, Italian": ("policy", "describe", "--language", "it"),
    "explain, one lead": ("explain", "hubspot", "LEAD"),
    "explain, one lead, JSON": ("explain", "hubspot", "LEAD", "--format", "json"),
    "explain, Italian": ("explain", "hubspot", "LEAD", "--language", "it"),
    "report worklist, JSON": ("report", "worklist", "--format", "json"),
    "check": ("check",),
    "run --dry-run": ("run", "--dry-run"),
}
LIBRARIES = ("-c", "import polars, sqlalchemy, pydantic")


def processor_seconds(program: str, arguments: Sequence[str], folder: Path) -> float:
    """User and system time of one process from its start to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, *arguments], cwd=folder, env=environment(), capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(programs: Sequence[str], crm: Rehearsal, times: int) -> None:
    """Print a line for each command."""
    lead = min(crm.native("hubspot").values())
    folders = {program: crm.directory / "measured" / str(number) for number, program in enumerate(programs)}
    for program, folder in folders.items():
        copied(crm.directory, folder)
        subprocess.run([program, "run", "--dry-run"], cwd=folder, env=environment(), capture_output=True, check=True)
    for name, words in COMMANDS.items():
        arguments = [lead if word == "LEAD" else word for word in words]
        taken = [
            [
                processor_seconds(sys.executable, LIBRARIES, crm.directory),
                *(processor_seconds(program, arguments, folder) for program, folder in folders.items()),
            ]
            for _ in range(times)
        ]
        floor, *least = [min(column) for column in zip(*taken, strict=True)]
        ratio = f"  {least[0] / least[1]:5.2f}" if len(least) > 1 else ""
        seconds = "".join(f"{each:7.2f} s" for each in least)
        print(f"{name:<25}{seconds}{ratio}   libraries {floor:.2f} s: {least[0] / floor:.2f}", flush=True)


def copied(configuration: Path, folder: Path) -> None:
    """The files of a configuration, without its store."""
    shutil.copytree(configuration / "mappings", folder / "mappings")
    for file in (".env", "crmsync.yaml", "policy.yaml", "roster.yaml"):
        shutil.copy(configuration / file, folder)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--times", type=int, default=5)
    arguments.add_argument("--against", help="the `crmsync` of another environment")
    given = arguments.parse_args()
    programs = [str(Path(sys.executable).with_name("crmsync")), *([given.against] if given.against else [])]
    with tempfile.TemporaryDirectory() as folder, rehearsal(Path(folder) / "rehearsal", "--leads", "40") as crm:
        measured(programs, crm, given.times)


if __name__ == "__main__":
    main()
