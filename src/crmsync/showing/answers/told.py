"""`alerts`: what needs a person, and who is told."""

from __future__ import annotations

from typing import Literal

from crmsync.settings import NeedKind
from crmsync.showing.answers.shape import Format, Instant, Shape

By = Literal["webhook", "slack", "email"]


class Need(Shape):
    """Something that needs a person."""

    kind: NeedKind
    """What it is."""
    number: int
    """How many, as the kind counts them."""
    command: str
    """The command to look with."""


class Alert(Need):
    """Something that needs a person, and who was told."""

    connection: str
    """Its name in crmsync.yaml."""
    words: str
    """What it is, in detail."""
    since: Instant | None
    """When `serve` found it; null = it has not."""
    told: dict[str, Instant]
    """Channel → when it was told last."""


class AlertChannel(Shape):
    """A channel that is told what needs a person."""

    channel: str
    """Its name in crmsync.yaml."""
    by: By
    """Which way it is told."""
    trouble: str | None
    """Why nothing can be told there, or why the last message was not taken; null = all is well."""
    failures: int
    """Messages in a row that were not taken."""
    failing_since: Instant | None
    """When the first of them was not."""
    next_try_at: Instant | None
    """When it is tried again."""


class Alerts(Shape):
    """What needs a person now, and the channels that are told."""

    format: Format
    alerts: list[Alert]
    """The most urgent of a connection first."""
    channels: list[AlertChannel]
    """Every channel of crmsync.yaml."""


class SentMessage(Shape):
    """A message to a channel."""

    channel: str
    """Its name in crmsync.yaml."""
    alerts: int
    """How many things it told."""
    taken: bool
    """Whether the message was taken."""
    trouble: str | None
    """Why not, or not by all; null = it was."""


class Sent(Shape):
    """What channels were told."""

    format: Format
    sent: list[SentMessage]
    """A message for each channel that did not know everything yet."""


class TriedChannel(Shape):
    """What came of a message of no consequence."""

    channel: str
    """Its name in crmsync.yaml."""
    by: By
    """Which way it was told."""
    taken: bool
    """Whether the message was taken."""
    trouble: str | None
    """Why not, or not by all; null = it was."""


class Tried(Shape):
    """What channels made of a message of no consequence."""

    format: Format
    channels: list[TriedChannel]
    """One for each."""
