"""For every test: how Hypothesis draws, what a run says of its times, that no day ends in the middle of one."""

import os
import time

os.environ["TZ"] = "UTC"  # what is shown to people stands in the machine's zone
time.tzset()
# The workers have the cores: further threads of polars would wait for each other, at each of a run's 300 frames.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

pytest_plugins = (
    "suite.garbage",
    "suite.examples",
    "suite.kinds",
    "suite.midnight",
    "suite.postgresql",
    "suite.workers",
)
