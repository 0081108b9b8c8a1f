"""The policy's hand-overs as one CRM knows them: roles and queues as native ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from crmsync.configuration import Document, did_you_mean
from crmsync.errors import Finding
from crmsync.qualify.language.clocks import Target
from crmsync.qualify.language.hand_overs import FromThese, HandOver
from crmsync.qualify.language.policy import Policy
from crmsync.route.placing.hand_overs import ResolvedHandOver
from crmsync.route.roster.resolved import ResolvedRoster

FindQueue = Callable[[str], str | None]
"""Name or id of a queue, as written → its native id; null = there is none."""


def resolved_hand_overs(
    policy: Policy, roster: ResolvedRoster, connection: str, queue: FindQueue
) -> tuple[ResolvedHandOver, ...]:
    """In the policy's order. What cannot be found is nobody's (`origin_findings` tells it)."""
    return tuple(_resolved(each, policy, roster, connection, queue) for each in policy.every_hand_over)


def _resolved(
    hand_over: HandOver, policy: Policy, roster: ResolvedRoster, connection: str, queue: FindQueue
) -> ResolvedHandOver:
    origins = hand_over.from_ or ("anybody",)
    these = [each for each in origins if isinstance(each, FromThese)]
    queues = (queue(written) for each in these if (written := written_for(each, connection)) is not None)
    roles = {each.role for each in these if each.role is not None}
    return ResolvedHandOver(
        name=hand_over.name,
        stages=policy.stages_of(hand_over),
        when=hand_over.when,
        reasons=hand_over.leaving if isinstance(hand_over.leaving, tuple) else None,
        anybody="anybody" in origins,
        nobody="nobody" in origins,
        queues=frozenset(found for found in queues if found is not None),
        any_queue=roster.every_queue if "queue" in origins else frozenset(),
        timeouts=frozenset(
            found for _, target in hand_over.targets if (found := queue_of(target, connection, queue)) is not None
        ),
        people=frozenset(each.user for each in roster.members if roles & set(each.person.all_roles)),
    )


def queue_of(target: Target, connection: str, queue: FindQueue) -> str | None:
    """The queue of a timeout here; null = it names none, or none that is found."""
    written = written_for(target, connection)
    return None if written is None else queue(written)


def written_for(these: FromThese | Target, connection: str) -> str | None:
    """The queue as written for this connection; null = none is."""
    return these.queue.get(connection) if isinstance(these.queue, dict) else these.queue


def origin_findings(
    policy: Policy, roster: ResolvedRoster, connection: str, queue: FindQueue, document: Document
) -> Iterator[Finding]:
    """Queues that the CRM does not have, and roles that nobody has: from there no lead would ever come."""
    for index, hand_over in enumerate(policy.hand_overs):
        for number, each in enumerate(hand_over.from_ or ()):
            if not isinstance(each, FromThese):
                continue
            place = ("hand_overs", index, "from", number)
            written = written_for(each, connection)
            if written is not None and queue(written) is None:
                words = f"{connection} has no active queue `{written}`"
                yield document.finding((*place, "queue"), words, did_you_mean(written, roster.queue_names))
            if each.role is not None and each.role not in roster.all_roles:
                words = f"nobody in the roster has the role `{each.role}`"
                yield document.finding((*place, "role"), words, did_you_mean(each.role, roster.all_roles))


def target_findings(
    policy: Policy, roster: ResolvedRoster, connection: str, queue: FindQueue, document: Document
) -> Iterator[Finding]:
    """Pools and queues of timeouts that are not there, or whose people would not keep the lead."""
    for index, hand_over in enumerate(policy.every_hand_over):
        part = ("hand_off",) if hand_over.key is None else ("hand_overs", index)
        for place, target in hand_over.targets:
            if target.pool is not None:
                yield from _of_pool((*part, *place, "pool"), target.pool, hand_over, roster, document)
                continue
            written = written_for(target, connection)
            if written is None:
                words = f"no queue is named for {connection}"
                yield document.finding((*part, *place, "queue"), words, f"write it under `{connection}`")
            elif queue(written) is None:
                words = f"{connection} has no active queue `{written}`"
                yield document.finding((*part, *place, "queue"), words, did_you_mean(written, roster.queue_names))


def _of_pool(
    place: tuple[str | int, ...], pool: str, hand_over: HandOver, roster: ResolvedRoster, document: Document
) -> Iterator[Finding]:
    if pool not in roster.pools:
        words = f"the roster has no pool `{pool}`"
        yield document.finding(place, words, did_you_mean(pool, roster.pools))
        return
    strangers = [each for each in roster.pools[pool] if each.active and not roster.may_receive(each, hand_over.name)]
    if not any(each.active for each in roster.pools[pool]):
        yield document.finding(place, f"nobody in the pool `{pool}` can take a lead", "put active people in it")
    elif strangers:
        words = f"{len(strangers)} of the pool `{pool}` may not own leads of `{hand_over.name}`"
        named = "receivers" if hand_over.key is None else f"receivers: {{{hand_over.name}: …}}"
        yield document.finding(place, words, f"count them in under `{named}` of the roster")
