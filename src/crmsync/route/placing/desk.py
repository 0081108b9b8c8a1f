"""The desk at which one assignment's leads are placed: it knows the roster at this instant and keeps the counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from crmsync.route.at_work.availability import Availability
from crmsync.route.choosing.strategy import (
    AccountOwner,
    Lead,
    PassedOver,
    Placement,
    PoolsTurn,
    nobody,
    nobody_free,
)
from crmsync.route.people.member import Member, whole_weights
from crmsync.route.people.shape import User
from crmsync.route.placing.accounts import Accounts
from crmsync.route.placing.claims import Claims
from crmsync.route.roster.defaults import DIRECT, between
from crmsync.route.roster.resolved import ResolvedRoster, queue_key
from crmsync.route.rotation.counters import Ledger
from crmsync.route.rotation.fair import Rotation, Shares
from crmsync.route.rotation.rejoin import take
from crmsync.tongue import ENGLISH, Tongue, to_say
from crmsync.values import replace

NOT_THEIR_TURN = to_say("not their turn: {turns} of a share of {share}")
NOT_THEIR_POOLS_TURN = to_say("not the turn of pool {pool}: {turns} of a share of {share}")


class RoutingDesk:
    """All that can be asked and done. `open_leads`: by native user id, moved along as leads are placed. `as_of`: the
    day from which ages are counted.
    """

    def __init__(
        self,
        resolved: ResolvedRoster,
        availability: Availability,
        ledger: Ledger,
        accounts: Accounts,
        open_leads: Mapping[str, int],
        claims: Claims,
        receivers: Mapping[str, frozenset[str]],
        tongue: Tongue = ENGLISH,
        as_of: date = date.min,
    ) -> None:
        """`receivers`: name of a hand-over → native users who receive leads of it or of a later one."""
        self.tongue = tongue
        self.as_of = as_of
        self._resolved = resolved
        self._availability = availability
        self._ledger = ledger
        self._accounts = accounts
        self._claims = claims
        self._receivers = receivers
        self._open = dict(open_leads)
        self._weights = dict(whole_weights(resolved.members))
        self._by_key = {member.key: member for member in resolved.members}
        self._left_out: Mapping[str, str] = {}

    def pool(self, name: str) -> tuple[Member, ...]:
        """The pool's people in roster order, inactive ones too."""
        return self._resolved.pools[name]

    def available(self, members: tuple[Member, ...]) -> tuple[list[Member], PassedOver]:
        """Those who can take a lead now, and why the others cannot."""
        free: list[Member] = []
        passed: list[tuple[str, str]] = []
        for member in members:
            obstacle = self.obstacle(member) or self._full(member)
            if obstacle:
                passed.append((member.user, obstacle))
            else:
                free.append(member)
        free, off = self._availability.at_work_first(free)
        return free, (*passed, *off)

    def obstacle(self, member: Member) -> str | None:
        """Why this person takes no lead today, whatever their load; null = they do."""
        return self._left_out.get(member.user) or self._availability.obstacle(member)

    @contextmanager
    def without(self, users: Mapping[str, str]) -> Iterator[None]:
        """For the lead placed meanwhile, these native users are passed over, for the reason given."""
        self._left_out = users
        try:
            yield
        finally:
            self._left_out = {}

    def gone(self, user: str) -> bool:
        """Whether this person of the roster takes no lead any more: inactive, leaving or past the last day."""
        member = self.member(user)
        return member is not None and self._availability.gone(member)

    def gives_up(self, member: Member) -> bool:
        """Whether this person does not keep the lead that is placed: gone, or had their turn with it."""
        return member.user in self._left_out or self._availability.gone(member)

    def _full(self, member: Member) -> str | None:
        return self._availability.full(member, self._ledger, self.open_leads(member))

    def member(self, user: str | None) -> Member | None:
        """The roster person behind a native user id."""
        return self._resolved.by_user.get(user) if user else None

    def person(self, key: str) -> Member | None:
        """The roster person with this key, if this CRM knows them."""
        return self._by_key.get(key.lower() if "@" in key else key)

    def may_own(self, member: Member, lead: Lead) -> bool:
        """Whether this person is the right kind of owner: who receives leads of the hand-over or a later one, anybody
        for new leads.
        """
        return lead.hand_over is None or member.user in self._receivers.get(lead.hand_over, frozenset())

    def account_owners(self, lead: Lead) -> tuple[AccountOwner, ...]:
        """Owners of the CRM's records of the same company, in the order of their claim."""
        return tuple(self._claims.of(lead))

    def known_owners(self, lead: Lead) -> tuple[AccountOwner, ...]:
        """Owners of other leads of the same person, then of the same company, the oldest lead's first."""
        return tuple(self._accounts.owners(lead))

    def open_leads(self, member: Member) -> int:
        """How many open leads the person has at this moment."""
        return self._open.get(member.user, 0)

    def room(self, member: Member) -> int | None:
        """How many more leads the person can take now; null = no limit."""
        capacity, today = member.person.capacity, self._availability.today[member.key]
        limits = (
            (capacity.per_day, self._ledger.on_day(member.key, today)),
            (capacity.per_week, self._ledger.in_week(member.key, today)),
            *((most, self._ledger.in_days(member.key, today, days)) for days, most in capacity.per_days.items()),
            (capacity.per_month, self._ledger.in_month(member.key, today)),
            (capacity.open_leads, self.open_leads(member)),
        )
        return min((limit - used for limit, used in limits if limit is not None), default=None)

    def to_queue(self, queue: User | None) -> Placement:
        """Put the lead into this queue (as written in the roster), or nobody where the connection has none."""
        native = None if queue is None else self._resolved.queues.get(queue_key(queue))
        if native is None:
            return nobody(self.tongue.say("this connection has no such queue"))
        return Placement(native, self.tongue.say("goes to queue {queue}", queue=native))

    def nobody_yet(self) -> Placement:
        """Leave the lead as it is, until somebody is to have it."""
        return replace(nobody(self.tongue.say("nobody has it yet, as the roster says")), waits=True)

    def take_turn(self, pool: str, members: tuple[Member, ...], words: str, passed: PassedOver = ()) -> Placement:
        """Give the pool's next turn to one of `members` who can take a lead, and count it; or nobody."""
        free, why = self.available(members)
        if not free:
            return nobody_free(pool, passed + why, self.tongue)
        rejoin = self._resolved.roster.rejoin
        away = () if rejoin == "no_catch_up" else filter(self._availability.is_absent, members)
        rotation = self._ledger.rotation(pool)
        fallen = {member.key: rotation.share_of(member.key) for member in free}
        key, shared = take(self._ledger, pool, self._shares(free), self._shares(away), rejoin)
        chosen = self._by_key[key]
        others = tuple(
            (each.user, self._not_yet(rotation.turns[each.key], rotation.share_of(each.key)))
            for each in free
            if each is not chosen
        )
        self._ledger.note(pool, key, self._availability.today[key])
        after = rotation.turns[key]
        return Placement(
            chosen.user,
            words if shared else self.tongue.say("makes up for an absence in pool {pool}", pool=pool),
            pool,
            after - 1,
            after,
            passed + why + others,
            share_before=fallen[key],
            share_after=rotation.share_of(key),
            sharing=len(free),
            shared=tuple((self._by_key[each].user, weight) for each, weight in shared),
        )

    def pools_turn(
        self, share: Mapping[str, int], members: tuple[Member, ...]
    ) -> tuple[PoolsTurn | None, PassedOver]:
        """The next turn among pools that share leads, of those with somebody who can take one, counted.

        And why people of the others do not get it. Null where nobody can.
        """
        free, passed = self.available(members)
        users = {name: {member.user for member in self.pool(name)} for name in share}
        there = [name for name in share if any(member.user in users[name] for member in free)]
        if not there:
            return None, passed
        name = between(share)
        rotation = self._ledger.rotation(name)
        fallen = {pool: rotation.share_of(pool) for pool in there}
        shares = [(pool, share[pool]) for pool in there]
        chosen = rotation.take(shares)
        after = rotation.turns[chosen]
        turn = PoolsTurn(chosen, name, after - 1, after, fallen[chosen], rotation.share_of(chosen), tuple(shares))
        others = [member for member in free if member.user not in users[chosen]]
        return turn, (*passed, *((member.user, self._pool_not_yet(member, share, rotation)) for member in others))

    def _pool_not_yet(self, member: Member, share: Mapping[str, int], rotation: Rotation) -> str:
        pool = next(name for name in share if member in self.pool(name))
        turns, fallen = rotation.turns.get(pool, 0), self.tongue.decimals(rotation.share_of(pool))
        return self.tongue.say(NOT_THEIR_POOLS_TURN, pool=pool, turns=turns, share=fallen)

    def _not_yet(self, turns: int, share: float) -> str:
        return self.tongue.say(NOT_THEIR_TURN, turns=turns, share=self.tongue.decimals(share))

    def _shares(self, members: Iterable[Member]) -> Shares:
        return [(member.key, self._weights[member.key]) for member in members]

    def give(self, member: Member, reason: str, passed: PassedOver = ()) -> Placement:
        """Give the lead to this person outside any rotation and count it for capacity."""
        rotation = self._ledger.rotation(DIRECT)
        rotation.join(member.key)
        rotation.turns[member.key] += 1
        self._ledger.note(DIRECT, member.key, self._availability.today[member.key])
        after = rotation.turns[member.key]
        return Placement(member.user, reason, DIRECT, after - 1, after, passed)

    def reuse(self, pool: str, owner: str, rotation: str | None = None) -> Placement:
        """A turn that an earlier run has counted: the same owner, nothing counted again.

        `rotation`: the one between pools in which the pool had a turn itself.
        """
        turns = self._ledger.turns(pool, self._resolved.by_user[owner].key)
        words = self.tongue.say("the turn an earlier run reserved for this lead")
        had = None if rotation is None else self._ledger.turns(rotation, pool)
        between_pools = None if rotation is None or had is None else PoolsTurn(pool, rotation, had, had)
        return Placement(owner, words, pool, turns, turns, between=between_pools)

    def moved(self, before: str | None, after: str) -> None:
        """Keep the numbers of open leads up to date."""
        if before is not None and before in self._open:
            self._open[before] -= 1
        self._open[after] = self._open.get(after, 0) + 1
