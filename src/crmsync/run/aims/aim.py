"""A run's aim as a value: which leads it looks at, and what becomes of them.

Settling, pulling, guards, journal and writing are the same for every aim and ask only what stands here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from crmsync.connection.prepared import Prepared
from crmsync.contract import Connector
from crmsync.run.changed_files import ChangedFiles
from crmsync.run.course import Course, RunCircumstances
from crmsync.run.decided import Decided
from crmsync.run.looked import Looked
from crmsync.store import RunKind, Store, Waiting


class Aim(Protocol):
    """What a run is for."""

    @property
    def kind(self) -> RunKind:
        """What the store calls such a run."""

    @property
    def of_run(self) -> int | None:
        """The run whose plan it carries out, or that it takes back; null = none."""

    @property
    def partial(self) -> bool:
        """Whether it is an everyday run of a part only, after which the others are as if there had been none."""

    @property
    def told(self) -> tuple[Waiting, ...] | None:
        """Records that were told, where these and no others are read; null = what has changed since the last pull."""

    def looked_up(self, prepared: Prepared, store: Store) -> Aim:
        """The same aim with its names found in the CRM, before anything is done. Raises `UsageError`."""

    def command(self, connection: str) -> str:
        """What to call to let a plan through that a guard has stopped, without `crmsync` and options."""

    def concerned_by(self, changed: ChangedFiles) -> ChangedFiles:
        """What changed files mean for this run."""

    def look(self, found: RunCircumstances, connector: Connector) -> Looked:
        """What it reads of the CRM to decide by, beside what every run reads. The only one that may ask the CRM."""

    def course(self, found: RunCircumstances) -> Course:
        """What the run does about its leads. Reads the store; never asks the CRM."""

    def decide(self, found: RunCircumstances, course: Course) -> Decided:
        """What is to become of the leads of the course. Reads the store; never asks the CRM."""

    def notes(self, found: RunCircumstances, course: Course, decided: Decided) -> Iterator[str]:
        """What a reader of the plan should know besides its changes."""
