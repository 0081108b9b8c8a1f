"""Plans read back from the JSON of a dry run, strictly: what is applied is what was shown. Pure.

The shape is that of `crmsync.plan.render`; a key that is missing, not known or of another kind refuses the file, and
so does a seal that no longer fits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from msgspec import Struct
from pydantic import ValidationError

from crmsync.errors import UsageError
from crmsync.model import BoundTo, Change, GuardReading
from crmsync.plan.diff import digest_of
from crmsync.plan.seal import SEAL, seal_of

if TYPE_CHECKING:
    from crmsync.plan.file_shape import FileShape, PlanShape

MAKES_IT = "crmsync run --dry-run --format json --out FILE makes such a file"
_ANEW = "make the plan anew: crmsync run --dry-run --format json --out FILE"
_T = TypeVar("_T")


class WrittenPlan(Struct, frozen=True):
    """One connection's plan as it stands in a file. `decided`: lead → the stage that was decided for it."""

    connection: str
    as_of: date
    digest: str
    bound_to: BoundTo
    changes: tuple[Change, ...]
    decided: Mapping[str, str | None]
    guards: tuple[GuardReading, ...]


class _NoPlan(ValueError):
    """JSON that crmsync does not write; Python's own words for what it cannot read are another matter."""


def read_plans(text: str, name: str) -> tuple[WrittenPlan, ...]:
    """The plans of a file, of different connections. `name`: the file's, for messages.

    Raises `UsageError` for a text that is no plan, that was changed since it was made, or whose plans are not to be
    applied.
    """
    data = _parsed(text, name)
    if not isinstance(data, dict) or "plans" not in data:
        raise UsageError(f"{name} is not a plan", hint=MAKES_IT)
    if data.get("dry_run") is False:
        raise UsageError(f"{name} tells of a run that was carried out; it is not a plan to apply", hint=MAKES_IT)
    file = _shaped(data, name)
    if data[SEAL] != seal_of(data):
        raise UsageError(f"{name} was changed since it was made", hint=_ANEW)
    names = [plan.connection for plan in file.plans]
    if len(set(names)) < len(names) or not names:
        raise UsageError(
            f"{name} holds {'two plans of one connection' if names else 'no plan: every connection stopped'}",
            hint=_ANEW,
        )
    return tuple(_written(plan, name) for plan in file.plans)


def _parsed(text: str, name: str) -> Any:
    def no_number(word: str) -> NoReturn:
        raise _NoPlan(f"{word} is no JSON")

    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=no_number)
    except json.JSONDecodeError as error:
        raise UsageError(f"{name}:{error.lineno}:{error.colno}: this is no JSON", hint=MAKES_IT) from None
    except RecursionError:
        raise UsageError(f"{name}: nested too deeply for a plan", hint=MAKES_IT) from None
    except ValueError as error:
        words = str(error) if isinstance(error, _NoPlan) else "a number has too many digits"
        raise UsageError(f"{name}: {words}", hint=MAKES_IT) from None


def _once(pairs: Sequence[tuple[str, _T]]) -> dict[str, _T]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _NoPlan("a key stands twice in one object")
    return found


def _shaped(data: Mapping[str, Any], name: str) -> FileShape:
    from crmsync.plan.file_shape import FileShape  # noqa: PLC0415 - few commands read a plan

    try:
        return FileShape.model_validate_json(json.dumps(data), strict=True)
    except (ValidationError, RecursionError) as error:
        if isinstance(error, RecursionError):
            raise UsageError(f"{name}: nested too deeply for a plan", hint=MAKES_IT) from None
        first = error.errors(include_url=False, include_input=False)[0]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    words = str(first["msg"]).removeprefix("Value error, ")
    raise UsageError(f"{name}: {place + ': ' if place else ''}{words[0].lower() + words[1:]}", hint=MAKES_IT)


def _written(plan: PlanShape, name: str) -> WrittenPlan:
    bound = BoundTo(**plan.bound_to.model_dump())
    where = f"{name}: the plan of {plan.connection}"
    if plan.undo_of is not None or bound.kind not in {"run", "redistribute"}:
        raise UsageError(
            f"{where} was made by `crmsync {bound.kind}`",
            hint="`crmsync undo RUN` carries it out itself"
            if bound.kind == "undo"
            else "apply the file that it was made from",
        )
    try:
        as_of = date.fromisoformat(plan.as_of)
    except ValueError:
        raise UsageError(f"{where}: as_of is no day", hint=_ANEW) from None
    written = _as_written(plan, as_of)
    leads = [change.lead for change in written.changes]
    if leads != sorted(set(leads)) or digest_of(plan.connection, as_of, written.changes) != plan.digest:
        raise UsageError(f"{where} was changed since it was made", hint=_ANEW)
    return written


def kept_plan(told: Mapping[str, Any], changes: Sequence[Mapping[str, Any]]) -> WrittenPlan:
    """A plan that the store has kept, as `plan_to_json` told it, or a part of its changes.

    `told`: all of it but its changes. The digest stays that of the whole. Raises `UsageError` where a text of it is
    damaged, or was written by a version of crmsync whose plans are not those of this one.
    """
    from crmsync.plan.file_shape import PlanShape  # noqa: PLC0415 - few commands read a plan

    try:
        plan = PlanShape.model_validate_json(json.dumps({**told, "changes": list(changes)}), strict=True)
        return _as_written(plan, date.fromisoformat(plan.as_of))
    except ValueError:
        raise UsageError("the plan that was kept cannot be read any more", hint="make it anew") from None


def _as_written(plan: PlanShape, as_of: date) -> WrittenPlan:
    from crmsync.plan.file_shape import change_of  # noqa: PLC0415 - few commands read a plan

    return WrittenPlan(
        connection=plan.connection,
        as_of=as_of,
        digest=plan.digest,
        bound_to=BoundTo(**plan.bound_to.model_dump()),
        changes=tuple(change_of(change) for change in plan.changes),
        decided={change.lead: change.decided for change in plan.changes},
        guards=tuple(
            GuardReading(it.name, it.value, it.limit, it.breached, words=it.words, leads=tuple(it.leads))
            for it in plan.guards
        ),
    )
