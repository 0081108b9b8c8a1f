"""Whom a plan passes over: what holds for a person all the time once per pool, the rest at the lead it is told of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from crmsync.languages.known import LANGUAGES
from crmsync.languages.tongues import catalogue_of
from crmsync.model import Routing
from crmsync.operations.run.every_connection import ConnectionReport
from crmsync.route.at_work.availability import LASTING
from crmsync.route.placing.desk import NOT_THEIR_TURN
from crmsync.route.roster.defaults import DIRECT
from crmsync.showing.foreign_text import MOST_OF_A_NAME, one_line

MOST_OF_A_POOL = 10
MOST_AT_A_LEAD = 3


def passed_over_lines(report: ConnectionReport) -> Iterator[str]:
    """One plain line for each pool: who took no lead of it, whatever the lead, and why."""
    pools: dict[str | None, dict[tuple[str, str], None]] = {}
    for change in report.plan.changes:
        if change.routing is not None:
            held = (each for each in change.routing.passed_over if _says(each[1], LASTING))
            pools.setdefault(change.routing.pool, {}).update(dict.fromkeys(held))
    for pool, people in sorted(pools.items(), key=lambda each: each[0] or ""):
        if people:
            where = {None: "", DIRECT: " outside any rotation"}.get(pool, f" in pool {pool}")
            yield f"Passed over{where}: {_people(sorted(people), report, MOST_OF_A_POOL)}"


def passed_over_here(routing: Routing, report: ConnectionReport) -> str:
    """Who was passed over for a reason of this lead's own; turns and what always holds stand above the leads."""
    told = [each for each in routing.passed_over if not _says(each[1], (*LASTING, NOT_THEIR_TURN))]
    return f"passed over: {_people(told, report, MOST_AT_A_LEAD)}" if told else ""


def _people(people: list[tuple[str, str]], report: ConnectionReport, most: int) -> str:
    named = ((report.user_names.get(user, user), why) for user, why in people[:most])
    shown = ", ".join(f"{one_line(name, most=MOST_OF_A_NAME)} ({why})" for name, why in named)
    return shown + (f", and {len(people) - most} more" if len(people) > most else "")


def _says(words: str, messages: tuple[str, ...]) -> bool:
    """Whether the words are one of these messages with its values, in whatever language the plan was made.

    English first: what is said in it needs no catalogue, and those of all languages take 60 ms to read.
    """
    return any(_said(message, abroad).fullmatch(words) for abroad in (False, True) for message in messages)


@cache
def _said(message: str, abroad: bool) -> re.Pattern[str]:
    """What matches the message with its values: in English, or in all other languages."""
    texts = {catalogue_of(code).gettext(message) for code in LANGUAGES if code != "en"} if abroad else {message}
    return re.compile("|".join(re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)) for text in sorted(texts)))
