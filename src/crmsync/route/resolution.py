"""From roster people to the users of one CRM: who is who, who is active, who cannot be chosen and why."""

from __future__ import annotations

import difflib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import lcm
from types import MappingProxyType

import polars as pl

from crmsync.configuration import Document, Path, did_you_mean
from crmsync.contract import CrmUser
from crmsync.errors import Finding
from crmsync.route.calendar import Stretch
from crmsync.route.defaults import default_pools, hand_off_rules, new_lead_rules
from crmsync.route.fair import Shares
from crmsync.route.roster_file import Absence, Person, Roster, User


@dataclass(frozen=True, slots=True)
class Member:
    """A roster person in this CRM. `user`: native id. `away`: all absences, those of calendars too."""

    key: str
    user: str
    active: bool
    person: Person
    away: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A roster person who takes no lead on this connection. `person` counts from 1; `user` null = not found."""

    person: int
    user: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """The roster as one CRM knows it.

    `members`: everybody found, inactive ones too, in roster order. `pools`: their members likewise. `queues`:
    native id by the queue as written. `findings`: what must be mended before anything is assigned.
    `skipped`: people who cannot be chosen here. `digest` changes with the roster and with users' active flags.
    """

    roster: Roster
    connection: str
    members: tuple[Member, ...]
    pools: Mapping[str, tuple[Member, ...]]
    by_user: Mapping[str, Member]
    queues: Mapping[str, str]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    digest: str

    def may_receive(self, member: Member) -> bool:
        """Whether this person may own handed-off leads: active in the CRM and a receiver by the roster."""
        return member.active and self.roster.receivers.fits(member.person)

    @property
    def receivers(self) -> frozenset[str]:
        """Native ids of everybody who may receive a hand-off, by roster and CRM (dates and loads aside)."""
        return frozenset(member.user for member in self.members if self.may_receive(member))

    @property
    def needs_receivers(self) -> bool:
        """Whether hand-offs depend on people: false when all hand-off rules are queues or keep the owner."""
        return any(rule.strategy not in ("queue", "keep_owner") for rule in hand_off_rules(self.roster))

    def role_of(self, user: str | None) -> str | None:
        """The (first) role of this native user id; null when not in the roster."""
        member = self.by_user.get(user) if user else None
        roles = member.person.all_roles if member else ()
        return roles[0] if roles else None

    def roles(self) -> pl.DataFrame:
        """Columns `by` (native user id) and `by_role` (first role), to join to activities."""
        rows = [(member.user, self.role_of(member.user)) for member in self.members]
        return pl.DataFrame(rows, schema={"by": pl.String(), "by_role": pl.String()}, orient="row")


def resolve(
    roster: Roster,
    users: Sequence[CrmUser],
    connection: str,
    document: Document | None = None,
    calendars: Mapping[str, Sequence[Absence]] = MappingProxyType({}),
) -> Resolved:
    """Find the roster's people among the CRM's users. With `document`, findings have their place in the file.

    A person written per connection who is not written for this one is skipped. An e-mail is compared without
    case; where several users have it, the only active one counts. `calendars`: absences by the name that `calendar`
    gives in the roster; a name that is not there is a finding.
    """

    def finding(path: Path, message: str, hint: str | None) -> Finding:
        if document is None:
            return Finding("roster.yaml", 0, 0, message, hint)
        return document.finding(path, message, hint)

    directory = _Directory(users)
    members: list[Member] = []
    skipped: list[Skipped] = []
    findings: list[Finding] = []
    owners: dict[str, int] = {}
    for index, person in enumerate(roster.people):
        written = _here(person.user, connection)
        if written is None:
            skipped.append(Skipped(index + 1, None, f"has no user on {connection}"))
            continue
        path: Path = ("people", index, "user")
        found = directory.person(written)
        if isinstance(found, str):
            findings.append(finding(path, f"{_shown(written)} {found} of {connection}", directory.hint(written)))
            continue
        first = owners.setdefault(found.id, index)
        if first != index:
            words = f"{_shown(written)} is the same user of {connection} as person {first + 1}"
            findings.append(finding(path, words, "keep one of the two"))
            continue
        if not found.active:
            skipped.append(Skipped(index + 1, found.id, "inactive in the CRM"))
        if person.calendar and person.calendar not in calendars:
            words = f"the calendar `{person.calendar}` was not read"
            findings.append(finding(("people", index, "calendar"), words, "write the absences into the roster"))
        more = tuple(absence.stretch(person.zone) for absence in calendars.get(person.calendar or "", ()))
        members.append(Member(person.person_key, found.id, found.active, person, person.away + more))
    queues = _queues(roster, directory, connection, findings, finding)
    pools = {
        name: tuple(member for member in members if match.fits(member.person))
        for name, match in default_pools(roster).items()
    }
    return Resolved(
        roster=roster,
        connection=connection,
        members=tuple(members),
        pools=pools,
        by_user={member.user: member for member in members},
        queues=queues,
        findings=tuple(findings),
        skipped=tuple(skipped),
        digest=_digest(roster, members, queues),
    )


def whole_weights(members: Sequence[Member]) -> Shares:
    """The members' weights as whole numbers in the same proportion, in roster order."""
    weights = [member.person.weight.as_integer_ratio() for member in members]
    common = lcm(*(denominator for _, denominator in weights))
    return [
        (member.key, numerator * (common // denominator))
        for member, (numerator, denominator) in zip(members, weights, strict=True)
    ]


def queue_key(queue: User) -> str:
    """One text for a queue as written, to look it up in `Resolved.queues`."""
    return queue if isinstance(queue, str) else json.dumps(queue, sort_keys=True)


def _shown(written: str) -> str:
    """A user as written, for messages: an e-mail address stays out of them, as they may come into a log."""
    return "this e-mail address" if "@" in written else f"`{written}`"


def _here(user: User, connection: str) -> str | None:
    return user if isinstance(user, str) else user.get(connection)


def _queues(
    roster: Roster,
    directory: _Directory,
    connection: str,
    findings: list[Finding],
    finding: Callable[[Path, str, str | None], Finding],
) -> dict[str, str]:
    wanted: list[tuple[Path, User]] = [
        (("rules", kind, index, "queue"), rule.queue)
        for kind, rules in (("hand_off", hand_off_rules(roster)), ("new_lead", new_lead_rules(roster)))
        for index, rule in enumerate(rules)
        if rule.queue is not None
    ]
    if roster.rules.otherwise is not None:
        wanted.append((("rules", "otherwise", "queue"), roster.rules.otherwise.queue))
    queues: dict[str, str] = {}
    for path, queue in wanted:
        written = _here(queue, connection)
        if written is None:
            continue
        found = directory.queue(written)
        if found is None:
            words = f"{connection} has no active queue `{written}`"
            findings.append(finding(path, words, did_you_mean(written, directory.queue_names)))
        else:
            queues[queue_key(queue)] = found
    return queues


class _Directory:
    """The CRM's users by id, e-mail and (queues) name."""

    def __init__(self, users: Sequence[CrmUser]) -> None:
        self._people = [user for user in users if user.kind == "person"]
        self._queues = [user for user in users if user.kind == "queue" and user.active]
        self._by_id = {user.id: user for user in self._people}
        self._by_email: dict[str, list[CrmUser]] = defaultdict(list)
        for user in self._people:
            if user.email:
                self._by_email[user.email.lower()].append(user)

    @property
    def queue_names(self) -> set[str]:
        return {queue.name for queue in self._queues}

    def person(self, written: str) -> CrmUser | str:
        """The user, or words that say what is wrong."""
        if written in self._by_id:
            return self._by_id[written]
        found = self._by_email.get(written.lower(), [])
        active = [user for user in found if user.active]
        if len(active) > 1 or (not active and len(found) > 1):
            return "is the e-mail of several users"
        if not found:
            return "is no user"
        return (active or found)[0]

    def hint(self, written: str) -> str | None:
        if self._by_email.get(written.lower()):
            return "write the user's id instead of the e-mail"
        close = difflib.get_close_matches(written.lower(), self._by_email, n=1)
        if close:
            return f"did you mean the user with the id {self._by_email[close[0]][0].id}?"
        return "write the e-mail or the id of a user of this CRM"

    def queue(self, written: str) -> str | None:
        found = [queue.id for queue in self._queues if written in (queue.id, queue.name)]
        return found[0] if len(found) == 1 else None


def _digest(roster: Roster, members: Sequence[Member], queues: Mapping[str, str]) -> str:
    state = [
        roster.model_dump(mode="json", by_alias=True),
        [[member.user, member.active, [list(map(str, stretch)) for stretch in member.away]] for member in members],
        sorted(queues.items()),
    ]
    return sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()
