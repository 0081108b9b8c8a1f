"""How the service can be looked at from outside: health, readiness and metrics."""

from crmsync.watch.counted import Counted
from crmsync.watch.heartbeat import Heartbeat
from crmsync.watch.listener import Listener
from crmsync.watch.server import listening
from crmsync.watch.standing import StandingGauges

__all__ = ["Counted", "Heartbeat", "Listener", "StandingGauges", "listening"]
