"""`crmsync fmt`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from crmsync.cli.result_file import ResultFile
from crmsync.cli.shared import config_option, put, result_options
from crmsync.showing.foreign_text import cleaned
from crmsync.showing.rendering import as_json

EPILOG = """\b
Examples:
  crmsync fmt                      every file of the configuration
  crmsync fmt policy.yaml
  crmsync fmt --check              say what is not in order, as in CI
  crmsync fmt --check --format json

\b
Only lines move, with their comments; what is written on them stays, and so
does the order of names that you give: facts, criteria, stages, people.

\b
Exit codes:
  0  all files are in order
  2  a file cannot be read: the message names file, line and column, and
     none is written
  4  with --check: a file is not in order
"""


@click.command(epilog=EPILOG)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option("--check", is_flag=True, help="Write nothing; show what would change, and exit with 4 if anything.")
@config_option
@result_options
def fmt(files: tuple[Path, ...], check: bool, config: Path, form: str, out: Path | None) -> None:
    """Put files of a configuration in order: keys, empty lines, ends of lines.

    Comments are kept, and a file says what it said. Without FILE: crmsync.yaml and the policy, roster and mappings
    that it names.
    """
    from crmsync.operations.files.formatting import formatted_files

    found = formatted_files(config, files)
    changed = [each for each in found if each.changed]
    if not check:
        for each in changed:
            with ResultFile(each.path, hint="make the file writable") as file:
                file.write(each.text)
    if form == "json":
        put(as_json({"format": 1, "check": check, "files": [each.to_json(check=check) for each in found]}), out)
    else:
        lines = [f"{each.path}: {each.state(check=check).replace('_', ' ')}" for each in found]
        lines += [each.diff() for each in changed] if check else []
        put(cleaned("\n".join(lines)) + "\n", out)
    sys.exit(4 if check and changed else 0)
