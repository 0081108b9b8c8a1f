"""When connections run, and the service that runs them."""

from crmsync.schedule.service import LOOK_SECONDS, Job, Jobs, Scheduled, serve
from crmsync.schedule.timing import Tick, Timing, first_due

__all__ = ["LOOK_SECONDS", "Job", "Jobs", "Scheduled", "Tick", "Timing", "first_due", "serve"]
