"""Whom the service tells what needs a person: by webhook, as Slack takes it, by e-mail."""

from crmsync.alerts.lookout import Lookout
from crmsync.alerts.telling import Telling, tell_due
from crmsync.alerts.trial import Tried, try_channels

__all__ = ["Lookout", "Telling", "Tried", "tell_due", "try_channels"]
