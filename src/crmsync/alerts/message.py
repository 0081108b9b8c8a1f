"""What a channel is told, from what is due: sentences for people, JSON for programs. Pure; nothing personal in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crmsync.settings import NEEDS
from crmsync.store import DueAlert
from crmsync.tongue import Tongue


@dataclass(frozen=True, slots=True)
class Message:
    """One for all that is due. `lines`: (sentence, command to look with; null = none)."""

    subject: str
    lines: tuple[tuple[str, str | None], ...]
    events: tuple[Mapping[str, Any], ...]
    at: datetime

    @property
    def text(self) -> str:
        """Plain, a line each."""
        return "\n".join(f"{words} → {command}" if command else words for words, command in self.lines)

    def to_json(self) -> dict[str, Any]:
        """As webhooks get it. The same event told again has the same `key`."""
        return {
            "format": 1,
            "source": "crmsync",
            "at": self.at.isoformat(timespec="seconds"),
            "subject": self.subject,
            "text": self.text,
            "alerts": [dict(event) for event in self.events],
        }


def message_of(due: Sequence[DueAlert], tongue: Tongue, now: datetime) -> Message:
    """What is there now comes before what is over."""
    ordered = sorted(due, key=lambda each: each.state == "over")
    return Message(
        _subject(due, tongue), tuple(_line(each, tongue) for each in ordered), tuple(map(_event, ordered)), now
    )


def trial_message(channel: str, tongue: Tongue, now: datetime) -> Message:
    """For `crmsync alerts test`: shaped like any other, about nothing."""
    words = tongue.say("this is a test of the channel {channel}: nothing is wrong", channel=channel)
    event = {"key": f"test/{now.isoformat(timespec='seconds')}", "state": "test"}
    return Message(f"crmsync: {tongue.say('test')}", ((words, None),), (event,), now)


def _subject(due: Sequence[DueAlert], tongue: Tongue) -> str:
    there = sum(each.state != "over" for each in due)
    if not there:
        over = tongue.say_many("{number} thing is over", "{number} things are over", len(due))
        return f"crmsync: {over}"
    told = tongue.say_many("{number} thing needs a person", "{number} things need a person", there)
    names = ", ".join(sorted({each.alert.connection for each in due if each.state != "over"}))
    return f"crmsync: {told} ({names})"


def _line(due: DueAlert, tongue: Tongue) -> tuple[str, str | None]:
    alert = due.alert
    words = _words(due, tongue)
    if due.state == "over":
        return f"{alert.connection}: {tongue.say('over: {words}', words=words)}", None
    if due.state == "again":
        since = f"{tongue.moment(alert.since)} UTC"
        told = tongue.say("{words} (since {since})", words=words, since=since)
        return f"{alert.connection}: {told}", alert.command
    return f"{alert.connection}: {words}", alert.command


def _words(due: DueAlert, tongue: Tongue) -> str:
    """Those of its kind; a store that a later version has written to may hold others, which are named."""
    told = (each.said(tongue, due.alert.number) for kind, each in NEEDS.items() if kind == due.alert.kind)
    return next(told, due.alert.kind)


def _event(due: DueAlert) -> dict[str, Any]:
    alert, since = due.alert, due.alert.since.isoformat(timespec="seconds")
    return {
        "key": f"{alert.connection}/{alert.kind}/{since}",
        "connection": alert.connection,
        "kind": alert.kind,
        "state": due.state,
        "number": alert.number,
        "command": alert.command,
        "since": since,
    }
