"""Plans read back from the JSON of a dry run, strictly: what is applied is what was shown. Pure.

The shape is that of `crmsync.plan.render`; a key that is missing, not known or of another kind refuses the file, and
so does a seal that no longer fits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from crmsync.errors import UsageError
from crmsync.model import (
    Between,
    BoundTo,
    Change,
    GuardReading,
    HandOffMove,
    HandOffStep,
    NewRecord,
    RecordChange,
    Routing,
)
from crmsync.plan.diff import digest_of
from crmsync.plan.seal import SEAL, seal_of

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


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)  # few commands read a plan


class _Pair(_Part):
    before: str | None
    after: str | None


class _Holds(_Part):
    stage: str | None
    owner: str | None


class _PassedOver(_Part):
    user: str
    why: str


class _Share(_Part):
    user: str
    weight: Annotated[int, Field(ge=0)]


class _Counter(_Part):
    before: int | None
    after: int | None


class _PartOfLeads(_Part):
    pool: str
    weight: Annotated[int, Field(ge=1)]


class _Between(_Part):
    rotation: str
    counter: _Counter
    pools: list[_PartOfLeads]


class _Routing(_Part):
    reason: str
    pool: str | None
    counter: _Counter | None
    passed_over: list[_PassedOver]
    shared: list[_Share] | None
    between: _Between | None = None
    hand_over: str | None = None


class _Step(_Part):
    move: HandOffMove
    attempt: Annotated[int, Field(ge=1)]
    bdr: str | None
    reason: str | None
    answer: str | None
    hand_over: str | None = None


class _Record(_Part):
    object: Annotated[str, Field(min_length=1)]
    values: dict[str, str]
    known_by: Annotated[list[str], Field(min_length=1)]

    @model_validator(mode="after")
    def _known(self) -> _Record:
        if not set(self.known_by) <= self.values.keys():
            raise ValueError("`known_by` names a field that is not among `values`")
        return self


class _RecordChange(_Part):
    object: Annotated[str, Field(min_length=1)]
    id: Annotated[str, Field(min_length=1)]
    writes: dict[str, _Pair]


class _Change(_Part):
    lead: Annotated[str, Field(min_length=1)]
    url: str | None
    stage: _Pair | None
    owner: _Pair | None
    holds: _Holds
    decided: str | None
    writes: dict[str, _Pair]
    fields: list[str]
    scores: dict[str, tuple[int, int]]
    reasons: list[str]
    routing: _Routing | None
    hand_off: _Step | None
    turn: str | None
    beside: dict[str, str | None]
    creates: list[_Record]
    records: list[_RecordChange]


class _Guard(_Part):
    name: str
    value: float
    limit: float
    breached: bool
    words: str
    leads: list[str]
    way_on: str


class _Bound(_Part):
    store: str
    connector: str
    org: str
    policy: str
    mapping: str
    roster: str
    kind: str
    run: Annotated[int, Field(ge=0, lt=2**63)]


class _Plan(_Part):
    connection: Annotated[str, Field(min_length=1)]
    as_of: str
    digest: str
    bound_to: _Bound
    undo_of: int | None
    guards: list[_Guard]
    counts: dict[str, int]
    stages: dict[str, int]
    changes: list[_Change]
    owners: list[dict[str, Any]]
    set_aside: list[dict[str, str | None]]
    notes: list[str]
    rest: dict[str, Any] | None


class _File(_Part):
    format: Literal[1]
    dry_run: bool
    as_of: str
    plans: list[_Plan]
    errors: list[dict[str, Any]]
    seal: str


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


def _shaped(data: Mapping[str, Any], name: str) -> _File:
    try:
        return _File.model_validate_json(json.dumps(data), strict=True)
    except (ValidationError, RecursionError) as error:
        if isinstance(error, RecursionError):
            raise UsageError(f"{name}: nested too deeply for a plan", hint=MAKES_IT) from None
        first = error.errors(include_url=False, include_input=False)[0]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    words = str(first["msg"]).removeprefix("Value error, ")
    raise UsageError(f"{name}: {place + ': ' if place else ''}{words[0].lower() + words[1:]}", hint=MAKES_IT)


def _written(plan: _Plan, name: str) -> WrittenPlan:
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
    try:
        plan = _Plan.model_validate_json(json.dumps({**told, "changes": list(changes)}), strict=True)
        return _as_written(plan, date.fromisoformat(plan.as_of))
    except ValueError:
        raise UsageError("the plan that was kept cannot be read any more", hint="make it anew") from None


def _as_written(plan: _Plan, as_of: date) -> WrittenPlan:
    return WrittenPlan(
        connection=plan.connection,
        as_of=as_of,
        digest=plan.digest,
        bound_to=BoundTo(**plan.bound_to.model_dump()),
        changes=tuple(_change(change) for change in plan.changes),
        decided={change.lead: change.decided for change in plan.changes},
        guards=tuple(
            GuardReading(it.name, it.value, it.limit, it.breached, words=it.words, leads=tuple(it.leads))
            for it in plan.guards
        ),
    )


def _between(read: _Between | None) -> Between | None:
    if read is None:
        return None
    before, after = read.counter.before or 0, read.counter.after or 0
    return Between(read.rotation, before, after, tuple((it.pool, it.weight) for it in read.pools))


def _change(read: _Change) -> Change:
    routing, step = read.routing, read.hand_off
    return Change(
        lead=read.lead,
        stage_before=read.holds.stage,
        stage_after=read.stage.after if read.stage else read.holds.stage,
        owner_before=read.holds.owner,
        owner_after=read.owner.after if read.owner else read.holds.owner,
        writes={name: (pair.before, pair.after) for name, pair in read.writes.items()},
        scores=read.scores,
        reasons=tuple(read.reasons),
        turn=read.turn,
        beside=read.beside,
        routing=None
        if routing is None
        else Routing(
            routing.reason,
            routing.pool,
            routing.counter.before if routing.counter else None,
            routing.counter.after if routing.counter else None,
            tuple((it.user, it.why) for it in routing.passed_over),
            None if routing.shared is None else tuple((it.user, it.weight) for it in routing.shared),
            _between(routing.between),
            routing.hand_over,
        ),
        hand_off=None
        if step is None
        else HandOffStep(**{it.name: getattr(step, it.name) for it in fields(HandOffStep)}),
        fields=tuple(read.fields),
        creates=tuple(NewRecord(it.object, it.values, tuple(it.known_by)) for it in read.creates),
        records=tuple(
            RecordChange(it.object, it.id, {name: (pair.before, pair.after) for name, pair in it.writes.items()})
            for it in read.records
        ),
    )
