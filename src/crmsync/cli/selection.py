"""Options that select: which leads a run may change, and what of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from crmsync.cli.count import Count

F = TypeVar("F", bound=Callable[..., Any])
Named = TypeVar("Named", str | None, tuple[str, ...])


def no_blanks(_: click.Context, __: click.Parameter, named: Named) -> Named:
    """A lead, or some: refused where one is called nothing, which a script's empty variable makes of it."""
    leads = (named,) if isinstance(named, str) else named or ()
    if any(not lead.strip() for lead in leads):
        raise click.BadParameter("a lead's id, address or e-mail is empty")
    return named


_OPTIONS = (
    click.option(
        "--lead",
        "leads",
        multiple=True,
        metavar="LEAD",
        callback=no_blanks,
        help="Only this lead, due or not: record id, address of its page, or e-mail. May be repeated.",
    ),
    click.option(
        "--limit",
        type=Count(1),
        metavar="N",
        help="Only the first N changes, in the order in which leads are handed off.",
    ),
    click.option("--only", type=click.Choice(["stage", "owner", "fields"]), help="Only this part of each change."),
    click.option(
        "--stage",
        "stages",
        multiple=True,
        metavar="STAGE",
        help="Only leads that are decided to stand in this stage; may be repeated.",
    ),
    click.option(
        "--where",
        "criteria",
        multiple=True,
        metavar="CRITERION",
        help="Only leads that meet this criterion of the policy; may be repeated, one is enough.",
    ),
)


def selection_options(function: F) -> F:
    """`--lead`, `--limit`, `--only`, `--stage`, `--where`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
