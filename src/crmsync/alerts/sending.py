"""One message to one channel, by whatever way that goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crmsync.alerts.mail import post_mail
from crmsync.alerts.message import Message
from crmsync.alerts.taking import LONGEST_SECONDS, within
from crmsync.alerts.web import post_slack, post_webhook
from crmsync.settings import Channel

_WAYS: Mapping[str, Callable[[Channel, Message], str | None]] = {
    "webhook": post_webhook,
    "slack": post_slack,
    "email": post_mail,
}


def send(channel: Channel, message: Message) -> str | None:
    """Give the message to the channel; gives what is to be seen to all the same. Raises `NotTaken`."""
    way = _WAYS[channel.settings.by]
    return within(LONGEST_SECONDS, lambda: way(channel, message), name=f"alert to {channel.name}")
