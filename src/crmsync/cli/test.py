"""`crmsync test`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmsync.cli.shared import Day, config_option, put, result_options
from crmsync.errors import UsageError
from crmsync.showing.rendering import as_json

if TYPE_CHECKING:
    from crmsync.operations.policy.test_cases import CaseReport, CaseResult

EPILOG = """\b
Examples:
  crmsync test                           tests/*.yaml, policy-tests/*.yaml
  crmsync test policy-tests/banks.yaml   one file
  crmsync test --policy new-policy.yaml  the same under another policy
  crmsync test --preset saas             a shipped policy's own examples

\b
Exit codes:
  0  every example came out as expected
  2  a file is broken
  4  some examples came out otherwise
"""


@click.command(epilog=EPILOG)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path, dir_okay=False))
@config_option
@click.option(
    "--policy", "wanted", metavar="FILE|PRESET", help="Decide by this policy instead of the configured one."
)
@click.option("--preset", "shipped", multiple=True, metavar="PRESET", help="Run the shipped examples of this preset.")
@click.option(
    "--roster",
    "roster_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Choose expected owners from this roster instead of the configured one.",
)
@click.option("--as-of", type=Day(), help="The day of the test (default: what the file says, else today in UTC).")
@result_options
def test(
    files: tuple[Path, ...],
    config: Path,
    wanted: str | None,
    shipped: tuple[str, ...],
    roster_file: Path | None,
    as_of: date | None,
    form: str,
    out: Path | None,
) -> None:
    """Decide example leads and compare with the stage, scores, conditions and owner that are expected of them.

    Needs no CRM and no store. What an example may say is in `crmsync docs test-a-policy`.
    """
    from crmsync.clock import local_day, now
    from crmsync.operations.policy.policy_tests import run_files, run_presets

    if shipped and files:
        raise UsageError("name files or presets, not both", hint="crmsync test --help")
    today = local_day(now(), "UTC")
    if shipped:
        report = run_presets(shipped, config, wanted, as_of=as_of, today=today)
    else:
        report = run_files(files, config, wanted, roster_file, as_of=as_of, today=today)
    put(as_json(report.to_json()) if form == "json" else _lines(report), out)
    sys.exit(report.exit_code)


def _lines(report: CaseReport) -> str:
    """One line for each example that failed, so that editors and CI find the place, and a sum."""
    lines = [_line(result) for result in report.failed]
    skipped = f", {report.skipped} are for other policies" if report.skipped else ""
    lines.append(f"{len(report.results) - len(report.failed)} of {len(report.results)} examples as expected{skipped}")
    return "\n".join(lines) + "\n"


def _line(result: CaseResult) -> str:
    where = f"{result.located.file}:{result.located.line}:{result.located.column}"
    whys: dict[str, list[str]] = {}
    for failure in result.failures:
        whys.setdefault(failure.why, []).append(f"{failure.what} is {failure.actual}, expected {failure.expected}")
    told = "; ".join(f"{'; '.join(said)} (why: {why})" for why, said in whys.items())
    return f"{where}: {result.located.case.name}: {told}"
