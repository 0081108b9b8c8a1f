"""The aim of a pilot: the everyday run for some leads, or for a part of what would change."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from msgspec import Struct

from crmsync.configuration import did_you_mean
from crmsync.connection.named_leads import named_leads, not_stored
from crmsync.connection.prepared import Prepared
from crmsync.contract import Connector
from crmsync.enumeration import first_few
from crmsync.errors import UsageError
from crmsync.model import Rest
from crmsync.plan import Part
from crmsync.run.aims.everybody import Everybody
from crmsync.run.changed_files import ChangedFiles
from crmsync.run.course import Course, RunCircumstances
from crmsync.run.decide import decide_and_plan
from crmsync.run.decided import Decided
from crmsync.run.looked import Looked
from crmsync.run.selection import Selection
from crmsync.settings import ConnectionConfiguration
from crmsync.store import RunKind, Store
from crmsync.values import replace


class Chosen(Struct, frozen=True):
    """`crmsync run` with options that select. See `Selection`; `names`: leads in any form that a person may write.

    `alone`: no other connection runs; a lead that is not here is a mistake then, and not another connection's.
    """

    names: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    limit: int | None = None
    only: Part | None = None
    alone: bool = True

    @property
    def kind(self) -> RunKind:
        """As the store keeps it."""
        return "run"

    @property
    def of_run(self) -> None:
        """It makes a plan of its own."""

    @property
    def partial(self) -> bool:
        """A part of an everyday run."""
        return True

    @property
    def told(self) -> None:
        """What has changed since the last pull is read."""

    def looked_up(self, prepared: Prepared, store: Store) -> Chosen:
        """Stages and criteria are the policy's; leads are looked up once the CRM is read. Raises `UsageError`."""
        policy = prepared.settings.policy
        for what, names, known in (
            ("stage", self.stages, policy.stages),
            ("criterion", self.criteria, tuple(policy.criteria)),
        ):
            for name in names:
                if name not in known:
                    raise UsageError(
                        f"the policy has no {what} `{name}`", hint=did_you_mean(name, known) or _ALL_NAMES
                    )
        return self

    def command(self, connection: str) -> str:
        """The same selection; leads are named again by the reader, as e-mail addresses stay out of plans."""
        options = [
            *(["--lead …"] if self.names else []),
            *(f"--stage {quote(stage)}" for stage in self.stages),
            *(f"--where {quote(name)}" for name in self.criteria),
            *([] if self.limit is None else [f"--limit {self.limit}"]),
            *([] if self.only is None else [f"--only {self.only}"]),
        ]
        return " ".join((f"run {connection}", *options))

    def concerned_by(self, changed: ChangedFiles) -> ChangedFiles:
        """All of it, but for leads that are not selected: the next run looks at changed files again."""
        return changed

    def look(self, found: RunCircumstances, connector: Connector) -> Looked:
        """Nothing: the store knows it."""
        return Looked()

    def course(self, found: RunCircumstances) -> Course:
        """The everyday course; only the named leads if some are named, due or not."""
        course = replace(Everybody().course(found), remembered=self.only is None)
        selection = Selection(None, self.stages, self.criteria, self.limit, self.only)
        if not self.names:
            return replace(course, selection=selection)
        leads = self._leads(found)
        return replace(
            course,
            everything=False,
            leads=leads,
            also=(),
            under_way=course.under_way.only(leads),
            selection=replace(selection, leads=frozenset(leads)),
        )

    def decide(self, found: RunCircumstances, course: Course) -> Decided:
        """By policy and roster."""
        return decide_and_plan(found.prepared, found.store, course, as_of=found.as_of, now=found.now)

    def notes(self, found: RunCircumstances, course: Course, decided: Decided) -> Iterator[str]:
        """What the rest would have been, and what is not here."""
        if missing := self._missing(found):
            yield f"not among the leads of this connection: {first_few(missing)}"
        if self.names:
            yield "a pilot: no other leads than those named were looked at; they stay due"
            if decided.rest is not None and decided.rest.leads:
                yield f"of the leads named, {_words(decided.rest)}"
        elif decided.rest is not None:
            yield f"a pilot: {_words(decided.rest)}"
        if self.only == "fields" and found.prepared.configuration.mapping.write is None:
            yield "the mapping names no fields for people: nothing is left of a change → `write:` in the mapping"
        opened = [entry.change.lead for entry in course.open] if self.only else []
        if opened:
            yield (
                f"{len(opened):,} with a change of an earlier run that is still open are left to a run that writes "
                f"all of it ({first_few(sorted(opened))})"
            )

    def _leads(self, found: RunCircumstances) -> tuple[str, ...]:
        """The native ids. Raises `UsageError` for names that nobody has here."""
        missing = self._missing(found)
        if missing and self.alone:
            looked_for = named_leads(found.prepared.configuration, found.store, missing)
            raise not_stored(found.prepared.name, looked_for)
        return tuple(sorted({lead for ids in self._known(found).values() for lead in ids}))

    def known(self, configuration: ConnectionConfiguration, store: Store) -> dict[str, list[str]]:
        """Each name → native ids of stored leads of this connection."""
        named = named_leads(configuration, store, self.names)
        stored = store.facts.lead_names(configuration.name, {lead for ids in named.values() for lead in ids})
        return {name: [lead for lead in ids if lead in stored] for name, ids in named.items()}

    def _missing(self, found: RunCircumstances) -> list[str]:
        return [name for name, ids in self._known(found).items() if not ids]

    def _known(self, found: RunCircumstances) -> dict[str, list[str]]:
        return self.known(found.prepared.configuration, found.store)


_ALL_NAMES = "`crmsync policy describe` names all"


def _words(rest: Rest) -> str:
    if not rest.leads:
        return "nothing is left out"
    moves = [f"{count:,} to {stage}" for stage, count in sorted(rest.stages.items())]
    moves += [f"{rest.owners:,} to another owner"] if rest.owners else []
    moves += [f"{rest.fields:,} in fields for people"] if rest.fields else []
    leads = "1 lead that is" if rest.leads == 1 else f"{rest.leads:,} leads that are"
    return f"{leads} left out would change as well, and stay due: {', '.join(moves)}"
