"""When connections run, and the service that runs them."""

from crmsync.schedule.on_call import OnCall, Work
from crmsync.schedule.service import LOOK_SECONDS, Job, Jobs, Scheduled, beginning, serve
from crmsync.schedule.timing import Tick, Timing, first_due

__all__ = [
    "LOOK_SECONDS",
    "Job",
    "Jobs",
    "OnCall",
    "Scheduled",
    "Tick",
    "Timing",
    "Work",
    "beginning",
    "first_due",
    "serve",
]
