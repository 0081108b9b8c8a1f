"""Whom the service tells what needs a person: by webhook, as Slack takes it, by e-mail."""

from crmsync.alerts.lookout import Lookout
from crmsync.alerts.telling import ChannelMessage, tell_due
from crmsync.alerts.trial import ChannelTried, try_channels

__all__ = ["ChannelMessage", "ChannelTried", "Lookout", "tell_due", "try_channels"]
