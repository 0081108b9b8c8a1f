"""`crmsync check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from crmsync.cli.shared import config_option, progress_bar, put, result_options

EPILOG = """\b
Examples:
  crmsync check                      everything, of every connection
  crmsync check salesforce --data    what its records hold, too
  crmsync check --format json        findings for programs

\b
Exit codes:
  0  nothing to mend; warnings are worth a look
  1  a CRM cannot be reached, or refuses the sign-in
  2  something to mend: file, line and next step are told
"""


@click.command(epilog=EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@click.option("--data", is_flag=True, help="Also read records, and count what the mapping makes of them.")
@config_option
@result_options
def check(connections: tuple[str, ...], data: bool, config: Path, form: str, out: Path | None) -> None:
    """Hold configuration, sign-in, fields, values, words and roster against the CRM.

    Nothing is written, neither to the CRM nor to the store. What is wrong is told with file, line and the mend; what
    is only worth a look stops nothing. With --data, up to 50,000 records of each object are read: how many leads
    have each fact and each stage, which values are not understood, which words no rule names.

    Exit codes: 0 nothing to mend, 1 a CRM refuses or does not answer, 2 something to mend.
    """
    from crmsync.clock import now
    from crmsync.errors import ConfigurationError
    from crmsync.operations.check.connections import check_all, findings_of
    from crmsync.operations.run.every_connection import EXIT_ORDER
    from crmsync.settings import load_settings
    from crmsync.showing.check.table import check_json, check_parts
    from crmsync.showing.rendering import rendered

    try:
        settings = load_settings(config)
    except ConfigurationError as error:
        if form != "json":
            raise
        put(check_json((), error.findings), out)
        sys.exit(error.exit_code)
    with progress_bar() as progress:
        results = check_all(settings, connections, now(), data=data, progress=progress)
    findings = findings_of(results)
    put(check_json(results, findings) if form == "json" else rendered(*check_parts(results, findings)), out)
    codes = {result.exit_code for result in results}
    sys.exit(next((code for code in EXIT_ORDER if code in codes), 0))
