"""What stands in the file of a dry run, key by key, and its changes as values. Pure.

A key that is missing, not known or of another kind refuses the file. Only what reads such a file loads this module.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crmsync.model import Between, Change, HandOffMove, HandOffStep, NewRecord, RecordChange, Routing


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


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


class PlanShape(_Part):
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


class FileShape(_Part):
    format: Literal[1]
    dry_run: bool
    as_of: str
    plans: list[PlanShape]
    errors: list[dict[str, Any]]
    seal: str


def _between(read: _Between | None) -> Between | None:
    if read is None:
        return None
    before, after = read.counter.before or 0, read.counter.after or 0
    return Between(read.rotation, before, after, tuple((it.pool, it.weight) for it in read.pools))


def change_of(read: _Change) -> Change:
    """A change as plans hold it."""
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
        else HandOffStep(**{name: getattr(step, name) for name in HandOffStep.__struct_fields__}),
        fields=tuple(read.fields),
        creates=tuple(NewRecord(it.object, it.values, tuple(it.known_by)) for it in read.creates),
        records=tuple(
            RecordChange(it.object, it.id, {name: (pair.before, pair.after) for name, pair in it.writes.items()})
            for it in read.records
        ),
    )
