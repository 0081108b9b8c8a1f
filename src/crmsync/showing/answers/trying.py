"""`simulate`, `test`: policies that are tried, writing nothing."""

from __future__ import annotations

from crmsync.showing.answers.shape import Counts, Day, Format, Shape


class Wording(Shape):
    """Which policy is meant."""

    name: str
    """Its name."""
    digest: str
    """Tells one wording from another."""


class Moved(Shape):
    """Leads by the direction of their move."""

    up: int
    """To a higher stage."""
    down: int
    """To a lower stage."""
    beside: int
    """To, or from, a stage beside the ladder."""


class Cell(Shape):
    """Leads that stand at one stage under one policy and at another under the other."""

    before: str | None
    """Under the policy compared with; null = not managed."""
    after: str | None
    """Under the policy that is tried."""
    direction: str
    """`up`, `down`, `beside`, `same`."""
    leads: int
    """How many."""


class OwnerLoad(Shape):
    """One owner's leads."""

    owner: str | None
    """The CRM's id; null = nobody."""
    now: int
    """As the CRM holds them."""
    before: int
    """Once the policy compared with were carried out."""
    after: int
    """Once the policy that is tried were carried out."""


class FactPart(Shape):
    """The leads with one value of a fact."""

    value: str | None
    """The value; null = not known."""
    leads: int
    """How many."""
    up: int
    """Those that go up."""
    down: int
    """Those that go down."""
    stages: dict[str, Counts]
    """Stage → leads."""


class ScoreMove(Shape):
    """The low end of a score, thousandths of a point."""

    before: int | None
    """Under the policy compared with; null = it has no such score."""
    after: int | None
    """Under the policy that is tried."""


class Mover(Shape):
    """A lead that would stand elsewhere, or get another owner."""

    lead: str
    """The CRM's id of the lead."""
    before: str | None
    """The stage under the policy compared with."""
    after: str | None
    """The stage under the policy that is tried."""
    direction: str
    """`up`, `down`, `beside`, `same`."""
    owner_before: str | None
    """The CRM's id of the owner under the one."""
    owner_after: str | None
    """The CRM's id of the owner under the other."""
    scores: dict[str, ScoreMove]
    """Score → low ends."""
    reasons_before: list[str]
    """Why, under the one."""
    reasons: list[str]
    """Why, under the other."""
    url: str | None
    """The record's page in the CRM; null = not known."""


class Simulation(Shape):
    """Two policies on one connection's stored leads."""

    connection: str
    """Its name in crmsync.yaml."""
    as_of: Day
    """The day that was decided for."""
    policy: Wording
    """The policy that is tried."""
    against: Wording
    """The policy compared with."""
    leads: int
    """Leads decided."""
    moved: Moved
    """Leads by the direction of their move."""
    matrix: list[Cell]
    """Leads by stage before and after, most first."""
    stages: dict[str, Counts]
    """Stage → leads."""
    owners: list[OwnerLoad]
    """Every owner's leads."""
    hand_offs: Counts
    """Hand-offs."""
    set_aside: Counts
    """Leads that could not be handled."""
    by: dict[str, list[FactPart]]
    """Fact of `--by` → its values."""
    movers: list[Mover]
    """Every lead that would stand elsewhere."""


class Unread(Shape):
    """A connection that there is nothing to simulate on."""

    connection: str
    """Its name in crmsync.yaml."""
    message: str
    """Why."""
    hint: str | None
    """What to do."""


class Simulations(Shape):
    """Another policy on the stored leads."""

    format: Format
    simulations: list[Simulation]
    """One for each connection that was read."""
    unread: list[Unread]
    """Connections of which nothing is stored yet."""


class Mismatch(Shape):
    """Something that did not come out as expected."""

    what: str
    """What."""
    expected: str
    """What the example says."""
    actual: str
    """What came out."""
    why: str
    """Why it came out so."""


class CaseResult(Shape):
    """One example against one policy."""

    file: str
    """The example's file."""
    line: int
    """Its line."""
    name: str
    """Its name."""
    policy: str
    """The policy."""
    as_of: Day
    """The day that was decided for."""
    passed: bool
    """Whether all came out as expected."""
    failures: list[Mismatch]
    """What did not."""


class Cases(Shape):
    """Examples, and whether they came out as expected. The exit code is 4 where one did not."""

    format: Format
    cases: int
    """Examples decided."""
    passed: int
    """Those that came out as expected."""
    failed: int
    """Those that did not."""
    skipped: int
    """Those that are for other policies."""
    results: list[CaseResult]
    """Every example."""
