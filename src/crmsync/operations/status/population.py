"""Where the stored leads of a connection stand, and what of them cannot be used, as counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from crmsync.settings import Settings
from crmsync.store import Store


@dataclass(frozen=True, slots=True)
class RungCount:
    """How many leads stand on a stage of the policy. `stage`: null = on none: an empty field, or not managed."""

    stage: str | None
    label: str
    leads: int


@dataclass(frozen=True, slots=True)
class Population:
    """One connection's leads. `rungs`: every stage from the lowest up, then the others that leads stand in.

    `unmanaged`: leads in a stage that the mapping does not name. `unread`: values of records that nothing could be
    made of, at the last reading of each; `unread_fields` names their fields, the most frequent first.
    """

    connection: str
    rungs: tuple[RungCount, ...]
    unmanaged: int
    unread: int
    unread_fields: tuple[str, ...]

    @property
    def leads(self) -> int:
        """All of them."""
        return sum(rung.leads for rung in self.rungs)


def populations(settings: Settings, connections: Sequence[str] = ()) -> list[Population]:
    """Of the named connections, or of all. Raises `UsageError` for one that is not configured."""
    with closing(Store(settings.store)) as store:
        return [_population(settings, store, name) for name in settings.named(connections)]


def _population(settings: Settings, store: Store, name: str) -> Population:
    unread = store.facts.unread(name)
    return Population(
        connection=name,
        rungs=tuple(_rungs(settings, store.facts.leads_by_stage(name))),
        unmanaged=store.facts.unmanaged_count(name),
        unread=int(unread["count"].sum()),
        unread_fields=tuple(unread["field"].unique(maintain_order=True)),
    )


def _rungs(settings: Settings, counts: dict[str, int]) -> Iterator[RungCount]:
    policy = settings.policy
    ladder = [rung.stage for rung in policy.ladder]
    for stage in (*ladder, *sorted(stage for stage in counts if stage and stage not in ladder)):
        yield RungCount(stage, policy.label_of(stage), counts.get(stage, 0))
    if nowhere := counts.get("", 0):
        yield RungCount(None, "", nowhere)
