"""`run`, `apply`, `undo`, `redistribute`: plans, and what became of them."""

from __future__ import annotations

from typing import Literal

from crmsync.showing.answers.changes import Change
from crmsync.showing.answers.shape import (
    Day,
    Finding,
    Format,
    Shape,
)


class Reading(Shape):
    """A guard that was asked."""

    name: str
    """Its name, as in the table of guards."""
    value: float
    """What was counted, or a share 0…1."""
    limit: float
    """What is allowed."""
    breached: bool
    """Whether it stops the run before its first write."""
    words: str
    """Value and limit in a sentence."""
    leads: list[str]
    """The first ten of the leads concerned, where it is about leads of the plan."""
    way_on: str
    """What to do; empty where nothing is breached."""


class Numbers(Shape):
    """How many of what."""

    read: int
    """Records read from the CRM."""
    activities_read: int
    """Activities among them."""
    decided: int
    """Leads decided."""
    changes: int
    """Leads that change."""
    set_aside: int
    """Leads that could not be handled."""
    calls: int
    """Calls to the CRM."""
    leads: int
    """Leads of the connection in all."""
    unmanaged: int
    """Leads in a stage that the mapping does not name."""
    left_scope: int
    """Leads that left the mapping's scope."""
    left_alone: int
    """Leads that would change and are held, pinned, stopped or undone."""


class BoundTo(Shape):
    """What the plan was made from: it can be applied where all of this is still so."""

    store: str
    """The store's identity."""
    connector: str
    """The connector's name."""
    org: str
    """The CRM account's id."""
    policy: str
    """Digest of what the policy says."""
    mapping: str
    """Digest of what the mapping says."""
    roster: str
    """Digest of what the roster says."""
    kind: Literal["run", "redistribute", "apply", "undo"]
    """Of the run that made the plan."""
    run: int
    """Its number."""


class OwnerLeads(Shape):
    """An owner whom the plan gives leads to, or takes them from. All leads held count."""

    owner: str | None
    """The CRM's id; null = nobody."""
    before: int
    """Leads before."""
    after: int
    """Leads after."""
    gains: int
    """Leads that come."""
    losses: int
    """Leads that go."""


class Aside(Shape):
    """A lead that could not be handled, or a part of it."""

    lead: str
    """The CRM's id of the lead."""
    reason: str
    """Why, without personal data."""
    url: str | None
    """The address of its page in the CRM, where that is known."""


class Rest(Shape):
    """What a selection leaves out and a whole run would change."""

    leads: int
    """Leads."""
    stages: dict[str, int]
    """Stage after → leads whose stage would change."""
    owners: int
    """Leads whose owner would change."""
    fields: int
    """Leads on which fields for people would be written."""


class ConnectionPlan(Shape):
    """One connection's plan."""

    connection: str
    """Its name in crmsync.yaml."""
    as_of: Day
    """The day that was decided for, in the org's zone."""
    digest: str
    """Binds the changes: another plan has another digest."""
    bound_to: BoundTo | None
    """What it was made from."""
    undo_of: int | None
    """The run that it takes back; null = it is no undo."""
    guards: list[Reading]
    """Guards that were asked; of what was read, only the breached ones."""
    counts: Numbers
    """How many of what."""
    stages: dict[str, int]
    """Stage after → leads whose stage changes."""
    changes: list[Change]
    """Leads that change, by id."""
    owners: list[OwnerLeads]
    """Owners who gain or lose leads."""
    set_aside: list[Aside]
    """Leads that could not be handled."""
    notes: list[str]
    """What a reader should know, in sentences."""
    rest: Rest | None
    """What a selection leaves out; null = nothing was selected."""


class Stopped(Shape):
    """A connection whose run stopped."""

    connection: str | None
    """Its name in crmsync.yaml; null where the command did not begin, as of a file that is wrong."""
    exit_code: int
    """What this connection alone would end with."""
    error: str
    """The kind of error, as in the table of errors."""
    message: str
    """What happened."""
    hint: str | None
    """What to do."""
    findings: list[Finding]
    """What is wrong in files, each with its place; empty where no file is."""


class Plans(Shape):
    """The plan of each connection, and what became of it.

    A dry run's answer in a file is what `crmsync apply` takes. A run that stopped midway still tells its plan, beside
    the error.
    """

    format: Format
    dry_run: bool
    """Whether nothing was to be written."""
    as_of: Day
    """The day that was asked for."""
    plans: list[ConnectionPlan]
    """One for each connection that came so far."""
    errors: list[Stopped]
    """Connections whose run stopped."""
    seal: str
    """A fingerprint of all the rest: `apply` refuses a plan that was changed by hand."""
