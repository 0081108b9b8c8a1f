"""Options that let a run through: what a guard would stop, and what somebody would be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from crmsync.cli.count import Count

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--allow-changes",
        type=Count(0),
        metavar="N",
        help="Let this run change up to N leads, whatever the guards that count changes.",
    ),
    click.option(
        "--allow",
        "allow",
        multiple=True,
        metavar="GUARD=N",
        help="Let this run through one guard up to N, such as owner-changes=400. May be repeated.",
    ),
    click.option(
        "--yes", is_flag=True, help="Ask nobody before the first write to a connection, or to several of them."
    ),
)


def letting_through_options(function: F) -> F:
    """`--allow-changes`, `--allow`, `--yes`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def allowed_by(allow: Sequence[str], allow_changes: int | None) -> Mapping[str, int]:
    """Guard → number, as `RunRequest.allowed` takes it. Raises `UsageError`."""
    from crmsync.configuration import did_you_mean
    from crmsync.errors import UsageError
    from crmsync.plan import ALLOWABLE, GUARDS

    allowed = {} if allow_changes is None else {"changes": allow_changes}
    for word in allow:
        name, _, number = word.partition("=")
        guard = name.strip().replace("-", "_")
        if guard in GUARDS and guard not in ALLOWABLE:
            raise UsageError(f"`--allow {word}`: nothing lets a run through the guard {guard}", hint=_MEND[guard])
        if guard not in ALLOWABLE:
            known = [each.replace("_", "-") for each in ALLOWABLE]
            raise UsageError(f"`--allow {word}`: there is no guard `{name}`", hint=did_you_mean(name, known))
        if not (number.strip().isascii() and number.strip().isdigit()) or len(number) > 12:
            raise UsageError(
                f"`--allow {word}` names no number", hint=f"write e.g. `--allow {guard.replace('_', '-')}=400`"
            )
        if guard in allowed:
            raise UsageError(f"`{name}` is allowed twice", hint="name each guard once")
        allowed[guard] = int(number)
    return allowed


_MEND: Mapping[str, str] = {
    "writes_off": "`writes: on` in crmsync.yaml switches a connection on",
    "all_unmanaged": "name the stages in the mapping; see check --data",
    "declined": "--yes asks nobody",
}
