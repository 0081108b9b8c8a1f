"""What the service is told from outside: webhooks, change streams and signed touches, believed or refused,
and kept to be read."""

from crmsync.hooks.desk import HooksDesk, Refusal
from crmsync.hooks.following import Followers
from crmsync.hooks.intake import Intake
from crmsync.hooks.listener import HooksListener
from crmsync.hooks.touching import Touched, touch

__all__ = ["Followers", "HooksDesk", "HooksListener", "Intake", "Refusal", "Touched", "touch"]
