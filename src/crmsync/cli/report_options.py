"""What several reports ask for: which connections, how far, in which language and form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from crmsync.cli.result_file import out_option
from crmsync.cli.shared import Day, config_option, language_option
from crmsync.languages.known import Language

if TYPE_CHECKING:
    from crmsync.settings import Settings
    from crmsync.tongue import Tongue

F = TypeVar("F", bound=Callable[..., Any])

EXIT_CODES = """
\b
Exit codes:
  0  done
  1  the store cannot be used, or the CRM not be read
  2  an option or a file is wrong
"""

months_option = click.option(
    "--months", type=click.IntRange(1, 12), default=3, show_default=True, help="So many months after this one."
)
known_on_option = click.option(
    "--as-of", type=Day(), help="With what was known on this day (default: today in the org's zone)."
)
days_option = click.option(
    "--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How far to look back."
)


def of_connections(function: F) -> F:
    """`[CONNECTION]...` and `--config`: what a report begins with."""
    return click.argument("connections", nargs=-1, metavar="[CONNECTION]...")(config_option(function))


def within_option(told: str) -> Callable[[F], F]:
    """`--within DAYS`. `told`: what moves on in so many days."""
    return click.option(
        "--within",
        "within_days",
        type=click.IntRange(1, 3660),
        default=90,
        show_default=True,
        metavar="DAYS",
        help=told,
    )


def chart_options(function: F) -> F:
    """`--language`, `--format table|json|csv|html` and `--out`: what a report with charts ends with."""
    form = click.option(
        "--format",
        "form",
        type=click.Choice(["table", "json", "csv", "html"]),
        default="table",
        show_default=True,
        help="A table for people, stable JSON for programs, CSV for spreadsheets, or one HTML page with charts.",
    )
    return language_option(form(out_option()(function)))


def report_tongue(settings: Settings, asked: Language | None) -> Tongue:
    """Of the language that was asked for, else of the environment, else of the configuration."""
    from crmsync.languages.tongues import tongue_of

    return tongue_of(asked or settings.environment.language or settings.language)
