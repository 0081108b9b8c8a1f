"""For every test: how Hypothesis draws, what a run says of its times, that no day ends in the middle of one."""

import os
import time

os.environ["TZ"] = "UTC"  # what is shown to people stands in the machine's zone
time.tzset()

pytest_plugins = (
    "suite.garbage",
    "suite.examples",
    "suite.kinds",
    "suite.midnight",
    "suite.postgresql",
    "suite.workers",
)
